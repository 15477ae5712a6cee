import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generateDeploymentKeys } from './keys.ts';
import { serviceToken, TokenSigner, TokenVerifier, userTokenLifetimeS } from './tokens.ts';

const keys = generateDeploymentKeys();
const claims = { userId: 12, role: 'MANAGER', scope: 'read write', clientId: 'app' } as const;
const hourMs = 3_600_000;

function at(startMs: number) {
  const clock = { nowMs: startMs, now: () => clock.nowMs };
  return clock;
}

describe('deployment keys', () => {
  it('are whole, apart from each other, and their public set holds no private part', () => {
    const jwks = JSON.parse(keys.verifyKeys) as { keys: Record<string, string>[] };
    expect(jwks.keys.map((key) => key['touchline_tokens'])).toEqual(['user', 'service']);
    expect(keys.verifyKeys).not.toContain('"d"');
    expect(Buffer.from(keys.masterKey, 'base64')).toHaveLength(32);
    expect(Buffer.from(keys.nameSecret, 'base64')).toHaveLength(32);
    expect(generateDeploymentKeys().masterKey).not.toBe(keys.masterKey);
  });

  it('are named by their RFC 7638 thumbprint', () => {
    const { kid, x } = JSON.parse(keys.tokenKey) as { kid: string; x: string };
    const members = JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x });
    expect(kid).toBe(createHash('sha256').update(members).digest('base64url'));
  });
});

describe('user tokens', () => {
  it('tell who calls, for ten hours', async () => {
    const clock = at(1_700_000_000_000);
    const signed = await TokenSigner.fromPrivateJwk(keys.tokenKey, clock).signUser(claims);
    const verified = await TokenVerifier.fromJwks(keys.verifyKeys, clock).verify(signed.token);
    expect(verified).toEqual({
      caller: { kind: 'user', id: 12, role: 'MANAGER', clientId: 'app' },
      scope: 'read write',
      jti: signed.jti,
      expiresAtMs: 1_700_000_000_000 + 10 * hourMs,
    });
    expect(signed.expiresInS).toBe(userTokenLifetimeS);
  });

  it('tell the session that they descend from', async () => {
    const signer = TokenSigner.fromPrivateJwk(keys.tokenKey);
    const { token } = await signer.signUser({ ...claims, sessionId: 'sign-in-1' });
    const { caller } = await TokenVerifier.fromJwks(keys.verifyKeys).verify(token);
    expect(caller).toMatchObject({ id: 12, sessionId: 'sign-in-1' });
  });

  it('expire, also where they were verified before', async () => {
    const clock = at(1_700_000_000_000);
    const { token } = await TokenSigner.fromPrivateJwk(keys.tokenKey, clock).signUser(claims);
    const verifier = TokenVerifier.fromJwks(keys.verifyKeys, clock);
    clock.nowMs += 10 * hourMs - 1000;
    await expect(verifier.verify(token)).resolves.toMatchObject({ caller: { id: 12 } });
    clock.nowMs += 1000;
    await expect(verifier.verify(token)).rejects.toMatchObject({
      status: 'unauthenticated',
      code: 'token_expired',
    });
  });

  it('are refused when another deployment signed them, when changed, and when they are no tokens', async () => {
    const verifier = TokenVerifier.fromJwks(keys.verifyKeys);
    const foreign = await TokenSigner.fromPrivateJwk(generateDeploymentKeys().tokenKey).signUser(claims);
    const [header, , signature] = (
      await TokenSigner.fromPrivateJwk(keys.tokenKey).signUser(claims)
    ).token.split('.');
    const payload = Buffer.from(
      JSON.stringify({ sub: '1', role: 'ADMIN', exp: 9e9, jti: 'x', iss: 'touchline' }),
    );
    const changed = `${header}.${payload.toString('base64url')}.${signature}`;
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload.toString('base64url')}.`;
    for (const token of [foreign.token, changed, unsigned, '', 'no token', 'a.b.c']) {
      await expect(verifier.verify(token), token).rejects.toMatchObject({
        status: 'unauthenticated',
        code: 'token_invalid',
      });
    }
  });
});

describe('service tokens', () => {
  it('tell which service calls', async () => {
    const { token } = await TokenSigner.fromPrivateJwk(keys.serviceKey).signService('activity');
    const { caller } = await TokenVerifier.fromJwks(keys.verifyKeys).verify(token);
    expect(caller).toEqual({ kind: 'service', name: 'activity' });
  });

  it('cannot be made for users, nor user tokens for services', async () => {
    await expect(TokenSigner.fromPrivateJwk(keys.serviceKey).signUser(claims)).rejects.toThrow(
      'signs service tokens',
    );
    await expect(TokenSigner.fromPrivateJwk(keys.tokenKey).signService('x')).rejects.toThrow(
      'signs user tokens',
    );
  });

  it("are refused as users' tokens even when the service's key signed them", async () => {
    const forgery = keys.serviceKey.replace('"touchline_tokens":"service"', '"touchline_tokens":"user"');
    const { token } = await TokenSigner.fromPrivateJwk(forgery).signUser({ ...claims, role: 'ADMIN' });
    await expect(TokenVerifier.fromJwks(keys.verifyKeys).verify(token)).rejects.toMatchObject({
      code: 'token_invalid',
    });
  });

  it('are kept, and renewed well before they expire', async () => {
    const clock = at(1_700_000_000_000);
    const signer = TokenSigner.fromPrivateJwk(keys.serviceKey, clock);
    const verifier = TokenVerifier.fromJwks(keys.verifyKeys, clock);
    const source = serviceToken(signer, 'activity', clock);
    const first = await source();
    clock.nowMs += 7 * 60_000;
    expect(await source()).toBe(first);
    clock.nowMs += 60_001;
    const second = await source();
    expect(second).not.toBe(first);
    clock.nowMs += 7 * 60_000;
    await expect(verifier.verify(await source())).resolves.toMatchObject({ caller: { name: 'activity' } });
    clock.nowMs -= 24 * hourMs;
    await expect(verifier.verify(await source())).resolves.toMatchObject({ caller: { name: 'activity' } });
  });
});

describe('unusable keys', () => {
  it.each([
    ['{', 'The private key is not JSON.'],
    ['{"kty":"RSA"}', 'The private key is not an Ed25519 JSON Web Key'],
    ['{"kty":"OKP","crv":"Ed25519","x":"AA","d":"secret"}', 'has no "kid"'],
    ['{"kty":"OKP","crv":"Ed25519","x":"AA","d":"secret","kid":"k"}', 'has no "touchline_tokens"'],
    ['{"kty":"OKP","crv":"Ed25519","x":"AA","kid":"k","touchline_tokens":"user"}', 'is a public one'],
  ])('are refused with what is wrong and without their content: %s', (json, message) => {
    expect(() => TokenSigner.fromPrivateJwk(json)).toThrow(message);
    expect(() => TokenSigner.fromPrivateJwk(json)).not.toThrow('secret');
  });

  it('in a set are named by their place', () => {
    expect(() => TokenVerifier.fromJwks('{"keys":[{"kty":"RSA"}]}')).toThrow('Key 0 of the key set');
    expect(() => TokenVerifier.fromJwks('[]')).toThrow('The key set has no array "keys".');
  });
});
