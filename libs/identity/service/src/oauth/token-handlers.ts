import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { IdentityService, IssueTokenRequest } from '@touchline/contracts/identity/v1/service';
import { mayIntrospectToken, mayIssueToken, mayRevokeToken } from '@touchline/identity-domain';
import type { Handlers } from '@touchline/rpc';
import { requireAnyService, subjectOf } from '../caller.ts';
import { rejectionError } from '../rejection-status.ts';
import type { GrantRequest, TokenIssuer } from './issue-token.ts';
import type { Revocations } from './revocations.ts';
import type { TokenInspection } from './token-inspection.ts';

export interface TokenHandlerDependencies {
  tokens: TokenIssuer;
  inspection: TokenInspection;
  revocations: Revocations;
}

type TokenHandlers = Pick<
  Handlers<typeof IdentityService>,
  'issueToken' | 'revokeToken' | 'introspectToken' | 'listRevocations'
>;

export function tokenHandlers({ tokens, inspection, revocations }: TokenHandlerDependencies): TokenHandlers {
  return {
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

function grantRequest(grant: IssueTokenRequest['grant']): GrantRequest {
  switch (grant.case) {
    case 'password': {
      const { username, password, scope } = grant.value;
      return { type: 'password', username, password, scope };
    }
    case 'refresh':
      return { type: 'refresh_token', refreshToken: grant.value.refreshToken };
    case undefined:
      return { type: 'unsupported' };
    default:
      return grant satisfies never;
  }
}
