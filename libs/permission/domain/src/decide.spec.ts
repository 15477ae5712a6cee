import { describe, expect, it } from 'vitest';
import type { PermissionCommand } from './commands.ts';
import { decide } from './decide.ts';
import type { PermissionEvent, UserCreated } from './events.ts';
import { isActive, latestMs } from './grants.ts';
import { evolve, initialState } from './state.ts';

const issued = { at: 1_700_000_000_000, by: 'user:12' };
const athlete: UserCreated = { type: 'UserCreated', userId: 12, role: 'ATHLETE', managedBy: undefined };
const managedAthlete: UserCreated = { ...athlete, managedBy: 7 };
const grant: PermissionCommand = {
  type: 'GrantPermission',
  permissionId: 4,
  manager: 7,
  kind: 'READ',
  startMs: 1000,
  endMs: 2000,
  ...issued,
};
const granted: PermissionEvent = {
  type: 'PermissionGranted',
  permissionId: 4,
  athlete: 12,
  manager: 7,
  kind: 'READ',
  startMs: 1000,
  endMs: 2000,
};
const revokeAll: PermissionCommand = { type: 'RevokePermissions', manager: 7, ...issued };
const revokeOne: PermissionCommand = { type: 'RevokePermission', manager: 7, permissionId: 4, ...issued };

function given(...events: (PermissionEvent | UserCreated)[]) {
  const state = events.reduce(evolve, initialState);
  return { state, when: (command: PermissionCommand) => decide(command, state) };
}

function revoked(...permissionIds: number[]): PermissionEvent {
  return { type: 'PermissionsRevoked', athlete: 12, manager: 7, permissionIds };
}

describe('granting', () => {
  it('gives a manager a permission for a time', () => {
    expect(given(athlete).when(grant)).toEqual([granted]);
  });

  it('starts now and ends with the year 2199 when nothing is said', () => {
    expect(given(athlete).when({ ...grant, startMs: undefined, endMs: undefined })).toEqual([
      { ...granted, startMs: issued.at, endMs: Date.parse('2199-12-31T00:00:00Z') },
    ]);
  });

  it.each([
    ['equals its start', 1000, 1000],
    ['lies before its start', 2000, 1000],
    ['lies before now, the start by default', undefined, 1000],
  ])('is refused when the end %s', (_what, startMs, endMs) => {
    expect(given(athlete).when({ ...grant, startMs, endMs })).toEqual({ rejected: 'ends_before_start' });
  });

  it('writes nothing when it is repeated', () => {
    expect(given(athlete, granted).when(grant)).toEqual([]);
  });

  it.each([
    ['nobody', []],
    ['a manager', [{ ...athlete, role: 'MANAGER' } satisfies UserCreated]],
  ])('on %s is refused', (_what, events) => {
    expect(given(...events).when(grant)).toEqual({ rejected: 'no_such_athlete' });
  });
});

describe('a managed athlete', () => {
  it('comes with READ, WRITE and SHARE for his manager', () => {
    expect([...given(managedAthlete).state.grants.values()]).toEqual(
      (['READ', 'WRITE', 'SHARE'] as const).map((kind, i) => ({
        id: 49 + i,
        athlete: 12,
        manager: 7,
        kind,
        startMs: 0,
        endMs: latestMs,
        revoked: false,
      })),
    );
  });

  it('can lose them', () => {
    expect(given(managedAthlete).when({ ...revokeOne, permissionId: 50 })).toEqual([revoked(50)]);
    expect(given(managedAthlete, revoked(50)).when(revokeAll)).toEqual([revoked(49, 51)]);
  });
});

describe('revoking', () => {
  it('ends one permission', () => {
    expect(given(athlete, granted).when(revokeOne)).toEqual([revoked(4)]);
  });

  it('ends all permissions of a manager and of no other', () => {
    const other: PermissionEvent = { ...granted, permissionId: 8, manager: 9 };
    const second: PermissionEvent = { ...granted, permissionId: 12, kind: 'WRITE' };
    expect(given(athlete, granted, other, second).when(revokeAll)).toEqual([revoked(4, 12)]);
  });

  it('writes nothing when there is nothing left to revoke', () => {
    expect(given(athlete).when(revokeAll)).toEqual([]);
    expect(given(athlete, granted, revoked(4)).when(revokeAll)).toEqual([]);
    expect(given(athlete, granted, revoked(4)).when(revokeOne)).toEqual([]);
  });

  it('refuses an id that is unknown or of another manager', () => {
    expect(given(athlete, granted).when({ ...revokeOne, permissionId: 5 })).toEqual({
      rejected: 'no_such_permission',
    });
    expect(given(athlete, granted).when({ ...revokeOne, manager: 9 })).toEqual({
      rejected: 'no_such_permission',
    });
  });
});

describe('a grant', () => {
  const base = {
    id: 4,
    athlete: 12,
    manager: 7,
    kind: 'READ',
    startMs: 1000,
    endMs: 2000,
    revoked: false,
  } as const;

  it.each([
    [999, false],
    [1000, true],
    [1999, true],
    [2000, false],
  ])('at %d ms is active: %s', (nowMs, active) => {
    expect(isActive(base, nowMs)).toBe(active);
  });

  it('that is revoked is never active', () => {
    expect(isActive({ ...base, revoked: true }, 1500)).toBe(false);
  });
});

describe('sharing', () => {
  const { at } = issued;
  const share: PermissionCommand = {
    type: 'SharePermission',
    permissionId: 8,
    sharer: 7,
    manager: 9,
    startMs: undefined,
    endMs: undefined,
    ...issued,
  };
  const shareFor = (startMs: number, endMs: number, permissionId = 4): PermissionEvent => ({
    ...granted,
    type: 'PermissionGranted',
    permissionId,
    kind: 'SHARE',
    startMs,
    endMs,
  });
  const read = { type: 'PermissionGranted', permissionId: 8, athlete: 12, manager: 9, kind: 'READ' };

  it('gives READ from now on as long as the sharer has SHARE without a hole', () => {
    const adjoining = shareFor(at + 10, at + 50, 12);
    expect(given(athlete, shareFor(at - 10, at + 10), adjoining).when(share)).toEqual([
      { ...read, startMs: at, endMs: at + 50 },
    ]);
  });

  it('gives READ inside of the window, past instants included', () => {
    const window = { startMs: at - 5, endMs: at + 5 };
    expect(given(athlete, shareFor(at - 10, at + 10)).when({ ...share, ...window })).toEqual([
      { ...read, ...window },
    ]);
  });

  it.each([
    ['ended', at - 10, at],
    ['starts later', at + 1, at + 10],
  ])('is refused to a manager whose SHARE %s', (_what, startMs, endMs) => {
    expect(given(athlete, shareFor(startMs, endMs)).when(share)).toEqual({ rejected: 'not_shared' });
  });

  it('is refused outside of the window, with another kind, and once it is revoked', () => {
    const active = shareFor(at - 10, at + 10);
    const refused = { rejected: 'not_shared' };
    expect(given(athlete, active).when({ ...share, startMs: at - 11 })).toEqual(refused);
    expect(given(athlete, active).when({ ...share, endMs: at + 11 })).toEqual(refused);
    expect(given(athlete, { ...active, kind: 'READ' } as PermissionEvent).when(share)).toEqual(refused);
    expect(given(athlete, active, revoked(4)).when(share)).toEqual(refused);
    expect(given(athlete, active).when({ ...share, sharer: 6 })).toEqual(refused);
  });

  it('needs no SHARE when nobody in particular shares', () => {
    expect(given(athlete).when({ ...share, sharer: undefined })).toEqual([
      { ...read, startMs: at, endMs: latestMs },
    ]);
  });

  it('writes nothing when it is repeated', () => {
    const active = shareFor(at - 10, at + 10);
    const done = { ...read, startMs: at, endMs: at + 10 } as PermissionEvent;
    expect(given(athlete, active, done).when(share)).toEqual([]);
  });
});
