import type { CallContext } from '@touchline/rpc';
import { type Actor, mayManageWebhooks } from '@touchline/webhooks-domain';
import { forbidden } from './rejection-status.ts';

/** The caller as the policies know him. The gateway calls for people who have not signed in. */
export function actorOf({ caller }: CallContext): Actor {
  return caller.kind === 'user' ? { role: caller.role, userId: caller.id } : { role: 'ANONYMOUS' };
}

/** @throws RpcError `forbidden` */
export function requireOwner(context: CallContext, activityOwner: number): void {
  if (!mayManageWebhooks(actorOf(context), activityOwner)) throw forbidden();
}
