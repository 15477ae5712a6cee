import { describe, expect, it } from 'vitest';
import {
  mayGrantPermission,
  mayListPermissions,
  mayRevokePermissions,
  maySharePermission,
  type Subject,
} from './policy.ts';

const athleteId = 12;

/** Everybody who could ask about athlete 12. */
const callers = {
  anonymous: { kind: 'anonymous' },
  athleteHimself: { kind: 'user', id: athleteId, role: 'ATHLETE' },
  otherAthlete: { kind: 'user', id: 13, role: 'ATHLETE' },
  managerWithRead: { kind: 'user', id: 2, role: 'MANAGER' },
  managerWithoutRead: { kind: 'user', id: 3, role: 'MANAGER' },
  managerWithShare: { kind: 'user', id: 5, role: 'MANAGER' },
  managingManager: { kind: 'user', id: 4, role: 'MANAGER' },
  admin: { kind: 'user', id: 1, role: 'ADMIN' },
} as const satisfies Record<string, Subject>;

type Caller = keyof typeof callers;

const everybody = Object.keys(callers) as Caller[];

interface Row {
  operation: string;
  may: (subject: Subject, caller: Caller) => boolean;
  allowed: Caller[];
}

const athleteOrAdmin: Caller[] = ['athleteHimself', 'admin'];

const table: Row[] = [
  {
    operation: 'listPermissions',
    may: (subject) => mayListPermissions(subject, athleteId),
    allowed: athleteOrAdmin,
  },
  {
    operation: 'listManagerPermissions',
    may: (subject) => mayListPermissions(subject, athleteId),
    allowed: athleteOrAdmin,
  },
  {
    operation: 'grantPermission',
    may: (subject) => mayGrantPermission(subject, athleteId),
    allowed: athleteOrAdmin,
  },
  {
    operation: 'revokePermissions',
    may: (subject) => mayRevokePermissions(subject, athleteId),
    allowed: athleteOrAdmin,
  },
  {
    operation: 'revokePermission',
    may: (subject) => mayRevokePermissions(subject, athleteId),
    allowed: athleteOrAdmin,
  },
  {
    operation: 'shareAthlete',
    may: (subject, caller) =>
      maySharePermission(subject, caller === 'managerWithShare' || caller === 'managingManager'),
    allowed: ['managerWithShare', 'managingManager', 'admin'],
  },
];

describe.each(table)('$operation', ({ may, allowed }) => {
  it.each(everybody)('answers %s as the table says', (caller) => {
    expect(may(callers[caller], caller)).toBe(allowed.includes(caller));
  });
});
