import {
  AthleteCreatedSchema,
  AthleteDeletedSchema,
  ManagerDeletedSchema,
} from '@touchline/contracts/identity/v1/events';
import {
  type Grant,
  grantsOfManagedAthlete,
  type PermissionEvent,
  type UserCreated,
  type UserDeleted,
} from '@touchline/permission-domain';
import type { Lookup, ReadModel } from '@touchline/read-models';
import { decode, permissionEventTypes } from '../event-codec.ts';

/** One grant; `_id` is its id. */
export type GrantDocument = Omit<Grant, 'id'> & { _id: number };

/** Says for ever that a user is deleted, so that a grant appended after his end never appears. */
export interface DeletedUser {
  _id: string;
  deletedUser: number;
}

type Id = number | string;

export type GrantsEvent = PermissionEvent | UserCreated | UserDeleted;

/** The documents that an event makes or changes. */
export async function grantIdsOf(event: GrantsEvent, lookup: Lookup<Id>): Promise<Id[]> {
  switch (event.type) {
    case 'PermissionGranted':
      return (await isDeleted(event.manager, lookup)) || (await isDeleted(event.athlete, lookup))
        ? []
        : [event.permissionId];
    case 'PermissionsRevoked':
      return [...event.permissionIds];
    case 'UserCreated':
      return derivedGrants(event).map(({ id }) => id);
    case 'UserDeleted': {
      const field = event.role === 'ATHLETE' ? 'athlete' : 'manager';
      return [`deleted-user-${event.userId}`, ...(await lookup.idsWhere({ [field]: event.userId }))];
    }
    default:
      return event satisfies never;
  }
}

async function isDeleted(user: number, lookup: Lookup<Id>): Promise<boolean> {
  return (await lookup.idsWhere({ deletedUser: user })).length > 0;
}

/** @param id one of `grantIdsOf(event)`; undefined: the document stays as it is */
export function projectGrant(
  document: GrantDocument | undefined,
  event: GrantsEvent,
  id: Id,
): GrantDocument | DeletedUser | 'gone' | undefined {
  if (typeof id === 'string')
    return event.type === 'UserDeleted' ? { _id: id, deletedUser: event.userId } : undefined;
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
    case 'UserDeleted':
      return 'gone';
    default:
      return event satisfies never;
  }
}

function derivedGrants({ role, userId, managedBy }: UserCreated): Grant[] {
  return role === 'ATHLETE' && managedBy !== undefined ? grantsOfManagedAthlete(userId, managedBy) : [];
}

export const grantsReadModel: ReadModel<GrantDocument | DeletedUser> = {
  name: 'grants',
  consumes: [
    ...permissionEventTypes,
    AthleteCreatedSchema.typeName,
    AthleteDeletedSchema.typeName,
    ManagerDeletedSchema.typeName,
  ],
  indexes: [
    { key: { athlete: 1, manager: 1, _id: 1 } },
    { key: { manager: 1, athlete: 1, kind: 1 } },
    { key: { deletedUser: 1 }, sparse: true },
  ],
  documentIds(stored, lookup) {
    const event = decode(stored);
    return event ? grantIdsOf(event, lookup) : [];
  },
  project(document, stored, id) {
    const event = decode(stored);
    const grant = document && 'athlete' in document ? document : undefined;
    return event && projectGrant(grant, event, id);
  },
};
