import type { PermissionEvent, UserCreated } from './events.ts';
import { type Grant, grantsOfManagedAthlete } from './grants.ts';

/** All grants on one athlete. */
export interface PermissionState {
  /** Undefined when there is no such athlete. */
  athlete: number | undefined;
  grants: ReadonlyMap<number, Grant>;
}

export const initialState: PermissionState = { athlete: undefined, grants: new Map() };

/** The load begins with identity's first event about the athlete. */
export function evolve(state: PermissionState, event: PermissionEvent | UserCreated): PermissionState {
  switch (event.type) {
    case 'UserCreated': {
      if (event.role !== 'ATHLETE') return state;
      const derived =
        event.managedBy === undefined ? [] : grantsOfManagedAthlete(event.userId, event.managedBy);
      return { athlete: event.userId, grants: new Map(derived.map((grant) => [grant.id, grant])) };
    }
    case 'PermissionGranted': {
      const { permissionId: id, athlete, manager, kind, startMs, endMs } = event;
      return withGrants(state, [{ id, athlete, manager, kind, startMs, endMs, revoked: false }]);
    }
    case 'PermissionsRevoked': {
      const revoked = event.permissionIds.flatMap((id) => state.grants.get(id) ?? []);
      return withGrants(
        state,
        revoked.map((grant) => ({ ...grant, revoked: true })),
      );
    }
    default:
      return event satisfies never;
  }
}

function withGrants(state: PermissionState, changed: readonly Grant[]): PermissionState {
  const grants = new Map(state.grants);
  for (const grant of changed) grants.set(grant.id, grant);
  return { ...state, grants };
}
