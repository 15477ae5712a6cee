import type { GrantPermission, PermissionCommand, SharePermission } from './commands.ts';
import { coveredUntil, covers } from './coverage.ts';
import type { PermissionEvent, PermissionsRevoked } from './events.ts';
import { type Grant, latestMs } from './grants.ts';
import type { PermissionState } from './state.ts';

export type PermissionRejection =
  | 'no_such_athlete'
  /** The athlete has given the manager no permission with this id. */
  | 'no_such_permission'
  /** The sharer's SHARE does not cover now and what he wants to give. */
  | 'not_shared'
  /** A grant ends after it starts. */
  | 'ends_before_start';

export type PermissionDecision = PermissionEvent[] | { rejected: PermissionRejection };

export function decide(command: PermissionCommand, state: PermissionState): PermissionDecision {
  if (state.athlete === undefined) return { rejected: 'no_such_athlete' };
  const athlete = state.athlete;
  switch (command.type) {
    case 'GrantPermission':
      return grant(command, athlete, state);
    case 'SharePermission':
      return share(command, athlete, state);
    case 'RevokePermission': {
      const found = state.grants.get(command.permissionId);
      if (found?.manager !== command.manager) return { rejected: 'no_such_permission' };
      return revoke(athlete, command.manager, [found]);
    }
    case 'RevokePermissions':
      return revoke(
        athlete,
        command.manager,
        [...state.grants.values()].filter(({ manager }) => manager === command.manager),
      );
    default:
      return command satisfies never;
  }
}

function grant(command: GrantPermission, athlete: number, state: PermissionState): PermissionDecision {
  const { permissionId, manager, kind, at } = command;
  const startMs = command.startMs ?? at;
  const endMs = command.endMs ?? latestMs;
  if (startMs >= endMs) return { rejected: 'ends_before_start' };
  if (state.grants.has(permissionId)) return [];
  return [{ type: 'PermissionGranted', permissionId, athlete, manager, kind, startMs, endMs }];
}

function share(command: SharePermission, athlete: number, state: PermissionState): PermissionDecision {
  const { permissionId, sharer, manager, at } = command;
  const shares = [...state.grants.values()].filter(
    (one) => one.kind === 'SHARE' && !one.revoked && one.manager === sharer,
  );
  const startMs = command.startMs ?? at;
  const endMs = command.endMs ?? (sharer === undefined ? latestMs : coveredUntil(shares, startMs));
  if (sharer !== undefined && (endMs === undefined || coveredUntil(shares, at) === undefined))
    return { rejected: 'not_shared' };
  if (endMs === undefined || startMs >= endMs) return { rejected: 'ends_before_start' };
  if (sharer !== undefined && !covers(shares, { startMs, endMs })) return { rejected: 'not_shared' };
  if (state.grants.has(permissionId)) return [];
  return [{ type: 'PermissionGranted', permissionId, athlete, manager, kind: 'READ', startMs, endMs }];
}

function revoke(athlete: number, manager: number, grants: readonly Grant[]): PermissionsRevoked[] {
  const permissionIds = grants.filter(({ revoked }) => !revoked).map(({ id }) => id);
  return permissionIds.length === 0 ? [] : [{ type: 'PermissionsRevoked', athlete, manager, permissionIds }];
}
