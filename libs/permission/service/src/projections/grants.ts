import { AthleteCreatedSchema } from '@touchline/contracts/identity/v1/events';
import {
  type Grant,
  grantsOfManagedAthlete,
  type PermissionEvent,
  type UserCreated,
} from '@touchline/permission-domain';
import { type ReadModel } from '@touchline/read-models';
import { decode, permissionEventTypes } from '../event-codec.ts';

/** One grant; `_id` is its id. */
export type GrantDocument = Omit<Grant, 'id'> & { _id: number };

export type GrantsEvent = PermissionEvent | UserCreated;

/** The grants that an event makes or changes. */
export function grantIdsOf(event: GrantsEvent): number[] {
  switch (event.type) {
    case 'PermissionGranted':
      return [event.permissionId];
    case 'PermissionsRevoked':
      return [...event.permissionIds];
    case 'UserCreated':
      return derivedGrants(event).map(({ id }) => id);
    default:
      return event satisfies never;
  }
}

/** @param id of the grant, one of `grantIdsOf(event)`; undefined: the document stays as it is */
export function projectGrant(
  document: GrantDocument | undefined,
  event: GrantsEvent,
  id: number,
): GrantDocument | undefined {
  switch (event.type) {
    case 'PermissionGranted': {
      const { athlete, manager, kind, startMs, endMs } = event;
      return { _id: id, athlete, manager, kind, startMs, endMs, revoked: false };
    }
    case 'PermissionsRevoked':
      return document && { ...document, revoked: true };
    case 'UserCreated': {
      const derived = derivedGrants(event).find((grant) => grant.id === id);
      if (!derived) return undefined;
      const { id: _id, ...rest } = derived;
      return { _id, ...rest };
    }
    default:
      return event satisfies never;
  }
}

function derivedGrants({ role, userId, managedBy }: UserCreated): Grant[] {
  return role === 'ATHLETE' && managedBy !== undefined ? grantsOfManagedAthlete(userId, managedBy) : [];
}

export const grantsReadModel: ReadModel<GrantDocument> = {
  name: 'grants',
  consumes: [...permissionEventTypes, AthleteCreatedSchema.typeName],
  indexes: [{ key: { athlete: 1, manager: 1, _id: 1 } }, { key: { manager: 1, athlete: 1, kind: 1 } }],
  documentIds(stored) {
    const event = decode(stored);
    return event ? grantIdsOf(event) : [];
  },
  project(document, stored, id) {
    const event = decode(stored);
    return event && projectGrant(document, event, id);
  },
};
