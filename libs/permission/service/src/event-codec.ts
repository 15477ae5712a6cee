import { timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import {
  AdminCreatedSchema,
  AthleteCreatedSchema,
  AthleteDeletedSchema,
  ManagerCreatedSchema,
  ManagerDeletedSchema,
} from '@touchline/contracts/identity/v1/events';
import {
  Kind as WireKind,
  PermissionGrantedSchema,
  PermissionsRevokedSchema,
} from '@touchline/contracts/permission/v1/events';
import { decodeMessage, encodePayload, type EncodedPayload, type StoredEvent } from '@touchline/event-log';
import type { Kind, PermissionEvent, UserCreated, UserDeleted } from '@touchline/permission-domain';

/** Identity's events that tell who is what; only their clear fields are read. */
export const userEventTypes = [
  AdminCreatedSchema.typeName,
  ManagerCreatedSchema.typeName,
  AthleteCreatedSchema.typeName,
  AthleteDeletedSchema.typeName,
  ManagerDeletedSchema.typeName,
] as const;

export const permissionEventTypes = [
  PermissionGrantedSchema.typeName,
  PermissionsRevokedSchema.typeName,
] as const;

const wireKinds = {
  READ: WireKind.READ,
  WRITE: WireKind.WRITE,
  SHARE: WireKind.SHARE,
} as const satisfies Record<Kind, WireKind>;

export function wireKindOf(kind: Kind): WireKind {
  return wireKinds[kind];
}

/** Undefined for what is no kind. */
export function kindOf(wire: WireKind): Kind | undefined {
  switch (wire) {
    case WireKind.READ:
      return 'READ';
    case WireKind.WRITE:
      return 'WRITE';
    case WireKind.SHARE:
      return 'SHARE';
    case WireKind.UNSPECIFIED:
      return undefined;
    default:
      // Of a later version's message.
      return undefined;
  }
}

export function encode(event: PermissionEvent): EncodedPayload {
  switch (event.type) {
    case 'PermissionGranted': {
      const { permissionId, athlete, manager, kind, startMs, endMs } = event;
      return encodePayload(PermissionGrantedSchema, {
        permissionId,
        athlete,
        manager,
        kind: wireKindOf(kind),
        startTime: timestampFromMs(startMs),
        expirationTime: timestampFromMs(endMs),
      });
    }
    case 'PermissionsRevoked': {
      const { athlete, manager, permissionIds } = event;
      return encodePayload(PermissionsRevokedSchema, { athlete, manager, permissionIds: [...permissionIds] });
    }
    default:
      return event satisfies never;
  }
}

/**
 * Undefined for other contexts' other events and for events of later versions.
 *
 * @throws Error when a stored grant lacks what every grant has
 */
export function decode(stored: StoredEvent): PermissionEvent | UserCreated | UserDeleted | undefined {
  switch (stored.type) {
    case PermissionGrantedSchema.typeName: {
      const message = decodeMessage(PermissionGrantedSchema, stored);
      const kind = kindOf(message.kind);
      const { permissionId, athlete, manager, startTime, expirationTime } = message;
      if (!kind || !startTime || !expirationTime) {
        throw new Error(`Event ${stored.id} of ${stored.stream} is a grant without kind or times.`);
      }
      const times = { startMs: timestampMs(startTime), endMs: timestampMs(expirationTime) };
      return { type: 'PermissionGranted', permissionId, athlete, manager, kind, ...times };
    }
    case PermissionsRevokedSchema.typeName: {
      const { athlete, manager, permissionIds } = decodeMessage(PermissionsRevokedSchema, stored);
      return { type: 'PermissionsRevoked', athlete, manager, permissionIds };
    }
    case AdminCreatedSchema.typeName: {
      const { userId } = decodeMessage(AdminCreatedSchema, stored);
      return { type: 'UserCreated', userId, role: 'ADMIN', managedBy: undefined };
    }
    case ManagerCreatedSchema.typeName: {
      const { userId } = decodeMessage(ManagerCreatedSchema, stored);
      return { type: 'UserCreated', userId, role: 'MANAGER', managedBy: undefined };
    }
    case AthleteCreatedSchema.typeName: {
      const { userId, managedBy } = decodeMessage(AthleteCreatedSchema, stored);
      return { type: 'UserCreated', userId, role: 'ATHLETE', managedBy };
    }
    case AthleteDeletedSchema.typeName: {
      const { userId } = decodeMessage(AthleteDeletedSchema, stored);
      return { type: 'UserDeleted', userId, role: 'ATHLETE' };
    }
    case ManagerDeletedSchema.typeName: {
      const { userId } = decodeMessage(ManagerDeletedSchema, stored);
      return { type: 'UserDeleted', userId, role: 'MANAGER' };
    }
    default:
      return undefined;
  }
}
