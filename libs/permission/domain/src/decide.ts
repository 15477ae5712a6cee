import { type GrantPermission, type PermissionCommand } from './commands.ts';
import { type PermissionEvent, type PermissionsRevoked } from './events.ts';
import { type Grant, latestMs } from './grants.ts';
import { type PermissionState } from './state.ts';

export type PermissionRejection =
  | 'no_such_athlete'
  /** The athlete has given the manager no permission with this id. */
  | 'no_such_permission'
  /** A grant ends after it starts. */
  | 'ends_before_start';

export type PermissionDecision = PermissionEvent[] | { rejected: PermissionRejection };

export function decide(command: PermissionCommand, state: PermissionState): PermissionDecision {
  if (state.athlete === undefined) return { rejected: 'no_such_athlete' };
  const athlete = state.athlete;
  switch (command.type) {
    case 'GrantPermission':
      return grant(command, athlete, state);
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

function revoke(athlete: number, manager: number, grants: readonly Grant[]): PermissionsRevoked[] {
  const permissionIds = grants.filter(({ revoked }) => !revoked).map(({ id }) => id);
  return permissionIds.length === 0 ? [] : [{ type: 'PermissionsRevoked', athlete, manager, permissionIds }];
}
