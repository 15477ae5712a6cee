import { type Timestamp, timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import {
  DeviceRegisteredSchema,
  DeviceRenamedSchema,
  IngestTokenRotatedSchema,
  OwnershipReleasedSchema,
  OwnershipTakenSchema,
} from '@touchline/contracts/telemetry/v1/events';
import {
  decodeMessage,
  encodePayload,
  type EncodedPayload,
  type EventCodec,
  type StoredEvent,
} from '@touchline/event-log';
import type { DeviceEvent } from '@touchline/telemetry-domain';

/** The types of the events of `device-<id>`. */
export const deviceEventTypes: readonly string[] = [
  DeviceRegisteredSchema,
  DeviceRenamedSchema,
  IngestTokenRotatedSchema,
  OwnershipTakenSchema,
  OwnershipReleasedSchema,
].map(({ typeName }) => typeName);

export const deviceEventCodec = {
  encode: encodeDeviceEvent,
  decode: decodeDeviceEvent,
} satisfies EventCodec<DeviceEvent>;

export function encodeDeviceEvent(event: DeviceEvent): EncodedPayload {
  const { deviceId } = event;
  switch (event.type) {
    case 'DeviceRegistered':
      return encodePayload(DeviceRegisteredSchema, {
        deviceId,
        serialNumber: event.serialNumber,
        ...(event.customName === undefined ? {} : { customName: event.customName }),
        ingestTokenHash: Buffer.from(event.ingestTokenHash, 'hex'),
      });
    case 'DeviceRenamed':
      return encodePayload(DeviceRenamedSchema, { deviceId, customName: event.customName });
    case 'IngestTokenRotated':
      return encodePayload(IngestTokenRotatedSchema, {
        deviceId,
        ingestTokenHash: Buffer.from(event.ingestTokenHash, 'hex'),
      });
    case 'OwnershipTaken':
      return encodePayload(OwnershipTakenSchema, {
        deviceId,
        ownershipId: event.ownershipId,
        manager: event.manager,
        startTime: timestampFromMs(event.startMs),
      });
    case 'OwnershipReleased':
      return encodePayload(OwnershipReleasedSchema, {
        deviceId,
        ownershipId: event.ownershipId,
        manager: event.manager,
        endTime: timestampFromMs(event.endMs),
      });
    default:
      return event satisfies never;
  }
}

/** Undefined for a type that a later version added. */
export function decodeDeviceEvent(stored: Pick<StoredEvent, 'type' | 'data'>): DeviceEvent | undefined {
  switch (stored.type) {
    case DeviceRegisteredSchema.typeName: {
      const { deviceId, serialNumber, customName, ingestTokenHash } = decodeMessage(
        DeviceRegisteredSchema,
        stored,
      );
      return {
        type: 'DeviceRegistered',
        deviceId,
        serialNumber,
        ...(customName === undefined ? {} : { customName }),
        ingestTokenHash: hex(ingestTokenHash),
      };
    }
    case DeviceRenamedSchema.typeName: {
      const { deviceId, customName } = decodeMessage(DeviceRenamedSchema, stored);
      return { type: 'DeviceRenamed', deviceId, customName };
    }
    case IngestTokenRotatedSchema.typeName: {
      const { deviceId, ingestTokenHash } = decodeMessage(IngestTokenRotatedSchema, stored);
      return { type: 'IngestTokenRotated', deviceId, ingestTokenHash: hex(ingestTokenHash) };
    }
    case OwnershipTakenSchema.typeName: {
      const { deviceId, ownershipId, manager, startTime } = decodeMessage(OwnershipTakenSchema, stored);
      return { type: 'OwnershipTaken', deviceId, ownershipId, manager, startMs: requiredMs(startTime) };
    }
    case OwnershipReleasedSchema.typeName: {
      const { deviceId, ownershipId, manager, endTime } = decodeMessage(OwnershipReleasedSchema, stored);
      return { type: 'OwnershipReleased', deviceId, ownershipId, manager, endMs: requiredMs(endTime) };
    }
    default:
      return undefined;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function requiredMs(timestamp: Timestamp | undefined): number {
  if (timestamp === undefined) throw new Error('A stored event lacks one of its times.');
  return timestampMs(timestamp);
}
