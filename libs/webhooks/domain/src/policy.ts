/** Who calls, as far as webhooks are concerned. */
export type Actor =
  | { readonly role: 'ATHLETE' | 'MANAGER' | 'ADMIN'; readonly userId: number }
  | { readonly role: 'ANONYMOUS' };

/** Everything about an activity's webhooks, their deliveries included: the manager who owns the activity. */
export const mayManageWebhooks = (actor: Actor, activityOwner: number): boolean =>
  actor.role === 'ADMIN' || (actor.role === 'MANAGER' && actor.userId === activityOwner);
