import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { type Caller, type Role, roles } from './caller.ts';
import type { Ed25519Jwk, TokenKind } from './keys.ts';
import { RpcError } from './rpc-error.ts';

const issuer = 'touchline';
export const userTokenLifetimeS = 36_000;
export const serviceTokenLifetimeS = 600;
const renewBeforeExpiryMs = 120_000;
const longestCacheMs = 60_000;

export interface VerifiedToken {
  caller: Extract<Caller, { kind: 'user' | 'service' }>;
  scope: string;
  /** The token's own id, for revocations. */
  jti: string;
  /** ms since the epoch */
  expiresAtMs: number;
}

export interface SignedToken {
  token: string;
  jti: string;
  expiresInS: number;
}

export interface UserClaims {
  userId: number;
  role: Role;
  scope: string;
  clientId: string;
  /** Of the sign-in; the same for all its refreshed tokens. */
  sessionId?: string;
}

interface Clock {
  /** ms since the epoch */
  now?: () => number;
}

/** Signs JWTs (EdDSA, `kid`) with one private key, which makes either users' or services' tokens. */
export class TokenSigner {
  readonly #jwk: Ed25519Jwk;
  readonly #key: KeyObject;
  readonly #now: () => number;

  private constructor(jwk: Ed25519Jwk, key: KeyObject, now: () => number) {
    this.#jwk = jwk;
    this.#key = key;
    this.#now = now;
  }

  /** @throws Error that says what is wrong with the key, without its content */
  static fromPrivateJwk(json: string, { now = Date.now }: Clock = {}): TokenSigner {
    const jwk = checkedJwk(parseJson(json, 'The private key'), 'The private key');
    if (jwk.d === undefined) throw new Error('The private key is a public one: it has no member "d".');
    return new TokenSigner(jwk, createPrivateKey({ key: { ...jwk }, format: 'jwk' }), now);
  }

  /** An access token of 10 hours. */
  signUser(claims: UserClaims): Promise<SignedToken> {
    return this.#sign('user', String(claims.userId), userTokenLifetimeS, {
      role: claims.role,
      scope: claims.scope,
      client_id: claims.clientId,
      ...(claims.sessionId === undefined ? {} : { sid: claims.sessionId }),
    });
  }

  /** A token for a service's own calls. */
  signService(name: string): Promise<SignedToken> {
    return this.#sign('service', `service:${name}`, serviceTokenLifetimeS, {});
  }

  async #sign(kind: TokenKind, subject: string, lifetimeS: number, claims: JWTPayload): Promise<SignedToken> {
    if (this.#jwk.touchline_tokens !== kind) {
      throw new Error(`This key signs ${this.#jwk.touchline_tokens} tokens, not ${kind} tokens.`);
    }
    const issuedAtS = Math.floor(this.#now() / 1000);
    const jti = randomUUID();
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', kid: this.#jwk.kid, typ: 'JWT' })
      .setIssuer(issuer)
      .setSubject(subject)
      .setJti(jti)
      .setIssuedAt(issuedAtS)
      .setExpirationTime(issuedAtS + lifetimeS)
      .sign(this.#key);
    return { token, jti, expiresInS: lifetimeS };
  }
}

/** A source of tokens of the service's own, for `createClient`: signs a new one well before the last expires. */
export function serviceToken(
  signer: TokenSigner,
  name: string,
  { now = Date.now }: Clock = {},
): () => Promise<string> {
  let current: { token: Promise<string>; signedAtMs: number } | undefined;
  return async () => {
    const ageMs = current ? now() - current.signedAtMs : 0;
    if (!current || ageMs < 0 || ageMs > serviceTokenLifetimeS * 1000 - renewBeforeExpiryMs) {
      current = { token: signer.signService(name).then(({ token }) => token), signedAtMs: now() };
    }
    try {
      return await current.token;
    } catch (error) {
      current = undefined;
      throw error;
    }
  };
}

/** Verifies users' and services' tokens with the public keys of the deployment; a service's key vouches for no user. */
export class TokenVerifier {
  readonly #keys: ReadonlyMap<string, { kind: TokenKind; key: KeyObject }>;
  readonly #now: () => number;
  readonly #verified = new Map<string, { token: VerifiedToken; untilMs: number }>();
  readonly #maxCached: number;

  private constructor(
    keys: ReadonlyMap<string, { kind: TokenKind; key: KeyObject }>,
    now: () => number,
    maxCached: number,
  ) {
    this.#keys = keys;
    this.#now = now;
    this.#maxCached = maxCached;
  }

  /** @param json a JWKS of Ed25519 keys, each with `kid` and `touchline_tokens` */
  static fromJwks(
    json: string,
    { now = Date.now, maxCached = 10_000 }: Clock & { maxCached?: number } = {},
  ): TokenVerifier {
    const jwks = parseJson(json, 'The key set');
    if (!isRecord(jwks) || !Array.isArray(jwks['keys'])) throw new Error('The key set has no array "keys".');
    const keys = new Map<string, { kind: TokenKind; key: KeyObject }>();
    for (const [index, member] of jwks['keys'].entries()) {
      const jwk = checkedJwk(member, `Key ${index} of the key set`);
      const key = createPublicKey({ key: { kty: jwk.kty, crv: jwk.crv, x: jwk.x }, format: 'jwk' });
      keys.set(jwk.kid, { kind: jwk.touchline_tokens, key });
    }
    return new TokenVerifier(keys, now, maxCached);
  }

  /** @throws RpcError `unauthenticated` with code `token_expired` or `token_invalid` */
  async verify(token: string): Promise<VerifiedToken> {
    const nowMs = this.#now();
    const cached = this.#verified.get(token);
    if (cached && nowMs < cached.untilMs) return cached.token;
    this.#verified.delete(token);
    const verified = await this.#verify(token, nowMs);
    if (this.#verified.size >= this.#maxCached) {
      const [oldest] = this.#verified.keys();
      if (oldest !== undefined) this.#verified.delete(oldest);
    }
    const untilMs = Math.min(verified.expiresAtMs, nowMs + longestCacheMs);
    this.#verified.set(token, { token: verified, untilMs });
    return verified;
  }

  async #verify(token: string, nowMs: number): Promise<VerifiedToken> {
    let kind: TokenKind | undefined;
    try {
      const { payload } = await jwtVerify(
        token,
        ({ kid }) => {
          const found = kid === undefined ? undefined : this.#keys.get(kid);
          if (!found) throw new errors.JWKSNoMatchingKey();
          kind = found.kind;
          return found.key;
        },
        {
          algorithms: ['EdDSA'],
          issuer,
          currentDate: new Date(nowMs),
          requiredClaims: ['sub', 'exp', 'jti'],
        },
      );
      return readClaims(kind, payload);
    } catch (cause) {
      if (cause instanceof errors.JWTExpired) {
        throw new RpcError('unauthenticated', 'The access token has expired.', {
          code: 'token_expired',
          cause,
        });
      }
      throw new RpcError('unauthenticated', 'The access token is not valid.', {
        code: 'token_invalid',
        cause,
      });
    }
  }
}

function readClaims(kind: TokenKind | undefined, payload: JWTPayload): VerifiedToken {
  const { sub = '', jti = '', exp = 0, scope, role, client_id: clientId, sid: sessionId } = payload;
  const rest = { jti, expiresAtMs: exp * 1000, scope: typeof scope === 'string' ? scope : '' };
  switch (kind) {
    case 'service': {
      const name = /^service:([a-z][a-z-]*)$/.exec(sub)?.[1];
      if (name === undefined) throw new Error('The subject is no service.');
      return { caller: { kind, name }, ...rest };
    }
    case 'user': {
      if (!/^[1-9][0-9]{0,15}$/.test(sub)) throw new Error('The subject is no user id.');
      const known = roles.find((candidate) => candidate === role);
      if (!known) throw new Error('The role is unknown.');
      const caller = {
        kind,
        id: Number(sub),
        role: known,
        ...(typeof clientId === 'string' ? { clientId } : {}),
        ...(typeof sessionId === 'string' ? { sessionId } : {}),
      };
      return { caller, ...rest };
    }
    case undefined:
      throw new Error('No key was asked for.');
    default:
      return kind satisfies never;
  }
}

function parseJson(json: string, what: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // The parser's message would quote the secret.
    throw new Error(`${what} is not JSON.`);
  }
}

function checkedJwk(value: unknown, what: string): Ed25519Jwk {
  if (
    !isRecord(value) ||
    value['kty'] !== 'OKP' ||
    value['crv'] !== 'Ed25519' ||
    typeof value['x'] !== 'string'
  ) {
    throw new Error(`${what} is not an Ed25519 JSON Web Key (RFC 8037).`);
  }
  if (typeof value['kid'] !== 'string' || value['kid'] === '') throw new Error(`${what} has no "kid".`);
  if (value['touchline_tokens'] !== 'user' && value['touchline_tokens'] !== 'service') {
    throw new Error(`${what} has no "touchline_tokens": "user" or "service".`);
  }
  return value as unknown as Ed25519Jwk;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
