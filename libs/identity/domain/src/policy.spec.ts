import { describe, expect, it } from 'vitest';
import {
  mayCreateAthlete,
  mayCreateManagedAthletes,
  mayCreateManager,
  mayIssueToken,
  mayListAthletes,
  mayManageFor,
  mayRetrieveAccount,
  mayRetrieveAthlete,
  maySetExtraPermissions,
  type Rights,
  type Subject,
} from './policy.ts';

const athleteId = 12;

/** Everybody who could ask about athlete 12, whom manager 4 manages. */
const callers = {
  anonymous: { kind: 'anonymous' },
  athleteHimself: { kind: 'user', id: athleteId, role: 'ATHLETE' },
  otherAthlete: { kind: 'user', id: 13, role: 'ATHLETE' },
  managerWithRead: { kind: 'user', id: 2, role: 'MANAGER' },
  managerWithoutRead: { kind: 'user', id: 3, role: 'MANAGER' },
  managingManager: { kind: 'user', id: 4, role: 'MANAGER' },
  managerWithExtraPermission: { kind: 'user', id: 5, role: 'MANAGER' },
  admin: { kind: 'user', id: 1, role: 'ADMIN' },
} as const satisfies Record<string, Subject>;

type Caller = keyof typeof callers;

const everybody = Object.keys(callers) as Caller[];
const everyUser = everybody.filter((caller) => caller !== 'anonymous');

function readableNow(caller: Caller): boolean {
  return caller === 'managerWithRead' || caller === 'managingManager';
}

function rights(caller: Caller): Rights {
  return { extraPermissions: caller === 'managerWithExtraPermission' ? ['can_create_managed_athletes'] : [] };
}

interface Row {
  operation: string;
  may: (subject: Subject, caller: Caller) => boolean;
  allowed: Caller[];
}

const table: Row[] = [
  { operation: 'issueToken', may: (subject) => mayIssueToken(subject), allowed: everybody },
  {
    operation: 'listAthletes',
    may: (subject) => mayListAthletes(subject),
    allowed: [
      'managerWithRead',
      'managerWithoutRead',
      'managingManager',
      'managerWithExtraPermission',
      'admin',
    ],
  },
  { operation: 'createAthlete', may: (subject) => mayCreateAthlete(subject), allowed: everybody },
  {
    operation: 'createManagedAthlete',
    may: (subject, caller) => mayCreateManagedAthletes(subject, rights(caller)),
    allowed: ['managerWithExtraPermission', 'admin'],
  },
  {
    operation: 'retrieveAthlete',
    may: (subject, caller) =>
      mayRetrieveAthlete(subject, { id: athleteId, readableNow: readableNow(caller) }),
    allowed: ['athleteHimself', 'managerWithRead', 'managingManager', 'admin'],
  },
  { operation: 'createManager', may: (subject) => mayCreateManager(subject), allowed: everybody },
  { operation: 'setExtraPermissions', may: (subject) => maySetExtraPermissions(subject), allowed: ['admin'] },
  { operation: 'retrieveAccount', may: (subject) => mayRetrieveAccount(subject), allowed: everyUser },
];

describe.each(table)('$operation', ({ may, allowed }) => {
  it.each(everybody)('answers %s as the table says', (caller) => {
    expect(may(callers[caller], caller)).toBe(allowed.includes(caller));
  });
});

describe('naming the manager of a managed athlete', () => {
  it('is for the manager himself and for an admin', () => {
    const allowed = everybody.filter((caller) => mayManageFor(callers[caller], callers.managingManager.id));
    expect(allowed).toEqual(['managingManager', 'admin']);
  });
});
