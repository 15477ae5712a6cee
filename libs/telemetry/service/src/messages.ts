import type { MessageInitShape } from '@bufbuild/protobuf';
import { type Timestamp, timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import type {
  DeviceSchema,
  OwnershipSchema,
  PreprocessedRowSchema,
} from '@touchline/contracts/telemetry/v1/service';
import {
  ownershipAt,
  type Device,
  type Ownership,
  type Row,
  type SampleColumns,
} from '@touchline/telemetry-domain';

/** Milliseconds since the Unix epoch, or undefined where the message has no time. */
export const optionalMs = (timestamp: Timestamp | undefined): number | undefined =>
  timestamp && timestampMs(timestamp);

/** A device as it is at `nowMs`. */
export function deviceMessage(
  device: Device,
  revision: number,
  nowMs: number,
): MessageInitShape<typeof DeviceSchema> {
  const owned = ownershipAt(device.ownerships, nowMs);
  return {
    id: device.id,
    serialNumber: device.serialNumber,
    ...(device.customName === undefined ? {} : { customName: device.customName }),
    ...(owned && { owner: owned.manager, ownershipStart: timestampFromMs(owned.startMs) }),
    revision,
  };
}

export function ownershipMessage(ownership: Ownership): MessageInitShape<typeof OwnershipSchema> {
  const { id, manager, startMs, endMs } = ownership;
  return {
    id,
    manager,
    startTime: timestampFromMs(startMs),
    ...(endMs === undefined ? {} : { endTime: timestampFromMs(endMs) }),
  };
}

export function rowMessage(
  row: Row,
  { gnss, ecg, pwr, device }: SampleColumns,
): MessageInitShape<typeof PreprocessedRowSchema> {
  return {
    timestampMs: BigInt(row.t),
    ...(row.gnss !== undefined && {
      hasGnss: true,
      ...value('latitudeDeg', gnss.latitude[row.gnss]),
      ...value('longitudeDeg', gnss.longitude[row.gnss]),
      ...value('speedMps', gnss.speed[row.gnss]),
      ...value('altitudeM', gnss.altitude[row.gnss]),
    }),
    ...(row.ecg !== undefined && { hasEcg: true, ...value('hrBpm', ecg.hr[row.ecg]) }),
    ...(row.pwr !== undefined && {
      hasPwr: true,
      ...value('instantPowerW', pwr.power[row.pwr]),
      ...value('cadenceRpm', pwr.cadence[row.pwr]),
    }),
    ...(row.device !== undefined && {
      ...value('standstill', device.standstill[row.device]),
      ...value('batteryLevel', device.batteryLevel[row.device]),
    }),
  };
}

/** NaN is a missing value. */
function value<Name extends string>(name: Name, number: number | undefined): { [N in Name]?: number } {
  return (number === undefined || Number.isNaN(number) ? {} : { [name]: number }) as { [N in Name]?: number };
}
