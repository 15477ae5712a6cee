import type { DeviceEvent } from '@touchline/telemetry-domain';
import { describe, expect, it } from 'vitest';
import { decodeDeviceEvent, deviceEventTypes, encodeDeviceEvent } from './event-codec.ts';

const hash = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const base64 = 'ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJmqu8zd7v8=';

/** Each event with the very JSON that the first version stored. */
const golden: [event: DeviceEvent, type: string, json: string][] = [
  [
    {
      type: 'DeviceRegistered',
      deviceId: 7,
      serialNumber: 'AX-1',
      customName: 'Left',
      ingestTokenHash: hash,
    },
    'telemetry.v1.DeviceRegistered',
    `{"deviceId":7,"serialNumber":"AX-1","customName":"Left","ingestTokenHash":"${base64}"}`,
  ],
  [
    { type: 'DeviceRegistered', deviceId: 7, serialNumber: 'AX-1', ingestTokenHash: hash },
    'telemetry.v1.DeviceRegistered',
    `{"deviceId":7,"serialNumber":"AX-1","ingestTokenHash":"${base64}"}`,
  ],
  [{ type: 'DeviceRenamed', deviceId: 7, customName: '' }, 'telemetry.v1.DeviceRenamed', '{"deviceId":7}'],
  [
    { type: 'IngestTokenRotated', deviceId: 7, ingestTokenHash: hash },
    'telemetry.v1.IngestTokenRotated',
    `{"deviceId":7,"ingestTokenHash":"${base64}"}`,
  ],
  [
    { type: 'OwnershipTaken', deviceId: 7, ownershipId: 3, manager: 2, startMs: 1_582_201_109_001 },
    'telemetry.v1.OwnershipTaken',
    '{"deviceId":7,"ownershipId":3,"manager":2,"startTime":"2020-02-20T12:18:29.001Z"}',
  ],
  [
    { type: 'OwnershipReleased', deviceId: 7, ownershipId: 3, manager: 2, endMs: 1_582_201_109_000 },
    'telemetry.v1.OwnershipReleased',
    '{"deviceId":7,"ownershipId":3,"endTime":"2020-02-20T12:18:29Z","manager":2}',
  ],
];

describe('events of devices', () => {
  it.each(golden)('are written as ever: $type', (event, type, json) => {
    const encoded = encodeDeviceEvent(event);
    expect(encoded.type).toBe(type);
    expect(JSON.stringify(encoded.data)).toBe(json);
  });

  it.each(golden)('are read as they were first written: $type', (event, type, json) => {
    expect(decodeDeviceEvent({ type, data: JSON.parse(json) })).toEqual(event);
  });

  it('have golden bytes for every type', () => {
    expect(new Set(golden.map(([, type]) => type))).toEqual(new Set(deviceEventTypes));
  });

  it('of a later version are passed over', () => {
    expect(decodeDeviceEvent({ type: 'telemetry.v1.DevicePainted', data: {} })).toBeUndefined();
  });
});
