import { ManagerDeletedSchema } from '@touchline/contracts/identity/v1/events';
import { fold } from '@touchline/event-log';
import type { ReadModel } from '@touchline/read-models';
import type { Device, DeviceEvent, Ownership } from '@touchline/telemetry-domain';
import { decodeDeviceEvent, deviceEventTypes } from '../event-codec.ts';

/** Every device with all its ownerships; who owns it now is a question of the query. */
export interface DeviceDocument {
  /** The device's id. */
  _id: number;
  serialNumber: string;
  customName: string | null;
  /** SHA-256 in hexadecimal. */
  ingestTokenHash: string;
  /** In the order in which they were taken, which is that of time. */
  ownerships: StoredOwnership[];
  /** Of the device's stream. */
  revision: number;
  folded: { serialNumber: string; customName: string | null };
}

/** [startMs, endMs) */
export interface StoredOwnership {
  id: number;
  manager: number;
  startMs: number;
  /** `OPEN_END_MS` when it has no end. */
  endMs: number;
}

/** Later than any time that can be written. */
export const OPEN_END_MS = Number.MAX_SAFE_INTEGER;

/** @param revision of the event in its stream */
export function projectDevice(
  document: DeviceDocument | undefined,
  event: DeviceEvent,
  revision: number,
): DeviceDocument | undefined {
  if (event.type === 'DeviceRegistered') {
    const { deviceId, serialNumber, customName = null, ingestTokenHash } = event;
    return {
      _id: deviceId,
      serialNumber,
      customName,
      ingestTokenHash,
      ownerships: [],
      revision,
      folded: { serialNumber: fold(serialNumber), customName: customName === null ? null : fold(customName) },
    };
  }
  if (document === undefined) return undefined;
  switch (event.type) {
    case 'DeviceRenamed':
      return {
        ...document,
        customName: event.customName,
        folded: { ...document.folded, customName: fold(event.customName) },
        revision,
      };
    case 'IngestTokenRotated':
      return { ...document, ingestTokenHash: event.ingestTokenHash, revision };
    case 'OwnershipTaken': {
      const { ownershipId: id, manager, startMs } = event;
      const taken = { id, manager, startMs, endMs: OPEN_END_MS };
      return { ...document, ownerships: [...document.ownerships, taken], revision };
    }
    case 'OwnershipReleased':
      return {
        ...document,
        ownerships: document.ownerships.map((ownership) =>
          ownership.id === event.ownershipId ? { ...ownership, endMs: event.endMs } : ownership,
        ),
        revision,
      };
    default:
      return event satisfies never;
  }
}

export const devicesModel: ReadModel<DeviceDocument> = {
  name: 'devices',
  // The end of a manager changes nothing by itself: whoever ends his ownerships waits until all before it are here.
  consumes: [...deviceEventTypes, ManagerDeletedSchema.typeName],
  indexes: [
    { key: { 'ownerships.manager': 1, _id: 1 } },
    { key: { 'folded.serialNumber': 1, _id: 1 } },
    { key: { 'folded.customName': 1, _id: 1 } },
    { key: { ingestTokenHash: 1 } },
  ],
  documentIds: (stored) => {
    const event = decodeDeviceEvent(stored);
    return event === undefined ? [] : [event.deviceId];
  },
  project: (document, stored) => {
    const event = decodeDeviceEvent(stored);
    return event && projectDevice(document, event, stored.revision);
  },
};

export function deviceOf(document: DeviceDocument): Device {
  const { _id, serialNumber, customName, ingestTokenHash, ownerships } = document;
  return {
    status: 'registered',
    id: _id,
    serialNumber,
    ...(customName === null ? {} : { customName }),
    ingestTokenHash,
    ownerships: ownerships.map(({ id, manager, startMs, endMs }): Ownership => ({
      id,
      manager,
      startMs,
      ...(endMs === OPEN_END_MS ? {} : { endMs }),
    })),
  };
}
