import { describe, expect, it } from 'vitest';
import {
  mayAuthorize,
  mayChangeAthletePassword,
  mayChangeManagerPassword,
  mayCreateAthlete,
  mayCreateManagedAthletes,
  mayCreateManager,
  mayDeleteAthlete,
  mayDeleteManagedAthlete,
  mayDeleteManager,
  mayExportAccount,
  mayIntrospectToken,
  mayIssueToken,
  mayListAthletes,
  mayManageFor,
  mayRetrieveAccount,
  mayRetrieveAthlete,
  mayRetrieveManager,
  mayRevokeToken,
  maySetExtraPermissions,
  mayUpdateAthlete,
  mayUpdateManagedAthlete,
  mayUpdateManager,
  type Rights,
  type Subject,
} from './policy.ts';

const athleteId = 12;
const managerId = 4;
const athlete = { managedBy: managerId };

/** Everybody who could ask about athlete 12, whom manager 4 manages. */
const callers = {
  anonymous: { kind: 'anonymous' },
  athleteHimself: { kind: 'user', id: athleteId, role: 'ATHLETE' },
  otherAthlete: { kind: 'user', id: 13, role: 'ATHLETE' },
  managerWithRead: { kind: 'user', id: 2, role: 'MANAGER' },
  managerWithoutRead: { kind: 'user', id: 3, role: 'MANAGER' },
  managingManager: { kind: 'user', id: managerId, role: 'MANAGER' },
  managingManagerWithExtraPermission: { kind: 'user', id: managerId, role: 'MANAGER' },
  managerWithExtraPermission: { kind: 'user', id: 5, role: 'MANAGER' },
  admin: { kind: 'user', id: 1, role: 'ADMIN' },
} as const satisfies Record<string, Subject>;

type Caller = keyof typeof callers;

const everybody = Object.keys(callers) as Caller[];
const everyUser = everybody.filter((caller) => caller !== 'anonymous');

function readableNow(caller: Caller): boolean {
  return caller === 'managerWithRead' || caller.startsWith('managingManager');
}

function rights(caller: Caller): Rights {
  const has = caller.toLowerCase().endsWith('withextrapermission');
  return { extraPermissions: has ? ['can_create_managed_athletes'] : [] };
}

interface Row {
  operation: string;
  may: (subject: Subject, caller: Caller) => boolean;
  allowed: Caller[];
}

const table: Row[] = [
  ...['showAuthorization', 'authorize'].map((operation): Row => ({
    operation,
    may: (subject) => mayAuthorize(subject),
    allowed: everybody,
  })),
  { operation: 'issueToken', may: (subject) => mayIssueToken(subject), allowed: everybody },
  { operation: 'revokeToken', may: (subject) => mayRevokeToken(subject), allowed: everybody },
  { operation: 'introspectToken', may: (subject) => mayIntrospectToken(subject), allowed: everybody },
  {
    operation: 'listAthletes',
    may: (subject) => mayListAthletes(subject),
    allowed: [
      'managerWithRead',
      'managerWithoutRead',
      'managingManager',
      'managingManagerWithExtraPermission',
      'managerWithExtraPermission',
      'admin',
    ],
  },
  { operation: 'createAthlete', may: (subject) => mayCreateAthlete(subject), allowed: everybody },
  {
    operation: 'createManagedAthlete',
    may: (subject, caller) => mayCreateManagedAthletes(subject, rights(caller)),
    allowed: ['managingManagerWithExtraPermission', 'managerWithExtraPermission', 'admin'],
  },
  ...['retrieveAthlete', 'retrieveAthleteByExternalId'].map((operation): Row => ({
    operation,
    may: (subject, caller) =>
      mayRetrieveAthlete(subject, { id: athleteId, readableNow: readableNow(caller) }),
    allowed: [
      'athleteHimself',
      'managerWithRead',
      'managingManager',
      'managingManagerWithExtraPermission',
      'admin',
    ],
  })),
  { operation: 'createManager', may: (subject) => mayCreateManager(subject), allowed: everybody },
  { operation: 'setExtraPermissions', may: (subject) => maySetExtraPermissions(subject), allowed: ['admin'] },
  {
    operation: 'updateAthlete',
    may: (subject) => mayUpdateAthlete(subject, athleteId),
    allowed: ['athleteHimself', 'admin'],
  },
  {
    operation: 'updateManagedAthlete',
    may: (subject, caller) => mayUpdateManagedAthlete(subject, athlete, rights(caller)),
    allowed: ['managingManagerWithExtraPermission', 'admin'],
  },
  {
    operation: 'deleteAthlete',
    may: (subject) => mayDeleteAthlete(subject, athleteId),
    allowed: ['athleteHimself', 'admin'],
  },
  {
    operation: 'deleteManagedAthlete',
    may: (subject) => mayDeleteManagedAthlete(subject, athlete),
    allowed: ['managingManager', 'managingManagerWithExtraPermission', 'admin'],
  },
  ...['changePassword', 'patchPassword', 'postPassword'].map((operation): Row => ({
    operation,
    may: (subject) => mayChangeAthletePassword(subject, athleteId),
    allowed: ['athleteHimself', 'admin'],
  })),
  ...[
    { operation: 'retrieveManager', may: mayRetrieveManager },
    { operation: 'retrieveManagerByExternalId', may: mayRetrieveManager },
    { operation: 'updateManager', may: mayUpdateManager },
    { operation: 'deleteManager', may: mayDeleteManager },
    { operation: 'changeManagerPassword', may: mayChangeManagerPassword },
  ].map(({ operation, may }): Row => ({
    operation,
    may: (subject) => may(subject, callers.managerWithoutRead.id),
    allowed: ['managerWithoutRead', 'admin'],
  })),
  { operation: 'retrieveAccount', may: (subject) => mayRetrieveAccount(subject), allowed: everyUser },
  {
    operation: 'exportAccount',
    may: (subject) => mayExportAccount(subject),
    allowed: ['athleteHimself', 'otherAthlete'],
  },
];

describe.each(table)('$operation', ({ may, allowed }) => {
  it.each(everybody)('answers %s as the table says', (caller) => {
    expect(may(callers[caller], caller)).toBe(allowed.includes(caller));
  });
});

describe('naming the manager of a managed athlete', () => {
  it('is for the manager himself and for an admin', () => {
    const allowed = everybody.filter((caller) => mayManageFor(callers[caller], callers.managingManager.id));
    expect(allowed).toEqual(['managingManager', 'managingManagerWithExtraPermission', 'admin']);
  });
});
