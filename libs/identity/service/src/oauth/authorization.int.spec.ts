import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { User } from '@touchline/identity-domain';
import { connectMongo } from '@touchline/read-models';
import { generateDeploymentKeys, RpcError, TokenSigner } from '@touchline/rpc';
import { type Engines, startEngines } from '@touchline/testing/engines';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashPassword } from '../passwords.ts';
import { AuthorizationCodes, isVerifierOf } from './authorization-codes.ts';
import { Authorization, type AuthorizationRequest } from './authorization.ts';
import { OAuthClients } from './clients.ts';
import { TokenIssuer } from './issue-token.ts';
import { RefreshTokens } from './refresh-tokens.ts';
import { Revocations } from './revocations.ts';
import { signIn } from './sign-in.ts';

const run = randomUUID().slice(0, 8);
const [club, plain, other] = ['club', 'plain', 'other'].map((name) => ({
  id: `${name}-${run}`,
  secret: randomBytes(20).toString('hex'),
})) as [Client, Client, Client];
interface Client {
  id: string;
  secret: string;
}
const back = 'https://club.example/back';
const verifier = randomBytes(32).toString('base64url');
const password = 'SuperPassword$$123';
const request: AuthorizationRequest = {
  clientId: club.id,
  redirectUri: back,
  responseType: 'code',
  scope: 'all',
  codeChallenge: createHash('sha256').update(verifier).digest('base64url'),
  codeChallengeMethod: 'S256',
};

let engines: Engines;
let mongo: ReturnType<typeof connectMongo>;
let authorization: Authorization;
let tokens: TokenIssuer;
let codes: AuthorizationCodes;
let revocations: Revocations;
let nowMs = Date.now();

beforeAll(async () => {
  engines = await startEngines();
  mongo = connectMongo(engines.mongodbUrl);
  const state = mongo.state('identity');
  const clients = new OAuthClients(state, randomBytes(32));
  for (const { id, secret } of [club, plain, other]) await clients.createIfAbsent(id, secret, new Date());
  await clients.setRedirectUris(club.id, [back]);
  await clients.setRedirectUris(other.id, [back, `${back}/2`]);
  codes = new AuthorizationCodes(state);
  await codes.prepare();
  const refreshTokens = new RefreshTokens(state);
  await refreshTokens.prepare();
  revocations = new Revocations(state);
  const user: User = {
    role: 'ADMIN',
    id: 7,
    account: { username: 'ada', email: '' },
    credentials: { passwordHash: await hashPassword(password) },
  };
  const deps = {
    clients,
    codes,
    signIn: (username: string, given: string) =>
      signIn(username, given, async (name) => (name === 'ada' ? user : undefined)),
    now: () => new Date(nowMs),
  };
  authorization = new Authorization(deps);
  const signer = TokenSigner.fromPrivateJwk(generateDeploymentKeys().tokenKey);
  tokens = new TokenIssuer({ ...deps, refreshTokens, revocations, signer, findById: async () => user });
});

afterAll(async () => {
  await mongo?.close();
  await engines?.close();
});

const newCode = async (change: Partial<AuthorizationRequest> = {}) =>
  (await authorization.authorize({ ...request, ...change }, { username: 'ada', password })).code ?? '';
const exchange = (code: string, { client = club, redirectUri = back, codeVerifier = verifier } = {}) =>
  tokens.issue(client, { type: 'authorization_code', code, redirectUri, codeVerifier });

async function oauthErrorOf(answer: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await answer.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  return error instanceof RpcError ? error.oauthError : undefined;
}

describe('an authorization request', () => {
  it('is good with the redirect URI, or without when the client has one', async () => {
    expect(await authorization.check(request)).toEqual({ redirectUri: back });
    expect(await authorization.check({ ...request, redirectUri: '' })).toEqual({ redirectUri: back });
  });

  it.each([
    ['an unknown client', { clientId: 'nobody' }, 'invalid_client'],
    ['a client without redirect URIs', { clientId: plain.id }, 'unauthorized_client'],
    ['a longer redirect URI', { redirectUri: `${back}/` }, 'invalid_request'],
    ['another query', { redirectUri: `${back}?x=1` }, 'invalid_request'],
    ['another case', { redirectUri: back.toUpperCase() }, 'invalid_request'],
    ['no redirect URI of several', { clientId: other.id, redirectUri: '' }, 'invalid_request'],
  ])('of %s sends nobody back', async (_what, change, error) => {
    expect(await oauthErrorOf(authorization.check({ ...request, ...change }))).toBe(error);
  });

  it.each([
    [{ responseType: '' }, 'invalid_request'],
    [{ responseType: 'token' }, 'unsupported_response_type'],
    [{ scope: 'some' }, 'invalid_scope'],
    [{ codeChallenge: '' }, 'invalid_request'],
    [{ codeChallenge: 'short' }, 'invalid_request'],
    [{ codeChallengeMethod: '' }, 'invalid_request'],
    [{ codeChallengeMethod: 'plain' }, 'invalid_request'],
  ])('with %j sends the user back with %s, and gives no code', async (change, error) => {
    const given = { ...request, ...change };
    const refused = { redirectUri: back, refused: { error } };
    expect(await authorization.check(given)).toMatchObject(refused);
    const answer = await authorization.authorize(given, { username: 'ada', password });
    expect(answer).toMatchObject(refused);
    expect(answer).not.toHaveProperty('code');
  });

  it('gives no code for wrong credentials', async () => {
    for (const credentials of [
      { username: 'ada', password: 'wrong' },
      { username: 'nobody', password },
    ])
      expect(await oauthErrorOf(authorization.authorize(request, credentials))).toBe('invalid_grant');
  });
});

describe('an authorization code', () => {
  it('is exchanged once; a second time ends what was issued for it', async () => {
    const code = await newCode();
    const { refreshToken, scope } = await exchange(code);
    expect(scope).toBe('all');
    const refreshed = await tokens.issue(club, { type: 'refresh_token', refreshToken });
    expect(await oauthErrorOf(exchange(code))).toBe('invalid_grant');
    const again = tokens.issue(club, { type: 'refresh_token', refreshToken: refreshed.refreshToken });
    expect(await oauthErrorOf(again)).toBe('invalid_grant');
    expect((await revocations.all()).tokenIds).toHaveLength(1);
  });

  it('is exchanged by one of several at once', async () => {
    const code = await newCode();
    const errors = await Promise.all([1, 2, 3, 4].map(() => oauthErrorOf(exchange(code))));
    expect(errors.filter((error) => error === undefined)).toHaveLength(1);
  });

  it.each([
    ['another verifier', { codeVerifier: randomBytes(32).toString('base64url') }],
    ['another redirect URI', { redirectUri: `${back}/2` }],
    ['no redirect URI', { redirectUri: '' }],
    ['another client', { client: other }],
  ])('is refused with %s', async (_what, change) => {
    expect(await oauthErrorOf(exchange(await newCode(), change))).toBe('invalid_grant');
  });

  it('needs no redirect URI when the request named none', async () => {
    const code = await newCode({ redirectUri: '' });
    expect(await exchange(code, { redirectUri: '' })).toHaveProperty('accessToken');
  });

  it('is not burnt by another client', async () => {
    const code = await newCode();
    await oauthErrorOf(exchange(code, { client: other }));
    expect(await exchange(code)).toHaveProperty('accessToken');
  });

  it('ends after a minute, and with the password that gave it', async () => {
    const code = await newCode();
    nowMs += 60_001;
    expect(await oauthErrorOf(exchange(code))).toBe('invalid_grant');
    const later = await newCode();
    await codes.revokeAllOf(7);
    expect(await oauthErrorOf(exchange(later))).toBe('invalid_grant');
  });

  it('is kept as a hash', async () => {
    const code = await newCode();
    const kept = await mongo.state('identity').collection('authorization-codes').find({}).toArray();
    expect(kept.length).toBeGreaterThan(0);
    expect(JSON.stringify(kept)).not.toContain(code);
  });
});

it('knows the verifier of a challenge, as RFC 7636 appendix B has it', () => {
  const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
  expect(isVerifierOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk', challenge)).toBe(true);
  expect(isVerifierOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl', challenge)).toBe(false);
  expect(isVerifierOf('short', createHash('sha256').update('short').digest('base64url'))).toBe(false);
});
