import type { DeviceEvent } from '@touchline/telemetry-domain';
import { expect, it } from 'vitest';
import { deviceOf, OPEN_END_MS, projectDevice, type DeviceDocument } from './devices.ts';

const given = (...events: DeviceEvent[]): DeviceDocument | undefined =>
  events.reduce<DeviceDocument | undefined>(
    (document, event, revision) => projectDevice(document, event, revision),
    undefined,
  );

const registered: DeviceEvent = {
  type: 'DeviceRegistered',
  deviceId: 7,
  serialNumber: 'ÄX-1',
  ingestTokenHash: 'aa',
};

it('holds a device as it was registered, with its names folded', () => {
  expect(given({ ...registered, customName: 'Ｌeft' })).toEqual({
    _id: 7,
    serialNumber: 'ÄX-1',
    customName: 'Ｌeft',
    ingestTokenHash: 'aa',
    ownerships: [],
    revision: 0,
    folded: { serialNumber: 'äx-1', customName: 'left' },
  });
});

it('follows names, tokens and ownerships', () => {
  const document = given(
    registered,
    { type: 'DeviceRenamed', deviceId: 7, customName: 'Spare' },
    { type: 'IngestTokenRotated', deviceId: 7, ingestTokenHash: 'bb' },
    { type: 'OwnershipTaken', deviceId: 7, ownershipId: 1, manager: 2, startMs: 10 },
    { type: 'OwnershipReleased', deviceId: 7, ownershipId: 1, manager: 2, endMs: 20 },
    { type: 'OwnershipTaken', deviceId: 7, ownershipId: 2, manager: 3, startMs: 20 },
  );
  expect(document).toMatchObject({
    customName: 'Spare',
    ingestTokenHash: 'bb',
    ownerships: [
      { id: 1, manager: 2, startMs: 10, endMs: 20 },
      { id: 2, manager: 3, startMs: 20, endMs: OPEN_END_MS },
    ],
    revision: 5,
    folded: { customName: 'spare' },
  });
  expect(deviceOf(document!).ownerships).toEqual([
    { id: 1, manager: 2, startMs: 10, endMs: 20 },
    { id: 2, manager: 3, startMs: 20 },
  ]);
});

it('knows nothing of a device that was not registered', () => {
  expect(given({ type: 'DeviceRenamed', deviceId: 7, customName: 'x' })).toBeUndefined();
});
