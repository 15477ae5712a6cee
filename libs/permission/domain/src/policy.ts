/** Who asks. A caller with a service's token that speaks for no user is anonymous here. */
export type Subject =
  { kind: 'anonymous' } | { kind: 'user'; id: number; role: 'ATHLETE' | 'MANAGER' | 'ADMIN' };

function isAthleteOrAdmin(subject: Subject, athlete: number): boolean {
  if (subject.kind === 'anonymous') return false;
  switch (subject.role) {
    case 'ADMIN':
      return true;
    case 'ATHLETE':
      return subject.id === athlete;
    case 'MANAGER':
      return false;
    default:
      return subject.role satisfies never;
  }
}

/** Whoever was granted what on an athlete is his to see, and an admin's. */
export function mayListPermissions(subject: Subject, athlete: number): boolean {
  return isAthleteOrAdmin(subject, athlete);
}

export function mayGrantPermission(subject: Subject, athlete: number): boolean {
  return isAthleteOrAdmin(subject, athlete);
}

export function mayRevokePermissions(subject: Subject, athlete: number): boolean {
  return isAthleteOrAdmin(subject, athlete);
}

/** @param sharesNow whether he has SHARE on the athlete now */
export function maySharePermission(subject: Subject, sharesNow: boolean): boolean {
  if (subject.kind === 'anonymous') return false;
  switch (subject.role) {
    case 'ADMIN':
      return true;
    case 'MANAGER':
      return sharesNow;
    case 'ATHLETE':
      return false;
    default:
      return subject.role satisfies never;
  }
}
