import type { User } from '@touchline/identity-domain';
import { type TokenSigner, userTokenLifetimeS } from '@touchline/rpc';
import { type AuthorizationCodes, isVerifierOf } from './authorization-codes.ts';
import type { GrantType, OAuthClient, OAuthClients } from './clients.ts';
import { type RefreshTokens, sessionOf } from './refresh-tokens.ts';
import { refusal } from './refusal.ts';
import type { Revocations } from './revocations.ts';
import { onlyScope } from './scope.ts';

export type GrantRequest =
  | { type: 'password'; username: string; password: string; scope: string }
  | { type: 'refresh_token'; refreshToken: string }
  | { type: 'authorization_code'; code: string; redirectUri: string; codeVerifier: string }
  | { type: 'unsupported' };

export interface IssuedTokens {
  accessToken: string;
  expiresInS: number;
  refreshToken: string;
  scope: string;
}

type CodeGrant = Extract<GrantRequest, { type: 'authorization_code' }>;

export interface TokenIssuerDependencies {
  clients: OAuthClients;
  codes: AuthorizationCodes;
  refreshTokens: RefreshTokens;
  revocations: Revocations;
  signer: TokenSigner;
  /** @throws RpcError of status `oauth` */
  signIn: (username: string, password: string) => Promise<User>;
  findById: (id: number) => Promise<User | undefined>;
  now: () => Date;
}

/** The token endpoint's grants: the client is checked first, then the grant. */
export class TokenIssuer {
  readonly #deps: TokenIssuerDependencies;

  constructor(deps: TokenIssuerDependencies) {
    this.#deps = deps;
  }

  /** @throws RpcError of status `oauth` */
  async issue(client: { id: string; secret: string }, grant: GrantRequest): Promise<IssuedTokens> {
    const authenticated = await this.#deps.clients.authenticate(client.id, client.secret);
    if (!authenticated) throw refusal('invalid_client', 'The client is unknown or its secret is wrong.');
    switch (grant.type) {
      case 'password':
        return this.#password(mayUse(authenticated, 'password'), grant);
      case 'refresh_token':
        return this.#refresh(mayUse(authenticated, 'refresh_token'), grant.refreshToken);
      case 'authorization_code':
        return this.#code(authenticated, grant);
      case 'unsupported':
        throw refusal('unsupported_grant_type', `The grant types are ${allGrantTypes}.`);
      default:
        return grant satisfies never;
    }
  }

  async #password(
    client: OAuthClient,
    { username, password, scope }: Extract<GrantRequest, { type: 'password' }>,
  ): Promise<IssuedTokens> {
    if (username === '' || password === '') {
      throw refusal('invalid_request', 'The password grant needs username and password.');
    }
    if (scope !== '' && scope !== onlyScope)
      throw refusal('invalid_scope', `The only scope is "${onlyScope}".`);
    const user = await this.#deps.signIn(username, password);
    const refreshToken = await this.#deps.refreshTokens.issue(
      { user: user.id, client: client.id, scope: onlyScope },
      this.#deps.now(),
    );
    const { tokens } = await this.#tokens(user, client, refreshToken, onlyScope);
    return tokens;
  }

  /** RFC 6749 section 4.1.3 with RFC 7636: whoever sends a code a second time ends what the first time began. */
  async #code(client: OAuthClient, { code, redirectUri, codeVerifier }: CodeGrant): Promise<IssuedTokens> {
    const { codes, refreshTokens, revocations, now } = this.#deps;
    if (code === '' || codeVerifier === '') {
      throw refusal('invalid_request', 'The grant of an authorization code needs code and code_verifier.');
    }
    const grant = await codes.take(code, client.id, now());
    if (!grant) throw refusal('invalid_grant', 'The code is unknown, expired or of another client.');
    if ('usedFor' in grant) {
      const { session, tokenId } = grant.usedFor;
      await refreshTokens.revoke(session);
      const expiresAt = new Date(now().getTime() + userTokenLifetimeS * 1000);
      if (tokenId !== null) await revocations.revoke({ token: tokenId, expiresAt });
      throw refusal('invalid_grant', 'The code was used before: what was issued for it is revoked.');
    }
    if ((grant.redirectUri !== null || redirectUri !== '') && grant.redirectUri !== redirectUri)
      throw refusal('invalid_grant', 'The redirect_uri is not that of the authorization request.');
    if (!isVerifierOf(codeVerifier, grant.codeChallenge))
      throw refusal('invalid_grant', 'The code_verifier is not that of the code_challenge.');
    const user = await this.#deps.findById(grant.user);
    if (!user?.credentials) throw refusal('invalid_grant', 'The user of the code is gone.');
    const { scope, session } = grant;
    const refreshToken = await refreshTokens.issue(
      { user: user.id, client: client.id, scope },
      now(),
      session,
    );
    const { tokens, tokenId } = await this.#tokens(user, client, refreshToken, scope);
    await codes.used(code, tokenId);
    return tokens;
  }

  async #refresh(client: OAuthClient, token: string): Promise<IssuedTokens> {
    if (token === '') throw refusal('invalid_request', 'The refresh grant needs refresh_token.');
    const rotated = await this.#deps.refreshTokens.rotate(token, client.id, this.#deps.now());
    if (rotated === 'reused') {
      throw refusal('invalid_grant', 'The refresh token was used before: it and its successors are revoked.');
    }
    if (rotated === 'invalid')
      throw refusal('invalid_grant', 'The refresh token is unknown, expired or revoked.');
    const user = await this.#deps.findById(rotated.user);
    if (!user?.credentials) throw refusal('invalid_grant', 'The user of the refresh token is gone.');
    const { tokens } = await this.#tokens(user, client, rotated.refreshToken, rotated.scope);
    return tokens;
  }

  async #tokens(user: User, client: OAuthClient, refreshToken: string, scope: string) {
    const signed = await this.#deps.signer.signUser({
      userId: user.id,
      role: user.role,
      scope,
      clientId: client.id,
      sessionId: sessionOf(refreshToken),
    });
    const tokens = { accessToken: signed.token, expiresInS: signed.expiresInS, refreshToken, scope };
    return { tokens, tokenId: signed.jti };
  }
}

const allGrantTypes = 'password, refresh_token and authorization_code';

function mayUse(client: OAuthClient, grantType: GrantType): OAuthClient {
  if (client.grantTypes.includes(grantType)) return client;
  throw refusal('unauthorized_client', `The client may not use the grant type ${grantType}.`);
}
