/** Who calls, as far as activities and time frames are concerned. */
export type Actor =
  | { readonly role: 'ATHLETE' | 'MANAGER' | 'ADMIN'; readonly userId: number }
  | { readonly role: 'ANONYMOUS' };

const isManagerOrAdmin = (actor: Actor): boolean => actor.role === 'MANAGER' || actor.role === 'ADMIN';

/** listJsonSchemas, retrieveJsonSchema: any manager. */
export const mayReadJsonSchemas = isManagerOrAdmin;

/** listActivities, listTimeFrames: any manager; which ones is a matter of `ownerOfList`. */
export const mayList = isManagerOrAdmin;

/** The owner whose resources a list holds; undefined for all (ADMIN). */
export const ownerOfList = (actor: Actor): number | undefined =>
  actor.role === 'ADMIN' ? undefined : actor.role === 'ANONYMOUS' ? 0 : actor.userId;

/** createActivity, createTimeFrame: any manager, in his own name. */
export const mayCreate = isManagerOrAdmin;

/** Whether he may name this manager as the owner: himself, an ADMIN anyone. */
export const mayNameOwner = (actor: Actor, owner: number): boolean =>
  actor.role === 'ADMIN' || (actor.role === 'MANAGER' && actor.userId === owner);

/** Retrieve, update and delete of an activity or a time frame: its owner. */
export const mayManage = (actor: Actor, owner: number): boolean =>
  actor.role === 'ADMIN' || (actor.role === 'MANAGER' && actor.userId === owner);
