import { timestampMs } from '@bufbuild/protobuf/wkt';
import {
  Kind,
  PermissionGrantedSchema,
  PermissionsRevokedSchema,
} from '@touchline/contracts/permission/v1/events';
import { decodeMessage, type StoredEvent } from '@touchline/event-log';

/** The permission context's events, as far as they matter here. */
export type PermissionEvent =
  | {
      type: 'PermissionGranted';
      permissionId: number;
      athlete: number;
      manager: number;
      isRead: boolean;
      startMs: number;
      endMs: number;
    }
  | { type: 'PermissionsRevoked'; athlete: number; permissionIds: readonly number[] };

export const permissionEventTypes = [
  PermissionGrantedSchema.typeName,
  PermissionsRevokedSchema.typeName,
] as const;

/** Undefined for events of other contexts. @throws Error when a stored grant has no times */
export function decodePermissionEvent(stored: StoredEvent): PermissionEvent | undefined {
  switch (stored.type) {
    case PermissionGrantedSchema.typeName: {
      const message = decodeMessage(PermissionGrantedSchema, stored);
      const { permissionId, athlete, manager, kind, startTime, expirationTime } = message;
      if (!startTime || !expirationTime) {
        throw new Error(`Event ${stored.id} of ${stored.stream} is a grant without times.`);
      }
      const times = { startMs: timestampMs(startTime), endMs: timestampMs(expirationTime) };
      return {
        type: 'PermissionGranted',
        permissionId,
        athlete,
        manager,
        isRead: kind === Kind.READ,
        ...times,
      };
    }
    case PermissionsRevokedSchema.typeName: {
      const { athlete, permissionIds } = decodeMessage(PermissionsRevokedSchema, stored);
      return { type: 'PermissionsRevoked', athlete, permissionIds };
    }
    default:
      return undefined;
  }
}

export function athleteOfPermissionEvent(stored: StoredEvent): number | undefined {
  return decodePermissionEvent(stored)?.athlete;
}
