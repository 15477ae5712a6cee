import type { Kind } from './grants.ts';

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

/** READ for another manager, by one who has SHARE. */
export interface SharePermission extends Issued {
  type: 'SharePermission';
  permissionId: number;
  /** Undefined for an admin, who needs no SHARE. */
  sharer: number | undefined;
  manager: number;
  /** `at` when undefined. */
  startMs: number | undefined;
  /** As long as the sharer's SHARE goes on without a hole when undefined; an admin's until 2199-12-31T00:00:00Z. */
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

export type PermissionCommand = GrantPermission | SharePermission | RevokePermission | RevokePermissions;
