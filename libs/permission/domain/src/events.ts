// WARNING: these events are stored for ever. Add fields; never change the meaning of one, never remove or rename one.
import type { Kind } from './grants.ts';

export interface PermissionGranted {
  type: 'PermissionGranted';
  permissionId: number;
  athlete: number;
  manager: number;
  kind: Kind;
  /** Milliseconds since 1970. */
  startMs: number;
  endMs: number;
}

export interface PermissionsRevoked {
  type: 'PermissionsRevoked';
  athlete: number;
  manager: number;
  permissionIds: readonly number[];
}

/** What this context appends. */
export type PermissionEvent = PermissionGranted | PermissionsRevoked;

/** What this context takes from identity's events: their clear fields. */
export interface UserCreated {
  type: 'UserCreated';
  userId: number;
  role: 'ATHLETE' | 'MANAGER' | 'ADMIN';
  managedBy: number | undefined;
}

/** Likewise: his grants, or those on him, end with him. */
export interface UserDeleted {
  type: 'UserDeleted';
  userId: number;
  role: 'ATHLETE' | 'MANAGER';
}
