import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';

/** An Ed25519 key as JSON Web Key (RFC 8037). */
export interface Ed25519Jwk {
  kty: 'OKP';
  crv: 'Ed25519';
  kid: string;
  alg: 'EdDSA';
  use: 'sig';
  /** Whose tokens the key signs; a service's key makes no user tokens. */
  touchline_tokens: TokenKind;
  x: string;
  d?: string;
}

export type TokenKind = 'user' | 'service';

export interface DeploymentKeys {
  /** Private JWK, as JSON: signs users' access tokens; identity only. */
  tokenKey: string;
  /** Private JWK, as JSON: signs the services' own tokens. */
  serviceKey: string;
  /** JWKS, as JSON: the public halves of both. */
  verifyKeys: string;
  /** base64, 32 bytes: wraps the keys of persons and device-days. */
  masterKey: string;
  /** base64, 32 bytes: the HMAC secret of reserved names. */
  nameSecret: string;
}

/** Makes all secrets of a new deployment. */
export function generateDeploymentKeys(): DeploymentKeys {
  const token = generateKey('user');
  const service = generateKey('service');
  return {
    tokenKey: JSON.stringify(token),
    serviceKey: JSON.stringify(service),
    verifyKeys: JSON.stringify({ keys: [publicJwk(token), publicJwk(service)] }),
    masterKey: randomBytes(32).toString('base64'),
    nameSecret: randomBytes(32).toString('base64'),
  };
}

function generateKey(tokens: TokenKind): Ed25519Jwk {
  const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  if (x === undefined || d === undefined) throw new Error('An Ed25519 key was exported without its parts.');
  return {
    kty: 'OKP',
    crv: 'Ed25519',
    kid: thumbprint(x),
    alg: 'EdDSA',
    use: 'sig',
    touchline_tokens: tokens,
    x,
    d,
  };
}

function publicJwk(key: Ed25519Jwk): Ed25519Jwk {
  const { d: _private, ...rest } = key;
  return rest;
}

/** RFC 7638 with RFC 8037 section 2: the members in this order, without spaces. */
function thumbprint(x: string): string {
  return createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');
}
