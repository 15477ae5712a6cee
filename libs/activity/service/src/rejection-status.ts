import type { Rejection } from '@touchline/activity-domain';
import { RpcError } from '@touchline/rpc';

/** The only mapping from what the domain refuses to what callers are told. */
export function rejectionStatus(rejection: Rejection): RpcError {
  const { code } = rejection;
  switch (code) {
    case 'activity_missing':
    case 'time_frame_missing':
      return new RpcError('not_found', 'Not found', { code });
    case 'activity_exists':
    case 'time_frame_exists':
      return new RpcError('conflict', 'The id is taken by other content.', { code });
    case 'revision_passed':
      return new RpcError('precondition', 'The resource has changed since that revision.', { code });
    case 'device_worn_by_another':
      return new RpcError('invalid', 'The request is invalid.', {
        code,
        fields: { device: ['Another athlete wears this device in an overlapping time frame.'] },
      });
    default:
      return code satisfies never;
  }
}

export const forbidden = (): RpcError =>
  new RpcError('forbidden', 'You do not have permission to perform this action.');

export const notFound = (): RpcError => new RpcError('not_found', 'Not found');

/** @throws RpcError `precondition` unless the resource has the revision that the caller wants */
export function requireRevision(revision: number, ifRevision: number | undefined): void {
  if (ifRevision !== undefined && revision !== ifRevision) throw rejectionStatus({ code: 'revision_passed' });
}
