import type { Device, Ownership } from '@touchline/contracts/telemetry/v1/service';
import { entityTag } from '@touchline/http';
import * as z from 'zod';
import { fromTimestamp } from '../timestamps.ts';

const dateTimeText = z.string().meta({ format: 'date-time' });

export const deviceOutput = z
  .object({
    id: z.int(),
    serial_number: z.string(),
    custom_name: z.string().nullable(),
    owner: z.int().nullable(),
    ownership_start: dateTimeText.nullable(),
  })
  .meta({ id: 'Device' });

export const deviceWithTokenOutput = deviceOutput
  .extend({ ingest_token: z.string() })
  .meta({ id: 'DeviceWithIngestToken' });

export const ownershipOutput = z
  .object({
    id: z.int(),
    manager: z.int(),
    start_time: dateTimeText,
    end_time: dateTimeText.nullable(),
  })
  .meta({ id: 'Ownership' });

export const deviceExample = {
  id: 6499,
  serial_number: 'TL-006499',
  custom_name: 'Goalkeeper',
  owner: 1,
  ownership_start: '2020-02-20T12:18:29+0000',
};

export const deviceWithTokenExample = {
  ...deviceExample,
  ingest_token: 'tli_kJ5v2mZ0Q1yWm8mC3oQeS7u1',
};

export const ownershipExample = {
  id: 3,
  manager: 1,
  start_time: '2020-02-20T12:18:29+0000',
  end_time: null,
};

export function deviceJson({ id, serialNumber, customName, owner, ownershipStart }: Device) {
  return {
    id,
    serial_number: serialNumber,
    custom_name: customName ?? null,
    owner: owner ?? null,
    ownership_start: fromTimestamp(ownershipStart),
  };
}

export function ownershipJson({ id, manager, startTime, endTime }: Ownership) {
  return { id, manager, start_time: fromTimestamp(startTime), end_time: fromTimestamp(endTime) };
}

/** The owner now changes with time alone, too. */
export function deviceTag(device: Device): string {
  return entityTag('device', device.id, device.revision, device.owner, fromTimestamp(device.ownershipStart));
}
