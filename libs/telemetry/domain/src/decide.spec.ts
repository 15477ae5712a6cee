import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceCommand } from './commands.ts';
import { decideDevice, type Decision } from './decide.ts';
import type { DeviceEvent } from './events.ts';
import { endOf, isEmpty } from './ownership.ts';
import { evolveDevice, initialDevice, type DeviceState } from './state.ts';

const now = Date.UTC(2024, 4, 1, 12);
const hour = 3_600_000;
const manager = (userId: number) => ({ userId, isAdmin: false });
const admin = { userId: 1, isAdmin: true };

const registered: DeviceEvent = {
  type: 'DeviceRegistered',
  deviceId: 7,
  serialNumber: 'AX-1',
  ingestTokenHash: 'aa',
};
const taken = (ownershipId: number, by: number, startMs: number): DeviceEvent => ({
  type: 'OwnershipTaken',
  deviceId: 7,
  ownershipId,
  manager: by,
  startMs,
});
const released = (ownershipId: number, by: number, endMs: number): DeviceEvent => ({
  type: 'OwnershipReleased',
  deviceId: 7,
  ownershipId,
  manager: by,
  endMs,
});

const fold = (events: readonly DeviceEvent[]): DeviceState => events.reduce(evolveDevice, initialDevice);

const given = (...events: DeviceEvent[]) => ({
  when: (command: DeviceCommand) => {
    const decision = decideDevice(command, fold(events));
    return {
      then: (...expected: DeviceEvent[]) => expect(decision).toEqual(expected),
      thenRejected: (code: string) => expect(decision).toMatchObject({ rejected: { code } }),
    };
  },
});

const take = (by: number, startMs?: number, ownershipId = 50): DeviceCommand => ({
  type: 'TakeOwnership',
  at: now,
  by: manager(by),
  ownershipId,
  manager: by,
  ...(startMs === undefined ? {} : { startMs }),
});
const release = (by: number, endMs?: number): DeviceCommand => ({
  type: 'ReleaseOwnership',
  at: now,
  by: manager(by),
  ...(endMs === undefined ? {} : { endMs }),
});

describe('registering a device', () => {
  const register: DeviceCommand = {
    type: 'RegisterDevice',
    at: now,
    by: admin,
    deviceId: 7,
    serialNumber: 'AX-1',
    customName: 'Left foot',
    ingestTokenHash: 'aa',
  };

  it('records its serial number, name and the hash of its token', () => {
    given()
      .when(register)
      .then({ ...registered, customName: 'Left foot' });
  });

  it('does nothing when it is repeated', () => {
    given(registered).when(register).then();
  });

  it('is refused where another device is', () => {
    given(registered)
      .when({ ...register, serialNumber: 'AX-2' })
      .thenRejected('device_exists');
  });
});

describe('a device that does not exist', () => {
  it.each([take(2), release(2)])('refuses $type', (command) => {
    given().when(command).thenRejected('device_missing');
  });
});

describe('naming a device and rotating its token', () => {
  it('takes the new name, once', () => {
    const rename: DeviceCommand = { type: 'RenameDevice', at: now, by: admin, customName: 'Spare' };
    const renamed: DeviceEvent = { type: 'DeviceRenamed', deviceId: 7, customName: 'Spare' };
    given(registered).when(rename).then(renamed);
    given(registered, renamed).when(rename).then();
  });

  it('takes the new token hash, once', () => {
    const rotate: DeviceCommand = { type: 'RotateIngestToken', at: now, by: admin, ingestTokenHash: 'bb' };
    const rotated: DeviceEvent = { type: 'IngestTokenRotated', deviceId: 7, ingestTokenHash: 'bb' };
    given(registered).when(rotate).then(rotated);
    given(registered, rotated).when(rotate).then();
  });
});

describe('taking ownership', () => {
  it('begins now when no start is given', () => {
    given(registered)
      .when(take(2))
      .then(taken(50, 2, now));
  });

  it('may begin in the future', () => {
    given(registered)
      .when(take(2, now + hour))
      .then(taken(50, 2, now + hour));
  });

  it('may begin earlier on a device that nobody has owned yet', () => {
    given(registered)
      .when(take(2, now - hour))
      .then(taken(50, 2, now - hour));
  });

  it('may begin earlier for its last owner, from the end of his ownership on', () => {
    const history = [registered, taken(1, 2, now - 9 * hour), released(1, 2, now - 5 * hour)];
    given(...history)
      .when(take(2, now - 5 * hour))
      .then(taken(50, 2, now - 5 * hour));
    given(...history)
      .when(take(2, now - 6 * hour))
      .thenRejected('already_owned');
  });

  it('may not begin earlier for another manager', () => {
    given(registered, taken(1, 2, now - 9 * hour), released(1, 2, now - 5 * hour))
      .when(take(3, now - hour))
      .thenRejected('start_in_past');
  });

  it('may begin earlier for whomever an ADMIN names', () => {
    given(registered, taken(1, 2, now - 9 * hour), released(1, 2, now - 5 * hour))
      .when({
        type: 'TakeOwnership',
        at: now,
        by: admin,
        ownershipId: 50,
        manager: 3,
        startMs: now - hour,
      })
      .then(taken(50, 3, now - hour));
  });

  it('is refused while somebody owns the device, the caller himself included', () => {
    given(registered, taken(1, 2, now - hour))
      .when(take(3))
      .thenRejected('already_owned');
    given(registered, taken(1, 2, now - hour))
      .when(take(2))
      .thenRejected('already_owned');
  });

  it('is refused when somebody will own it later', () => {
    given(registered, taken(1, 2, now + hour))
      .when(take(3))
      .thenRejected('already_owned');
  });

  it('does nothing when it is repeated', () => {
    given(registered, taken(50, 2, now))
      .when(take(2))
      .then();
  });

  it('lets nobody gain the past by a future ownership that he gave up', () => {
    const history = [
      registered,
      taken(1, 2, now - 9 * hour),
      released(1, 2, now - 5 * hour),
      taken(2, 3, now + hour),
      released(2, 3, now + hour),
    ];
    given(...history)
      .when(take(3, now - 4 * hour))
      .thenRejected('start_in_past');
    given(...history)
      .when(take(3))
      .then(taken(50, 3, now));
  });
});

describe('releasing ownership', () => {
  it('ends it now, or at an earlier time within it', () => {
    given(registered, taken(1, 2, now - hour))
      .when(release(2))
      .then(released(1, 2, now));
    given(registered, taken(1, 2, now - hour))
      .when(release(2, now - 1))
      .then(released(1, 2, now - 1));
  });

  it('is refused in the future and before its start', () => {
    given(registered, taken(1, 2, now - hour))
      .when(release(2, now + 1))
      .thenRejected('end_in_future');
    given(registered, taken(1, 2, now - hour))
      .when(release(2, now - hour - 1))
      .thenRejected('end_before_start');
  });

  it('is for the owner and an ADMIN only', () => {
    given(registered, taken(1, 2, now - hour))
      .when(release(3))
      .thenRejected('not_the_owner');
    given(registered, taken(1, 2, now - hour))
      .when({ type: 'ReleaseOwnership', at: now, by: admin })
      .then(released(1, 2, now));
  });

  it('needs an owner', () => {
    given(registered).when(release(2)).thenRejected('nobody_owns');
  });

  it('of one that has not begun leaves one that holds nothing', () => {
    given(registered, taken(1, 2, now + hour))
      .when(release(2))
      .then(released(1, 2, now + hour));
  });
});

it('never lets ownerships overlap, whoever asks for what in whatever order', () => {
  const time = fc.integer({ min: -10, max: 10 });
  const step = fc.record({
    by: fc.integer({ min: 1, max: 3 }),
    at: time,
    takes: fc.boolean(),
    time: fc.option(time, { nil: undefined }),
    manager: fc.integer({ min: 2, max: 3 }),
  });
  const accepted = { count: 0 };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let state = fold([registered]);
      steps.forEach(({ by, at, takes, time, manager: named }, i) => {
        const isAdmin = by === 1;
        const command: DeviceCommand = takes
          ? {
              type: 'TakeOwnership',
              at,
              by: { userId: by, isAdmin },
              ownershipId: i + 1,
              manager: isAdmin ? named : by,
              ...(time === undefined ? {} : { startMs: time }),
            }
          : {
              type: 'ReleaseOwnership',
              at,
              by: { userId: by, isAdmin },
              ...(time === undefined ? {} : { endMs: time }),
            };
        const decision: Decision = decideDevice(command, state);
        if ('rejected' in decision) return;
        accepted.count++;
        state = decision.reduce(evolveDevice, state);
        const held = state.status === 'missing' ? [] : state.ownerships.filter((one) => !isEmpty(one));
        for (const a of held) {
          for (const b of held) {
            if (a !== b) expect(a.startMs >= endOf(b) || b.startMs >= endOf(a)).toBe(true);
          }
        }
      });
    }),
  );
  expect(accepted.count).toBeGreaterThan(100);
});
