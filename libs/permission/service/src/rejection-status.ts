import type { PermissionRejection } from '@touchline/permission-domain';
import { RpcError } from '@touchline/rpc';

/** Why a call is refused, beside what the domain's decisions say and but for wrong fields. */
export type Rejection = PermissionRejection | 'not_signed_in' | 'not_allowed' | 'no_such_manager';

/** The only mapping of rejections to answers. */
export function rejectionError(code: Rejection): RpcError {
  switch (code) {
    case 'not_signed_in':
      return new RpcError('unauthenticated', 'Authentication credentials were not provided.', { code });
    case 'not_allowed':
    case 'not_shared':
      return new RpcError('forbidden', 'You do not have permission to perform this action.', { code });
    case 'no_such_athlete':
    case 'no_such_manager':
    case 'no_such_permission':
      return new RpcError('not_found', 'Not found', { code });
    case 'ends_before_start':
      return new RpcError('invalid', 'The request is invalid.', {
        code,
        fields: { expiration_time: ['The expiration time must be later than the start time.'] },
      });
    default:
      return code satisfies never;
  }
}
