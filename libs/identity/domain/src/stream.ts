import type { AccountData } from './personal.ts';
import { isUser, type UserState } from './state.ts';

/** Athletes, managers and admins share one category and one sequence of ids. */
export const userSequence = 'user';

export function userStream(id: number): string {
  return `user-${id}`;
}

/** The id in a stream's name; undefined when the stream is not a user's. */
export function userIdOf(stream: string): number | undefined {
  const match = /^user-([1-9]\d*)$/.exec(stream);
  return match ? Number(match[1]) : undefined;
}

/** The fields of an account that no two users share. */
export type UniqueField = 'username' | 'email' | 'external_id';

/** What a user holds and nobody else may, as it is reserved in `unique-<kind>-<hash>`. */
export interface UniqueName {
  field: UniqueField;
  kind: 'username' | 'email' | 'external-id' | 'managed-external-id';
  text: string;
}

/** In the order in which they are to be reserved, the same for everybody: so of two who want one name, one gets it. */
export function uniqueNames(account: AccountData, managedBy: number | undefined): UniqueName[] {
  const { username, email, externalId } = account;
  const names: UniqueName[] = [{ field: 'username', kind: 'username', text: username }];
  if (email !== '') names.push({ field: 'email', kind: 'email', text: email });
  if (externalId !== undefined) names.push(externalIdName(externalId, managedBy));
  return names;
}

/** What the user holds now: nothing once he is deleted. */
export function heldNames(state: UserState): UniqueName[] {
  if (!isUser(state) || !state.account) return [];
  return uniqueNames(state.account, state.role === 'ATHLETE' ? state.managedBy : undefined);
}

/** External ids are unique per manager among managed athletes, over everybody else otherwise. */
function externalIdName(externalId: string, managedBy: number | undefined): UniqueName {
  return managedBy === undefined
    ? { field: 'external_id', kind: 'external-id', text: externalId }
    : { field: 'external_id', kind: 'managed-external-id', text: `${managedBy}/${externalId}` };
}
