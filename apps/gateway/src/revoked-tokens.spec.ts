import type { VerifiedToken } from '@touchline/rpc';
import { describe, expect, it } from 'vitest';
import { RevokedTokens } from './revoked-tokens.ts';

function revokedTokens(answers: ({ tokenIds: string[]; users: number[] } | Error)[]) {
  const warnings: string[] = [];
  const revoked = new RevokedTokens({
    identity: {
      async listRevocations() {
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (!answer || answer instanceof Error) throw answer;
        return { message: answer, written: [] } as never;
      },
    },
    everyMs: 3_600_000,
    logger: { warn: (_fields, message) => warnings.push(message) },
  });
  return { revoked, warnings };
}

function tokenOf(id: number, jti: string): VerifiedToken {
  return { caller: { kind: 'user', id, role: 'MANAGER' }, scope: 'all', jti, expiresAtMs: 0 };
}

describe('revoked tokens', () => {
  it('are single ones, and all of a user', async () => {
    const { revoked } = revokedTokens([{ tokenIds: ['a'], users: [7] }]);
    await revoked.refresh();
    expect(revoked.has(tokenOf(1, 'a'))).toBe(true);
    expect(revoked.has(tokenOf(7, 'b'))).toBe(true);
    expect(revoked.has(tokenOf(1, 'b'))).toBe(false);
    revoked.stop();
  });

  it('stay known while identity cannot be asked, which is said once', async () => {
    const out = new Error('out of reach');
    const { revoked, warnings } = revokedTokens([{ tokenIds: ['a'], users: [] }, out]);
    await revoked.refresh();
    await revoked.refresh();
    await revoked.refresh();
    expect(revoked.has(tokenOf(1, 'a'))).toBe(true);
    expect(warnings).toHaveLength(1);
    revoked.stop();
  });
});
