import { RpcError } from '@touchline/rpc';
import type { Rejection } from '@touchline/webhooks-domain';

/** The only mapping from what the domain refuses to what callers are told. */
export function rejectionStatus(rejection: Rejection): RpcError {
  const { code } = rejection;
  switch (code) {
    case 'webhook_missing':
      return new RpcError('not_found', 'Not found', { code });
    case 'webhook_exists':
      return new RpcError('conflict', 'The id is taken by other content.', { code });
    case 'revision_passed':
      return new RpcError('precondition', 'The resource has changed since that revision.', { code });
    default:
      return code satisfies never;
  }
}

/** @throws RpcError `precondition` unless the webhook has the revision that the caller wants */
export function requireRevision(revision: number, ifRevision: number | undefined): void {
  if (ifRevision !== undefined && revision !== ifRevision) throw rejectionStatus({ code: 'revision_passed' });
}

export const forbidden = (): RpcError =>
  new RpcError('forbidden', 'You do not have permission to perform this action.');

export const notFound = (): RpcError => new RpcError('not_found', 'Not found');
