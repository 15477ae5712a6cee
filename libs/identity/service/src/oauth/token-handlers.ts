import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { IdentityService, IssueTokenRequest } from '@touchline/contracts/identity/v1/service';
import { mayAuthorize, mayIntrospectToken, mayIssueToken, mayRevokeToken } from '@touchline/identity-domain';
import type { Handlers } from '@touchline/rpc';
import { requireAnyService, subjectOf } from '../caller.ts';
import { rejectionError } from '../rejection-status.ts';
import type { Authorization, AuthorizationRequest } from './authorization.ts';
import type { GrantRequest, TokenIssuer } from './issue-token.ts';
import type { Revocations } from './revocations.ts';
import type { TokenInspection } from './token-inspection.ts';

export interface TokenHandlerDependencies {
  authorization: Authorization;
  tokens: TokenIssuer;
  inspection: TokenInspection;
  revocations: Revocations;
}

type TokenHandlers = Pick<
  Handlers<typeof IdentityService>,
  'checkAuthorization' | 'authorize' | 'issueToken' | 'revokeToken' | 'introspectToken' | 'listRevocations'
>;

export function tokenHandlers({
  authorization,
  tokens,
  inspection,
  revocations,
}: TokenHandlerDependencies): TokenHandlers {
  return {
    async checkAuthorization({ authorization: request }, { caller }) {
      if (!mayAuthorize(subjectOf(caller))) throw rejectionError({ code: 'not_allowed' });
      const { redirectUri, refused } = await authorization.check(request ?? noParameters);
      return { redirectUri, refusal: refused };
    },

    async authorize({ authorization: request, ...credentials }, { caller }) {
      if (!mayAuthorize(subjectOf(caller))) throw rejectionError({ code: 'not_allowed' });
      const { redirectUri, refused, code } = await authorization.authorize(
        request ?? noParameters,
        credentials,
      );
      if (refused) return { redirectUri, outcome: { case: 'refusal', value: refused } };
      return { redirectUri, outcome: { case: 'code', value: code ?? '' } };
    },

    async issueToken({ clientId, clientSecret, grant }, { caller }) {
      if (!mayIssueToken(subjectOf(caller))) throw rejectionError({ code: 'not_allowed' });
      return tokens.issue({ id: clientId, secret: clientSecret }, grantRequest(grant));
    },

    async revokeToken({ clientId, clientSecret, token }, { caller }) {
      if (!mayRevokeToken(subjectOf(caller))) throw rejectionError({ code: 'not_allowed' });
      await inspection.revoke({ id: clientId, secret: clientSecret }, token);
      return {};
    },

    async introspectToken({ clientId, clientSecret, token }, { caller }) {
      if (!mayIntrospectToken(subjectOf(caller))) throw rejectionError({ code: 'not_allowed' });
      const active = await inspection.introspect({ id: clientId, secret: clientSecret }, token);
      if (!active) return { active: false };
      const { type: tokenType, user, scope, expiresAtMs, tokenId = '' } = active;
      return {
        active: true,
        scope,
        clientId: active.clientId,
        username: user.account?.username ?? '',
        user: user.id,
        tokenType,
        expiresAt: timestampFromMs(expiresAtMs),
        tokenId,
      };
    },

    async listRevocations(_request, { caller }) {
      requireAnyService(caller);
      return revocations.all();
    },
  };
}

const noParameters: AuthorizationRequest = {
  clientId: '',
  redirectUri: '',
  responseType: '',
  scope: '',
  codeChallenge: '',
  codeChallengeMethod: '',
};

function grantRequest(grant: IssueTokenRequest['grant']): GrantRequest {
  switch (grant.case) {
    case 'password': {
      const { username, password, scope } = grant.value;
      return { type: 'password', username, password, scope };
    }
    case 'refresh':
      return { type: 'refresh_token', refreshToken: grant.value.refreshToken };
    case 'code': {
      const { code, redirectUri, codeVerifier } = grant.value;
      return { type: 'authorization_code', code, redirectUri, codeVerifier };
    }
    case undefined:
      return { type: 'unsupported' };
    default:
      return grant satisfies never;
  }
}
