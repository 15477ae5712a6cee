import { Binary } from 'mongodb';
import {
  AccountChangedSchema,
  AthleteCreatedSchema,
  AthleteDeletedSchema,
  AthleteProfileChangedSchema,
  ManagerDeletedSchema,
  PasswordChangedSchema,
} from '@touchline/contracts/identity/v1/events';
import { decodeMessage, type EventCodec, fold } from '@touchline/event-log';
import {
  type AccountData,
  type AthleteCreated,
  type AthleteProfile,
  type UserEvent,
  userIdOf,
} from '@touchline/identity-domain';
import type { ReadModel } from '@touchline/read-models';
import {
  athleteOfPermissionEvent,
  decodePermissionEvent,
  permissionEventTypes,
  type PermissionEvent,
} from '../permission-events.ts';

/** A READ grant that is not revoked: the manager may read in [startMs, endMs). */
export interface Reader {
  permission: number;
  manager: number;
  startMs: number;
  endMs: number;
}

interface Folded {
  username: string;
  email: string;
  externalId: string | null;
  firstName: string;
  lastName: string;
}

type StoredProfile = Omit<AthleteProfile, 'profilePicture'> & { profilePicture?: Binary };

export interface AthleteDocument {
  /** The user's id. */
  _id: number;
  username: string;
  email: string;
  externalId: string | null;
  managedBy: number | null;
  profile: StoredProfile;
  /** Of the user's stream. */
  revision: number;
  /** What is filtered and ordered by, folded. */
  folded: Folded;
  /** The same in lines, for terms that occur anywhere: one field can lie in an index beside the readers. */
  searched: string;
  readers: Reader[];
}

/** Of managers' streams only their end matters: they read nobody any more. */
export type AthletesEvent = UserEvent | PermissionEvent;

/** The READ grant that follows from the creation of a managed athlete. */
function readerOfManaged(athlete: number, manager: number): Reader {
  return { permission: 4 * athlete + 1, manager, startMs: 0, endMs: Date.UTC(2199, 11, 31) };
}

/** @param revision of the event in its stream; undefined: the document stays as it is */
export function projectAthlete(
  document: AthleteDocument | undefined,
  event: AthletesEvent,
  revision: number,
): AthleteDocument | 'gone' | undefined {
  switch (event.type) {
    case 'AthleteCreated':
      return created(event, revision);
    case 'PermissionGranted': {
      if (!document || !event.isRead) return undefined;
      const { permissionId: permission, manager, startMs, endMs } = event;
      return { ...document, readers: [...document.readers, { permission, manager, startMs, endMs }] };
    }
    case 'PermissionsRevoked': {
      const readers = document?.readers.filter(({ permission }) => !event.permissionIds.includes(permission));
      return document && readers && readers.length < document.readers.length
        ? { ...document, readers }
        : undefined;
    }
    case 'AccountChanged':
      if (!document) return undefined;
      if (!event.account) return 'gone';
      return {
        ...document,
        ...accountFields(event.account),
        ...findable({ ...document.folded, ...foldedAccount(event.account) }),
        revision,
      };
    case 'AthleteProfileChanged':
      if (!document) return undefined;
      if (!event.profile) return 'gone';
      return {
        ...document,
        profile: storedProfile(event.profile),
        ...findable({ ...document.folded, ...foldedProfile(event.profile) }),
        revision,
      };
    case 'PasswordChanged':
      return document && { ...document, revision };
    case 'AthleteDeleted':
      return 'gone';
    case 'ManagerDeleted':
      return (
        document && {
          ...document,
          readers: document.readers.filter(({ manager }) => manager !== event.userId),
        }
      );
    case 'AdminCreated':
    case 'ManagerCreated':
    case 'ManagerProfileChanged':
    case 'ExtraPermissionsSet':
      return undefined;
    default:
      return event satisfies never;
  }
}

function created(event: AthleteCreated, revision: number): AthleteDocument | 'gone' {
  const { userId, account, profile, managedBy } = event;
  if (!account || !profile) return 'gone';
  return {
    _id: userId,
    ...accountFields(account),
    managedBy: managedBy ?? null,
    profile: storedProfile(profile),
    revision,
    ...findable({ ...foldedAccount(account), ...foldedProfile(profile) }),
    readers: managedBy === undefined ? [] : [readerOfManaged(userId, managedBy)],
  };
}

function accountFields({ username, email, externalId }: AccountData) {
  return { username, email, externalId: externalId ?? null };
}

function foldedAccount({ username, email, externalId }: AccountData) {
  return {
    username: fold(username),
    email: fold(email),
    externalId: externalId === undefined ? null : fold(externalId),
  };
}

function foldedProfile({ firstName, lastName }: AthleteProfile) {
  return { firstName: fold(firstName), lastName: fold(lastName) };
}

function findable(folded: Folded): Pick<AthleteDocument, 'folded' | 'searched'> {
  const lines = new Set(Object.values(folded).filter((text) => text !== null));
  return { folded, searched: [...lines].join('\n') };
}

function storedProfile({ profilePicture, ...rest }: AthleteProfile): StoredProfile {
  return profilePicture === undefined ? rest : { ...rest, profilePicture: new Binary(profilePicture) };
}

/** Whether the manager has READ at the instant. */
export function isReadableBy({ readers }: AthleteDocument, manager: number, atMs: number): boolean {
  return readers.some((one) => one.manager === manager && one.startMs <= atMs && atMs < one.endMs);
}

const athletesEventTypes = [
  AthleteCreatedSchema.typeName,
  AccountChangedSchema.typeName,
  AthleteProfileChangedSchema.typeName,
  PasswordChangedSchema.typeName,
  AthleteDeletedSchema.typeName,
  ManagerDeletedSchema.typeName,
] as const;

/** Who is listed to whom. Grants are the permission context's; here is only who may read whom when. */
export function athletesReadModel(codec: Pick<EventCodec<UserEvent>, 'decode'>): ReadModel<AthleteDocument> {
  return {
    name: 'athletes',
    consumes: [...athletesEventTypes, ...permissionEventTypes],
    indexes: [
      { key: { 'readers.manager': 1, _id: 1, 'readers.startMs': 1, 'readers.endMs': 1, searched: 1 } },
      { key: { _id: 1, searched: 1 } },
      { key: { managedBy: 1, _id: 1 } },
      { key: { 'folded.externalId': 1, _id: 1 } },
      { key: { 'folded.username': 1, _id: 1 } },
      { key: { 'folded.lastName': 1, _id: 1 } },
    ],
    documentIds(stored, lookup) {
      if (stored.type === ManagerDeletedSchema.typeName) {
        const { userId } = decodeMessage(ManagerDeletedSchema, stored);
        return lookup.idsWhere({ 'readers.manager': userId });
      }
      const id = athleteOfPermissionEvent(stored) ?? userIdOf(stored.stream);
      return id === undefined ? [] : [id];
    },
    async project(document, stored) {
      const event = decodePermissionEvent(stored) ?? (await codec.decode(stored));
      return event && projectAthlete(document, event, stored.revision);
    },
  };
}
