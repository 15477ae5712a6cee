import type { UniqueField, UserRejection } from '@touchline/identity-domain';
import { RpcError } from '@touchline/rpc';

/** Why a call is refused, beside what the domain's decisions say and but for wrong fields. */
export type Rejection =
  | UserRejection
  | { code: 'not_signed_in' }
  | { code: 'not_allowed' }
  | { code: 'no_such_athlete' }
  | { code: 'no_such_account' };

const taken: Record<UniqueField, string> = {
  username: 'A user with that username already exists.',
  email: 'A user with that email already exists.',
  external_id: 'A user with that external_id already exists.',
};

/** The only mapping of rejections to answers. */
export function rejectionError(rejection: Rejection): RpcError {
  const { code } = rejection;
  switch (code) {
    case 'not_signed_in':
      return new RpcError('unauthenticated', 'Authentication credentials were not provided.', { code });
    case 'no_such_account':
      return new RpcError('unauthenticated', 'The user of the access token is gone.', { code });
    case 'not_allowed':
      return new RpcError('forbidden', 'You do not have permission to perform this action.', { code });
    case 'no_such_athlete':
    case 'not_a_manager':
    case 'not_an_athlete':
    case 'no_such_user':
      return new RpcError('not_found', 'Not found', { code });
    case 'revision_passed':
      return new RpcError('precondition', 'The resource has changed since that revision.', { code });
    case 'user_exists':
      return new RpcError('conflict', 'The user’s id is in use already.', { code });
    case 'names_taken': {
      const fields = Object.fromEntries(rejection.fields.map((field) => [field, [taken[field]]]));
      return new RpcError('invalid', 'The request is invalid.', { code, fields });
    }
    default:
      return code satisfies never;
  }
}
