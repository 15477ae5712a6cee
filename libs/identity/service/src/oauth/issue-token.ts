import type { User } from '@touchline/identity-domain';
import { RpcError, type TokenSigner } from '@touchline/rpc';
import { verifyNobodysPassword, verifyPassword } from '../passwords.ts';
import type { GrantType, OAuthClient, OAuthClients } from './clients.ts';
import { type RefreshTokens, sessionOf } from './refresh-tokens.ts';

/** The only scope there is. */
const onlyScope = 'all';

export type GrantRequest =
  | { type: 'password'; username: string; password: string; scope: string }
  | { type: 'refresh_token'; refreshToken: string }
  | { type: 'unsupported' };

export interface IssuedTokens {
  accessToken: string;
  expiresInS: number;
  refreshToken: string;
  scope: string;
}

export interface TokenIssuerDependencies {
  clients: OAuthClients;
  refreshTokens: RefreshTokens;
  signer: TokenSigner;
  findByUsername: (username: string) => Promise<User | undefined>;
  findById: (id: number) => Promise<User | undefined>;
  now: () => Date;
}

/** The errors of RFC 6749 section 5.2. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope';

function refuse(oauthError: OAuthErrorCode, description: string): RpcError {
  return new RpcError('oauth', description, { oauthError, code: oauthError });
}

/** The token endpoint's two grants: the client is checked first, then the grant. */
export class TokenIssuer {
  readonly #deps: TokenIssuerDependencies;

  constructor(deps: TokenIssuerDependencies) {
    this.#deps = deps;
  }

  /** @throws RpcError of status `oauth` */
  async issue(client: { id: string; secret: string }, grant: GrantRequest): Promise<IssuedTokens> {
    const authenticated = await this.#deps.clients.authenticate(client.id, client.secret);
    if (!authenticated) throw refuse('invalid_client', 'The client is unknown or its secret is wrong.');
    switch (grant.type) {
      case 'password':
        return this.#password(mayUse(authenticated, 'password'), grant);
      case 'refresh_token':
        return this.#refresh(mayUse(authenticated, 'refresh_token'), grant.refreshToken);
      case 'unsupported':
        throw refuse('unsupported_grant_type', 'The grant types are password and refresh_token.');
      default:
        return grant satisfies never;
    }
  }

  async #password(
    client: OAuthClient,
    { username, password, scope }: Extract<GrantRequest, { type: 'password' }>,
  ): Promise<IssuedTokens> {
    if (username === '' || password === '') {
      throw refuse('invalid_request', 'The password grant needs username and password.');
    }
    if (scope !== '' && scope !== onlyScope)
      throw refuse('invalid_scope', `The only scope is "${onlyScope}".`);
    const user = await this.#deps.findByUsername(username);
    const right = user?.credentials
      ? await verifyPassword(password, user.credentials.passwordHash)
      : await verifyNobodysPassword(password);
    if (!user || !right) throw refuse('invalid_grant', 'Invalid credentials given.');
    const refreshToken = await this.#deps.refreshTokens.issue(
      { user: user.id, client: client.id, scope: onlyScope },
      this.#deps.now(),
    );
    return this.#tokens(user, client, refreshToken, onlyScope);
  }

  async #refresh(client: OAuthClient, token: string): Promise<IssuedTokens> {
    if (token === '') throw refuse('invalid_request', 'The refresh grant needs refresh_token.');
    const rotated = await this.#deps.refreshTokens.rotate(token, client.id, this.#deps.now());
    if (rotated === 'reused') {
      throw refuse('invalid_grant', 'The refresh token was used before: it and its successors are revoked.');
    }
    if (rotated === 'invalid')
      throw refuse('invalid_grant', 'The refresh token is unknown, expired or revoked.');
    const user = await this.#deps.findById(rotated.user);
    if (!user?.credentials) throw refuse('invalid_grant', 'The user of the refresh token is gone.');
    return this.#tokens(user, client, rotated.refreshToken, rotated.scope);
  }

  async #tokens(user: User, client: OAuthClient, refreshToken: string, scope: string): Promise<IssuedTokens> {
    const signed = await this.#deps.signer.signUser({
      userId: user.id,
      role: user.role,
      scope,
      clientId: client.id,
      sessionId: sessionOf(refreshToken),
    });
    return { accessToken: signed.token, expiresInS: signed.expiresInS, refreshToken, scope };
  }
}

function mayUse(client: OAuthClient, grantType: GrantType): OAuthClient {
  if (client.grantTypes.includes(grantType)) return client;
  throw refuse('unauthorized_client', `The client may not use the grant type ${grantType}.`);
}
