import type { DeviceCommand } from './commands.ts';
import type { DeviceEvent } from './events.ts';
import { endOf, isEmpty, lastOwnership, openOwnership } from './ownership.ts';
import type { Device, DeviceState } from './state.ts';

/** Why a command was refused. */
export type Rejection =
  | { readonly code: 'device_missing' }
  | { readonly code: 'device_exists' }
  /** Somebody owns it at the start that was asked for, or later. */
  | { readonly code: 'already_owned' }
  /** An earlier start than now is not for this caller. */
  | { readonly code: 'start_in_past' }
  | { readonly code: 'nobody_owns' }
  | { readonly code: 'not_the_owner' }
  | { readonly code: 'end_in_future' }
  | { readonly code: 'end_before_start'; readonly startMs: number };

export type Decision = readonly DeviceEvent[] | { readonly rejected: Rejection };

const rejected = (rejection: Rejection): Decision => ({ rejected: rejection });

export function decideDevice(command: DeviceCommand, state: DeviceState): Decision {
  if (command.type === 'RegisterDevice') return register(command, state);
  if (state.status === 'missing') return rejected({ code: 'device_missing' });
  switch (command.type) {
    case 'RenameDevice':
      return state.customName === command.customName
        ? []
        : [{ type: 'DeviceRenamed', deviceId: state.id, customName: command.customName }];
    case 'RotateIngestToken':
      return state.ingestTokenHash === command.ingestTokenHash
        ? []
        : [{ type: 'IngestTokenRotated', deviceId: state.id, ingestTokenHash: command.ingestTokenHash }];
    case 'TakeOwnership':
      return takeOwnership(command, state);
    case 'ReleaseOwnership':
      return releaseOwnership(command, state);
    default:
      return command satisfies never;
  }
}

function register(command: Extract<DeviceCommand, { type: 'RegisterDevice' }>, state: DeviceState): Decision {
  const { deviceId, serialNumber, customName, ingestTokenHash } = command;
  if (state.status === 'registered') {
    return state.serialNumber === serialNumber && state.ingestTokenHash === ingestTokenHash
      ? []
      : rejected({ code: 'device_exists' });
  }
  return [
    {
      type: 'DeviceRegistered',
      deviceId,
      serialNumber,
      ...(customName === undefined ? {} : { customName }),
      ingestTokenHash,
    },
  ];
}

function takeOwnership(command: Extract<DeviceCommand, { type: 'TakeOwnership' }>, device: Device): Decision {
  const { ownershipId, manager, at, by } = command;
  if (device.ownerships.some(({ id }) => id === ownershipId)) return [];
  const startMs = command.startMs ?? at;
  if (device.ownerships.some((other) => !isEmpty(other) && endOf(other) > startMs)) {
    return rejected({ code: 'already_owned' });
  }
  const last = lastOwnership(device.ownerships);
  const mayStartEarlier = by.isAdmin || last === undefined || last.manager === by.userId;
  if (startMs < at && !mayStartEarlier) return rejected({ code: 'start_in_past' });
  return [{ type: 'OwnershipTaken', deviceId: device.id, ownershipId, manager, startMs }];
}

function releaseOwnership(
  command: Extract<DeviceCommand, { type: 'ReleaseOwnership' }>,
  device: Device,
): Decision {
  const { at, by } = command;
  const open = openOwnership(device.ownerships);
  if (open === undefined) return rejected({ code: 'nobody_owns' });
  if (!by.isAdmin && open.manager !== by.userId) return rejected({ code: 'not_the_owner' });
  if (command.endMs !== undefined && command.endMs > at) return rejected({ code: 'end_in_future' });
  if (command.endMs !== undefined && command.endMs < open.startMs) {
    return rejected({ code: 'end_before_start', startMs: open.startMs });
  }
  // Giving up one that has not begun leaves one that holds nothing.
  const endMs = command.endMs ?? Math.max(at, open.startMs);
  return [
    {
      type: 'OwnershipReleased',
      deviceId: device.id,
      ownershipId: open.id,
      manager: open.manager,
      endMs,
    },
  ];
}
