import type { User } from '@touchline/identity-domain';
import { RpcError, type TokenVerifier, type VerifiedToken } from '@touchline/rpc';
import type { OAuthClients } from './clients.ts';
import { refusal } from './refusal.ts';
import type { RefreshTokens } from './refresh-tokens.ts';
import type { Revocations } from './revocations.ts';

export interface ActiveToken {
  type: 'Bearer' | 'refresh_token';
  user: User;
  scope: string;
  clientId: string;
  expiresAtMs: number;
  tokenId?: string;
}

export interface TokenInspectionDependencies {
  clients: OAuthClients;
  refreshTokens: RefreshTokens;
  revocations: Revocations;
  verifier: TokenVerifier;
  findById: (id: number) => Promise<User | undefined>;
  now: () => Date;
}

interface Client {
  id: string;
  secret: string;
}

/** Revocation (RFC 7009) and introspection (RFC 7662), both for clients that say who they are. */
export class TokenInspection {
  readonly #deps: TokenInspectionDependencies;

  constructor(deps: TokenInspectionDependencies) {
    this.#deps = deps;
  }

  /**
   * A token that is unknown, expired or revoked already is as revoked as can be.
   *
   * @throws RpcError of status `oauth` for a wrong client, no token, and a token of another client
   */
  async revoke(client: Client, token: string): Promise<void> {
    await this.#authenticate(client, token);
    const { refreshTokens, revocations, now } = this.#deps;
    const refresh = await refreshTokens.find(token, now());
    if (refresh) {
      requireOwn(refresh.client, client.id);
      await refreshTokens.revoke(refresh.session);
      return;
    }
    const verified = await this.#verified(token);
    if (verified?.caller.kind !== 'user') return;
    requireOwn(verified.caller.clientId, client.id);
    await revocations.revoke({ token: verified.jti, expiresAt: new Date(verified.expiresAtMs) });
  }

  /**
   * @returns undefined for a token that is not good
   * @throws RpcError of status `oauth` for a wrong client and for no token
   */
  async introspect(client: Client, token: string): Promise<ActiveToken | undefined> {
    await this.#authenticate(client, token);
    const { refreshTokens, revocations, findById, now } = this.#deps;
    const refresh = await refreshTokens.find(token, now());
    if (refresh) {
      const user = await findById(refresh.user);
      const { scope, client: clientId, expiresAtMs } = refresh;
      return user && { type: 'refresh_token', user, scope, clientId, expiresAtMs };
    }
    const verified = await this.#verified(token);
    if (verified?.caller.kind !== 'user') return undefined;
    const { caller, jti: tokenId, scope, expiresAtMs } = verified;
    if (await revocations.isRevoked(tokenId, caller.id)) return undefined;
    const user = await findById(caller.id);
    return user && { type: 'Bearer', user, scope, clientId: caller.clientId ?? '', expiresAtMs, tokenId };
  }

  async #authenticate(client: Client, token: string): Promise<void> {
    if (!(await this.#deps.clients.authenticate(client.id, client.secret)))
      throw refusal('invalid_client', 'The client is unknown or its secret is wrong.');
    if (token === '') throw refusal('invalid_request', 'The parameter token is missing.');
  }

  async #verified(token: string): Promise<VerifiedToken | undefined> {
    try {
      return await this.#deps.verifier.verify(token);
    } catch (error) {
      if (error instanceof RpcError && error.status === 'unauthenticated') return undefined;
      throw error;
    }
  }
}

function requireOwn(owner: string | undefined, client: string): void {
  if (owner !== client) throw refusal('unauthorized_client', 'The token was issued to another client.');
}
