import type { ExtraPermission } from './personal.ts';

/** Who asks. A caller with a service's token that speaks for no user is anonymous here. */
export type Subject =
  { kind: 'anonymous' } | { kind: 'user'; id: number; role: 'ATHLETE' | 'MANAGER' | 'ADMIN' };

type User = Extract<Subject, { kind: 'user' }>;

/** What the caller himself may do beyond his role. */
export interface Rights {
  extraPermissions: readonly ExtraPermission[];
}

function has(subject: Subject, ...roles: User['role'][]): boolean {
  return subject.kind === 'user' && roles.includes(subject.role);
}

/** A manager lists those on whom he has READ now; an admin everybody. */
export function mayListAthletes(subject: Subject): boolean {
  return has(subject, 'MANAGER', 'ADMIN');
}

export function mayRetrieveAthlete(subject: Subject, athlete: { id: number; readableNow: boolean }): boolean {
  if (subject.kind === 'anonymous') return false;
  switch (subject.role) {
    case 'ADMIN':
      return true;
    case 'MANAGER':
      return athlete.readableNow;
    case 'ATHLETE':
      return subject.id === athlete.id;
    default:
      return subject.role satisfies never;
  }
}

export function mayCreateAthlete(_subject: Subject): boolean {
  return true;
}

export function mayCreateManager(_subject: Subject): boolean {
  return true;
}

/** Whoever asks: he signs in there. */
export function mayAuthorize(_subject: Subject): boolean {
  return true;
}

export function mayIssueToken(_subject: Subject): boolean {
  return true;
}

/** Whoever asks: the client says who it is. */
export function mayRevokeToken(_subject: Subject): boolean {
  return true;
}

/** Whoever asks: the client says who it is. */
export function mayIntrospectToken(_subject: Subject): boolean {
  return true;
}

export function mayCreateManagedAthletes(subject: Subject, rights: Rights): boolean {
  return (
    has(subject, 'ADMIN') ||
    (has(subject, 'MANAGER') && rights.extraPermissions.includes('can_create_managed_athletes'))
  );
}

/** A manager manages his own athletes only; an admin names the manager. */
export function mayManageFor(subject: Subject, manager: number): boolean {
  return (
    has(subject, 'ADMIN') || (subject.kind === 'user' && subject.role === 'MANAGER' && subject.id === manager)
  );
}

/** He himself: the athlete or manager whose account it is. An admin may do it for him. */
function isHimselfOrAdmin(subject: Subject, role: User['role'], id: number): boolean {
  return has(subject, 'ADMIN') || (subject.kind === 'user' && subject.role === role && subject.id === id);
}

export function mayUpdateAthlete(subject: Subject, athlete: number): boolean {
  return isHimselfOrAdmin(subject, 'ATHLETE', athlete);
}

export function mayDeleteAthlete(subject: Subject, athlete: number): boolean {
  return isHimselfOrAdmin(subject, 'ATHLETE', athlete);
}

export function mayChangeAthletePassword(subject: Subject, athlete: number): boolean {
  return isHimselfOrAdmin(subject, 'ATHLETE', athlete);
}

/** @param athlete with the manager who manages him, if any does */
export function mayUpdateManagedAthlete(
  subject: Subject,
  athlete: { managedBy: number | undefined },
  rights: Rights,
): boolean {
  return mayDeleteManagedAthlete(subject, athlete) && mayCreateManagedAthletes(subject, rights);
}

/** @param athlete with the manager who manages him, if any does */
export function mayDeleteManagedAthlete(
  subject: Subject,
  athlete: { managedBy: number | undefined },
): boolean {
  return (
    has(subject, 'ADMIN') || (athlete.managedBy !== undefined && mayManageFor(subject, athlete.managedBy))
  );
}

export function mayRetrieveManager(subject: Subject, manager: number): boolean {
  return isHimselfOrAdmin(subject, 'MANAGER', manager);
}

export function mayUpdateManager(subject: Subject, manager: number): boolean {
  return isHimselfOrAdmin(subject, 'MANAGER', manager);
}

export function mayDeleteManager(subject: Subject, manager: number): boolean {
  return isHimselfOrAdmin(subject, 'MANAGER', manager);
}

export function mayChangeManagerPassword(subject: Subject, manager: number): boolean {
  return isHimselfOrAdmin(subject, 'MANAGER', manager);
}

export function maySetExtraPermissions(subject: Subject): boolean {
  return has(subject, 'ADMIN');
}

export function mayRetrieveAccount(subject: Subject): boolean {
  return subject.kind === 'user';
}

/** An athlete's own: what is stored about him and who read it. */
export function mayExportAccount(subject: Subject): boolean {
  return has(subject, 'ATHLETE');
}
