import type { Subject } from '@touchline/identity-domain';
import { type Caller, RpcError } from '@touchline/rpc';
import { rejectionError } from './rejection-status.ts';

/** Who asks, as policies see him: a service speaks for nobody who has signed in. */
export function subjectOf(caller: Caller): Subject {
  return caller.kind === 'user' ? { kind: 'user', id: caller.id, role: caller.role } : { kind: 'anonymous' };
}

/** @throws RpcError `unauthenticated` unless somebody has signed in */
export function userOf(caller: Caller): Extract<Subject, { kind: 'user' }> {
  const subject = subjectOf(caller);
  if (subject.kind === 'anonymous') throw rejectionError({ code: 'not_signed_in' });
  return subject;
}

/** @throws RpcError unless a service calls, the gateway for itself included */
export function requireAnyService(caller: Caller): void {
  if (caller.kind !== 'service') requireService(caller);
}

/** @throws RpcError unless another context's service calls; the gateway's calls are its consumers' */
export function requireService(caller: Caller): void {
  if (caller.kind === 'service' && caller.name !== 'gateway') return;
  throw new RpcError('forbidden', 'Only services may call this.', { code: 'not_a_service' });
}
