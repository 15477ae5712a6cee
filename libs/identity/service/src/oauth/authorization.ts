import type { User } from '@touchline/identity-domain';
import type { AuthorizationCodes } from './authorization-codes.ts';
import type { OAuthClients } from './clients.ts';
import { type OAuthErrorCode, refusal } from './refusal.ts';
import { onlyScope } from './scope.ts';

/** The parameters of RFC 6749 section 4.1.1 and RFC 7636 section 4.3; empty when left out. */
export interface AuthorizationRequest {
  clientId: string;
  redirectUri: string;
  responseType: string;
  scope: string;
  codeChallenge: string;
  codeChallengeMethod: string;
}

/** Where the user is sent back to, and with which error when the client has asked for what cannot be. */
export interface CheckedAuthorization {
  redirectUri: string;
  refused?: { error: OAuthErrorCode; description: string };
}

export interface AuthorizationDependencies {
  clients: OAuthClients;
  codes: AuthorizationCodes;
  /** @throws RpcError of status `oauth` */
  signIn: (username: string, password: string) => Promise<User>;
  now: () => Date;
}

/** The authorization endpoint: a code for a client, given by the user who signs in. */
export class Authorization {
  readonly #deps: AuthorizationDependencies;

  constructor(deps: AuthorizationDependencies) {
    this.#deps = deps;
  }

  /**
   * Nobody is sent to an address that is not exactly one of the client's.
   * @throws RpcError of status `oauth` when the user is to be told himself
   */
  async check(request: AuthorizationRequest): Promise<CheckedAuthorization> {
    const client = await this.#deps.clients.find(request.clientId);
    if (!client) throw refusal('invalid_client', 'The client is unknown.');
    const [first, ...others] = client.redirectUris;
    if (first === undefined) {
      throw refusal('unauthorized_client', 'The client has no redirect URI: its users cannot sign in here.');
    }
    const redirectUri =
      request.redirectUri === '' && others.length === 0
        ? first
        : client.redirectUris.find((one) => one === request.redirectUri);
    if (redirectUri === undefined) {
      throw refusal('invalid_request', 'The redirect URI is not exactly one of those of the client.');
    }
    const refused = problemOf(request);
    return refused ? { redirectUri, refused } : { redirectUri };
  }

  /** @throws RpcError of status `oauth`: as `check`, and `invalid_grant` for wrong credentials */
  async authorize(
    request: AuthorizationRequest,
    { username, password }: { username: string; password: string },
  ): Promise<CheckedAuthorization & { code?: string }> {
    const checked = await this.check(request);
    if (checked.refused) return checked;
    const user = await this.#deps.signIn(username, password);
    const code = await this.#deps.codes.issue(
      {
        client: request.clientId,
        user: user.id,
        scope: onlyScope,
        redirectUri: request.redirectUri || null,
        codeChallenge: request.codeChallenge,
      },
      this.#deps.now(),
    );
    return { ...checked, code };
  }
}

function problemOf(request: AuthorizationRequest): CheckedAuthorization['refused'] {
  const { responseType, scope, codeChallenge, codeChallengeMethod } = request;
  const invalid = (description: string) => ({ error: 'invalid_request', description }) as const;
  if (responseType === '') return invalid('The parameter response_type is missing.');
  if (responseType !== 'code')
    return { error: 'unsupported_response_type', description: 'The only response type is "code".' };
  if (scope !== '' && scope !== onlyScope)
    return { error: 'invalid_scope', description: `The only scope is "${onlyScope}".` };
  if (codeChallenge === '') return invalid('The parameter code_challenge is missing: PKCE is required.');
  if (codeChallengeMethod !== 'S256') return invalid('The only code_challenge_method is "S256".');
  if (!/^[A-Za-z0-9_-]{43}$/.test(codeChallenge))
    return invalid('The code_challenge is no SHA-256 in base64url.');
  return undefined;
}
