import type { Subject } from '@touchline/permission-domain';
import { type Caller, RpcError } from '@touchline/rpc';

/** Who asks, as policies see him: a service speaks for nobody who has signed in. */
export function subjectOf(caller: Caller): Subject {
  return caller.kind === 'user' ? { kind: 'user', id: caller.id, role: caller.role } : { kind: 'anonymous' };
}

/** @throws RpcError unless another context's service calls; the gateway's calls are its consumers' */
export function requireService(caller: Caller): void {
  if (caller.kind === 'service' && caller.name !== 'gateway') return;
  throw new RpcError('forbidden', 'Only services may call this.', { code: 'not_a_service' });
}
