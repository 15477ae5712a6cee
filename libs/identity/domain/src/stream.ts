/** Athletes, managers and admins share one category and one sequence of ids. */
export const userCategory = 'user';
export const userSequence = 'user';

export function userStream(id: number): string {
  return `${userCategory}-${id}`;
}

/** The id in a stream's name; undefined when the stream is not a user's. */
export function userIdOf(stream: string): number | undefined {
  const match = /^user-([1-9]\d*)$/.exec(stream);
  return match ? Number(match[1]) : undefined;
}

/** A name that must be unique, as it is reserved in `unique-<kind>-<hash>`. */
export interface UniqueName {
  kind: 'username' | 'email' | 'external-id' | 'managed-external-id';
  text: string;
}

export function usernameKey(username: string): UniqueName {
  return { kind: 'username', text: username };
}

export function emailKey(email: string): UniqueName {
  return { kind: 'email', text: email };
}

/** External ids are unique per manager among managed athletes, over everybody else otherwise. */
export function externalIdKey(externalId: string, managedBy: number | undefined): UniqueName {
  return managedBy === undefined
    ? { kind: 'external-id', text: externalId }
    : { kind: 'managed-external-id', text: `${managedBy}/${externalId}` };
}
