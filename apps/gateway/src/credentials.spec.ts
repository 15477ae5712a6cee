import { generateDeploymentKeys, TokenSigner, TokenVerifier } from '@touchline/rpc';
import { describe, expect, it } from 'vitest';
import { authenticate } from './credentials.ts';

const keys = generateDeploymentKeys();
const verifier = TokenVerifier.fromJwks(keys.verifyKeys);
const user = await TokenSigner.fromPrivateJwk(keys.tokenKey).signUser({
  userId: 12,
  role: 'MANAGER',
  scope: 'all',
  clientId: 'c',
});
const service = await TokenSigner.fromPrivateJwk(keys.serviceKey).signService('activity');
const past = await TokenSigner.fromPrivateJwk(keys.tokenKey, { now: () => 0 }).signUser({
  userId: 12,
  role: 'MANAGER',
  scope: 'all',
  clientId: 'c',
});
const invalid = { status: 401, message: 'Invalid token.', headers: { 'WWW-Authenticate': 'Bearer' } };
const missing = { status: 401, message: 'Authentication credentials were not provided.' };

describe('credentials', () => {
  it('are an access token', async () => {
    expect(await authenticate(`bearer  ${user.token}`, 'user', verifier)).toEqual({
      caller: { kind: 'user', id: 12, role: 'MANAGER', clientId: 'c' },
      token: user.token,
    });
  });

  it.each([undefined, '', 'Bearer', 'Basic YTpi', user.token])('are missing in %j', async (authorization) => {
    await expect(authenticate(authorization, 'user', verifier)).rejects.toMatchObject(missing);
    expect(await authenticate(authorization, 'anyone', verifier)).toBeUndefined();
  });

  it('are refused when the token is revoked', async () => {
    const revoked = { has: ({ jti }: { jti: string }) => jti === user.jti };
    await expect(authenticate(`Bearer ${user.token}`, 'user', verifier, revoked)).rejects.toMatchObject(
      invalid,
    );
  });

  it.each([
    ['expired', past.token],
    ['of a service', service.token],
    ['of another server', 'e30.e30.c2ln'],
    ['changed', `${user.token}x`],
  ])('do not count when they are %s, not even where none are needed', async (_what, token) => {
    await expect(authenticate(`Bearer ${token}`, 'user', verifier)).rejects.toMatchObject(invalid);
    await expect(authenticate(`Bearer ${token}`, 'anyone', verifier)).rejects.toMatchObject(invalid);
    await expect(authenticate(`Bearer ${token}`, 'device', verifier)).rejects.toMatchObject(invalid);
  });

  it('may be an ingest token only where devices send', async () => {
    expect(await authenticate('Bearer tli_abc', 'device', verifier)).toEqual({
      caller: { kind: 'ingest-token', token: 'tli_abc' },
      token: 'tli_abc',
    });
    await expect(authenticate('Bearer tli_abc', 'user', verifier)).rejects.toMatchObject(invalid);
  });

  it("of an OAuth client are its handler's business, whatever comes with them", async () => {
    expect(await authenticate(`Bearer ${past.token}`, 'client', verifier)).toBeUndefined();
  });
});
