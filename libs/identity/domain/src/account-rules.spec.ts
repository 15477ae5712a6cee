import { describe, expect, it } from 'vitest';
import { checkAccount, checkPassword, isEmail } from './account-rules.ts';

const rule = {
  isCommon: (password: string) => password === '1234567890',
  fold: (text: string) => text.normalize('NFKC').toLowerCase(),
};
const account = {
  username: 'jon.doe@example.com',
  email: 'jon.doe@example.com',
  password: 'SuperPassword$$123',
};

describe('an account', () => {
  it('is accepted with a username and an e-mail address', () => {
    expect(checkAccount(account, rule)).toEqual({});
    expect(checkAccount({ username: 'a', email: 'a@b.ch', externalId: '0123456789' }, rule)).toEqual({});
  });

  it('reports every wrong field at once', () => {
    const problems = checkAccount({ username: '', email: 'nobody', password: 'short', externalId: '' }, rule);
    expect(Object.keys(problems).sort()).toEqual(['email', 'external_id', 'password', 'username']);
    expect(problems['username']).toEqual(['This field is required.']);
  });

  it.each([
    ['white space around it', ' jon'],
    ['a control character', 'jo\u0000n'],
    ['more than 254 characters', 'x'.repeat(255)],
  ])('refuses a username with %s', (_what, username) => {
    expect(checkAccount({ ...account, username }, rule)).toHaveProperty('username');
  });

  it('counts characters, not code units', () => {
    expect(checkAccount({ ...account, username: '🏃'.repeat(254) }, rule)).toEqual({});
  });
});

describe('a password', () => {
  it.each([
    ['nine characters', 'abcdefgh9', 'jon'],
    ['the username in another case', 'JON.DOE@example.com', 'jon.doe@Example.com'],
    ['one of the commonest', '1234567890', 'jon'],
    ['more characters than are worth hashing', 'x'.repeat(1001), 'jon'],
  ])('of %s is refused', (_what, password, username) => {
    expect(checkPassword(password, username, rule)).toHaveLength(1);
  });

  it('of ten uncommon characters is accepted', () => {
    expect(checkPassword('abcdefgh10', 'jon', rule)).toEqual([]);
  });
});

describe('an e-mail address', () => {
  it.each(['a@b.ch', 'jon.doe+club@sub.example.com', "o'neil@example.org", 'zoé@exämple.ch'])(
    'may be %s',
    (text) => {
      expect(isEmail(text)).toBe(true);
    },
  );

  it.each([
    '',
    'a',
    'a@',
    '@b.ch',
    'a@b',
    'a b@c.ch',
    'a@b..ch',
    'a@-b.ch',
    '.a@b.ch',
    'a..b@c.ch',
    'a@b@c.ch',
    `${'x'.repeat(65)}@b.ch`,
  ])('may not be “%s”', (text) => {
    expect(isEmail(text)).toBe(false);
  });
});
