import { type ExtraPermission } from './personal.ts';

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

export function mayIssueToken(_subject: Subject): boolean {
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

export function maySetExtraPermissions(subject: Subject): boolean {
  return has(subject, 'ADMIN');
}

export function mayRetrieveAccount(subject: Subject): boolean {
  return subject.kind === 'user';
}
