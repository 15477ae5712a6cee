import { type EventCodec, fold } from '@touchline/event-log';
import {
  type AccountData,
  type ExtraPermission,
  type ManagerProfile,
  type UserEvent,
  userIdOf,
} from '@touchline/identity-domain';
import type { ReadModel } from '@touchline/read-models';
import { userEventTypes } from '../event-codec.ts';

/** Every user: who logs in, and what a manager or admin sees of himself. Athletes' profiles are in `athletes`. */
export interface AccountDocument {
  /** The user's id. */
  _id: number;
  role: 'ATHLETE' | 'MANAGER' | 'ADMIN';
  username: string;
  email: string;
  externalId: string | null;
  managerProfile: ManagerProfile | null;
  extraPermissions: readonly ExtraPermission[];
  /** Of the user's stream. */
  revision: number;
  folded: { username: string; externalId: string | null };
}

/** @param revision of the event in its stream */
export function projectAccount(
  document: AccountDocument | undefined,
  event: UserEvent,
  revision: number,
): AccountDocument | 'gone' | undefined {
  switch (event.type) {
    case 'AdminCreated':
      return created(event.userId, 'ADMIN', event.account, null, revision);
    case 'AthleteCreated':
      return created(event.userId, 'ATHLETE', event.account, null, revision);
    case 'ManagerCreated':
      return event.profile
        ? created(event.userId, 'MANAGER', event.account, event.profile, revision)
        : 'gone';
    case 'ExtraPermissionsSet':
      return document && { ...document, extraPermissions: event.extraPermissions, revision };
    case 'AccountChanged':
      if (!event.account) return 'gone';
      return document && { ...document, ...accountFields(event.account), revision };
    case 'ManagerProfileChanged':
      if (!event.profile) return 'gone';
      return document && { ...document, managerProfile: event.profile, revision };
    case 'AthleteProfileChanged':
    case 'PasswordChanged':
      return document && { ...document, revision };
    case 'AthleteDeleted':
    case 'ManagerDeleted':
      return 'gone';
    default:
      return event satisfies never;
  }
}

function created(
  id: number,
  role: AccountDocument['role'],
  account: AccountData | undefined,
  managerProfile: ManagerProfile | null,
  revision: number,
): AccountDocument | 'gone' {
  if (!account) return 'gone';
  return {
    _id: id,
    role,
    ...accountFields(account),
    managerProfile,
    extraPermissions: [],
    revision,
  };
}

function accountFields({ username, email, externalId }: AccountData) {
  return {
    username,
    email,
    externalId: externalId ?? null,
    folded: { username: fold(username), externalId: externalId === undefined ? null : fold(externalId) },
  };
}

export function accountsReadModel(codec: Pick<EventCodec<UserEvent>, 'decode'>): ReadModel<AccountDocument> {
  return {
    name: 'accounts',
    consumes: userEventTypes,
    indexes: [{ key: { 'folded.username': 1 } }, { key: { 'folded.externalId': 1, _id: 1 } }],
    documentIds(stored) {
      const id = userIdOf(stored.stream);
      return id === undefined ? [] : [id];
    },
    async project(document, stored) {
      const event = await codec.decode(stored);
      return event && projectAccount(document, event, stored.revision);
    },
  };
}
