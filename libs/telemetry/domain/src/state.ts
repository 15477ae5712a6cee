import type { DeviceEvent } from './events.ts';
import type { Ownership } from './ownership.ts';

/** A device; ownerships in the order in which they were taken, which is that of time. */
export interface Device {
  readonly status: 'registered';
  readonly id: number;
  readonly serialNumber: string;
  readonly customName?: string;
  /** SHA-256 in hexadecimal. */
  readonly ingestTokenHash: string;
  readonly ownerships: readonly Ownership[];
}

export type DeviceState = { readonly status: 'missing' } | Device;

export const initialDevice: DeviceState = { status: 'missing' };

export function evolveDevice(state: DeviceState, event: DeviceEvent): DeviceState {
  if (event.type === 'DeviceRegistered') {
    return {
      status: 'registered',
      id: event.deviceId,
      serialNumber: event.serialNumber,
      ...(event.customName === undefined ? {} : { customName: event.customName }),
      ingestTokenHash: event.ingestTokenHash,
      ownerships: [],
    };
  }
  if (state.status === 'missing') return state;
  switch (event.type) {
    case 'DeviceRenamed':
      return { ...state, customName: event.customName };
    case 'IngestTokenRotated':
      return { ...state, ingestTokenHash: event.ingestTokenHash };
    case 'OwnershipTaken':
      return {
        ...state,
        ownerships: [
          ...state.ownerships,
          { id: event.ownershipId, manager: event.manager, startMs: event.startMs },
        ],
      };
    case 'OwnershipReleased':
      return {
        ...state,
        ownerships: state.ownerships.map((ownership) =>
          ownership.id === event.ownershipId ? { ...ownership, endMs: event.endMs } : ownership,
        ),
      };
    default:
      return event satisfies never;
  }
}
