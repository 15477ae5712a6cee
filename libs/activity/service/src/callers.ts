import type { Actor } from '@touchline/activity-domain';
import type { CallContext } from '@touchline/rpc';
import { forbidden } from './rejection-status.ts';

/** The caller as the policies know him. The gateway calls for people who have not signed in. */
export function actorOf({ caller }: CallContext): Actor {
  return caller.kind === 'user' ? { role: caller.role, userId: caller.id } : { role: 'ANONYMOUS' };
}

/** @throws RpcError `forbidden` unless another service calls in its own name */
export function requireService({ caller }: CallContext): void {
  if (caller.kind !== 'service' || caller.name === 'gateway') throw forbidden();
}

/** @throws RpcError `forbidden` */
export function require(allowed: boolean): void {
  if (!allowed) throw forbidden();
}
