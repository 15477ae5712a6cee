import { type Access, credentialsMissing, invalidToken } from '@touchline/http';
import { type Caller, RpcError, type TokenVerifier, type VerifiedToken } from '@touchline/rpc';

/** Who calls, with the token to hand on; undefined for people who have not signed in. */
export interface Credentials {
  caller: Caller;
  token: string;
}

/**
 * Reads the header `Authorization` by what the operation takes. Ingest tokens are no JWTs; telemetry verifies them.
 * @throws HttpError 401
 */
export async function authenticate(
  authorization: string | undefined,
  access: Access,
  verifier: TokenVerifier,
  revoked: { has(token: VerifiedToken): boolean } = { has: () => false },
): Promise<Credentials | undefined> {
  // A token request shows the client's credentials, which its handler reads.
  if (access === 'client') return undefined;
  const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) {
    if (access === 'anyone') return undefined;
    throw credentialsMissing();
  }
  if (token.split('.').length !== 3) {
    if (access !== 'device') throw invalidToken();
    return { caller: { kind: 'ingest-token', token }, token };
  }
  const verified = await verifyAccessToken(token, verifier);
  const { caller } = verified;
  // Services call services; they have no business at this door.
  if (caller.kind !== 'user' || revoked.has(verified)) throw invalidToken();
  return { caller, token };
}

async function verifyAccessToken(token: string, verifier: TokenVerifier) {
  try {
    return await verifier.verify(token);
  } catch (error) {
    if (error instanceof RpcError && error.status === 'unauthenticated') throw invalidToken();
    throw error;
  }
}
