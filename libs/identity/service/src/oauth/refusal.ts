import { RpcError } from '@touchline/rpc';

/** The errors of RFC 6749 sections 4.1.2.1 and 5.2. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'invalid_scope';

/** What a call answers that an OAuth client's request is refused with. */
export function refusal(oauthError: OAuthErrorCode, description: string): RpcError {
  return new RpcError('oauth', description, { oauthError, code: oauthError });
}
