import { describe, expect, it } from 'vitest';
import { loadCommonPasswords } from './common-passwords.ts';
import { generatePassword, hashPassword, verifyNobodysPassword, verifyPassword } from './passwords.ts';

describe('a password’s hash', () => {
  it('is argon2id in PHC string format, salted anew each time', async () => {
    const [one, other] = await Promise.all([
      hashPassword('SuperPassword$$123'),
      hashPassword('SuperPassword$$123'),
    ]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(other).not.toBe(one);
  });

  it('is met by the password and by no other', async () => {
    const hash = await hashPassword('SuperPassword$$123');
    expect(await verifyPassword('SuperPassword$$123', hash)).toBe(true);
    expect(await verifyPassword('superPassword$$123', hash)).toBe(false);
    expect(await verifyPassword('', hash)).toBe(false);
  });

  it('of the same signs typed on another keyboard is met', async () => {
    expect(await verifyPassword('cafe\u0301-cafe\u0301', await hashPassword('caf\u00e9-caf\u00e9'))).toBe(
      true,
    );
  });

  it('made elsewhere, with other parameters, is met', async () => {
    // A test vector of the reference implementation of argon2, whose salt is the text `somesalt`.
    const reference = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$';
    expect(await verifyPassword('password', `${reference}CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc`)).toBe(
      true,
    );
  });

  it('in another format is an error, not a refusal', async () => {
    await expect(verifyPassword('password', '$2b$10$abc')).rejects.toThrow(
      'not argon2id in PHC string format',
    );
  });

  it('of nobody is met by nothing', async () => {
    expect(await verifyNobodysPassword('SuperPassword$$123')).toBe(false);
  });
});

describe('a generated password', () => {
  it('is long and never the same', () => {
    expect(generatePassword()).toHaveLength(24);
    expect(generatePassword()).not.toBe(generatePassword());
  });
});

describe('common passwords', () => {
  it('are known in any case', async () => {
    const isCommon = await loadCommonPasswords();
    expect(isCommon('1234567890')).toBe(true);
    expect(isCommon('QWERTYUIOP')).toBe(true);
    expect(isCommon('SuperPassword$$123')).toBe(false);
  });
});
