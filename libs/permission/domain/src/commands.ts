import { type Kind } from './grants.ts';

interface Issued {
  /** Milliseconds since 1970. */
  at: number;
  /** `user:12`, … */
  by: string;
}

export interface GrantPermission extends Issued {
  type: 'GrantPermission';
  permissionId: number;
  manager: number;
  kind: Kind;
  /** `at` when undefined. */
  startMs: number | undefined;
  /** 2199-12-31T00:00:00Z when undefined. */
  endMs: number | undefined;
}

export interface RevokePermission extends Issued {
  type: 'RevokePermission';
  manager: number;
  permissionId: number;
}

/** All grants of the manager. */
export interface RevokePermissions extends Issued {
  type: 'RevokePermissions';
  manager: number;
}

export type PermissionCommand = GrantPermission | RevokePermission | RevokePermissions;
