import { describe, expect, it } from 'vitest';
import { may, mayNameOwner, ownerOfList, type Actor } from './policy.ts';
import type { Device } from './state.ts';

const now = 1000;
const device: Device = {
  status: 'registered',
  id: 7,
  serialNumber: 'AX-1',
  ingestTokenHash: 'aa',
  ownerships: [
    { id: 1, manager: 2, startMs: 0, endMs: 500 },
    { id: 2, manager: 3, startMs: 500 },
  ],
};

const actors = {
  anonymous: { role: 'ANONYMOUS' },
  athlete: { role: 'ATHLETE', userId: 3 },
  stranger: { role: 'MANAGER', userId: 9 },
  pastOwner: { role: 'MANAGER', userId: 2 },
  owner: { role: 'MANAGER', userId: 3 },
  admin: { role: 'ADMIN', userId: 1 },
  itself: { role: 'DEVICE', deviceId: 7 },
  anotherDevice: { role: 'DEVICE', deviceId: 8 },
} as const satisfies Record<string, Actor>;

const table: [operationId: keyof typeof may, who: (keyof typeof actors)[]][] = [
  ['listDevices', ['stranger', 'pastOwner', 'owner', 'admin']],
  ['retrieveDevice', ['pastOwner', 'owner', 'admin']],
  ['createDevice', ['admin']],
  ['rotateIngestToken', ['owner', 'admin']],
  ['takeOwnership', ['stranger', 'pastOwner', 'owner', 'admin']],
  ['releaseOwnership', ['owner', 'admin']],
  ['listOwnerships', ['pastOwner', 'owner', 'admin']],
  ['setCustomName', ['owner', 'admin']],
  ['ingestPreprocessed', ['owner', 'admin', 'itself']],
  ['listPreprocessed', ['pastOwner', 'owner', 'admin']],
  ['exportAccount', ['athlete']],
];

describe('who may', () => {
  it.each(table)('%s: only %j', (operationId, who) => {
    const allowed = Object.entries(actors)
      .filter(([, actor]) => may[operationId](actor, device, now))
      .map(([name]) => name);
    expect(allowed).toEqual(who);
  });

  it('is decided for every operation', () => {
    expect(table.map(([operationId]) => operationId).sort()).toEqual(Object.keys(may).sort());
  });

  it('lets a manager who will own the device later release it, but not yet send data', () => {
    const later = { ...device, ownerships: [{ id: 1, manager: 3, startMs: now + 1 }] };
    expect(may.releaseOwnership(actors.owner, later)).toBe(true);
    expect(may.ingestPreprocessed(actors.owner, later, now)).toBe(false);
  });
});

it('shows a manager what is his and an ADMIN all', () => {
  expect(ownerOfList(actors.owner)).toBe(3);
  expect(ownerOfList(actors.admin)).toBeUndefined();
  expect(ownerOfList(actors.athlete)).toBe(0);
});

it('lets a manager name himself only, an ADMIN anyone', () => {
  expect(mayNameOwner(actors.owner, 3)).toBe(true);
  expect(mayNameOwner(actors.owner, 4)).toBe(false);
  expect(mayNameOwner(actors.admin, 4)).toBe(true);
  expect(mayNameOwner(actors.athlete, 3)).toBe(false);
});
