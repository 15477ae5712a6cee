/** All grants on one athlete are in one stream. */
export const permissionsCategory = 'permissions';
export const permissionSequence = 'permission';

export function permissionsStream(athlete: number): string {
  return `${permissionsCategory}-${athlete}`;
}

/** The stream of identity whose first revision says whether a user is an athlete, and whose. */
export function userStream(user: number): string {
  return `user-${user}`;
}

/** Ids of the form 4n are drawn from the sequence; 4 * athlete + 1, 2, 3 are the grants that come with a managed athlete. */
export function grantId(drawn: number): number {
  return 4 * drawn;
}
