import { Binary } from 'mongodb';
import { AthleteCreatedSchema } from '@touchline/contracts/identity/v1/events';
import { decodeMessage, type EventCodec, fold, type StoredEvent } from '@touchline/event-log';
import { type AthleteCreated, type AthleteProfile, type UserEvent } from '@touchline/identity-domain';
import { type ReadModel } from '@touchline/read-models';
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
  /** What is searched, filtered and ordered by, folded. */
  folded: {
    username: string;
    email: string;
    externalId: string | null;
    firstName: string;
    lastName: string;
  };
  readers: Reader[];
}

export type AthletesEvent = AthleteCreated | PermissionEvent;

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
    default:
      return event satisfies never;
  }
}

function created(event: AthleteCreated, revision: number): AthleteDocument | 'gone' {
  const { userId, account, profile, managedBy } = event;
  if (!account || !profile) return 'gone';
  return {
    _id: userId,
    username: account.username,
    email: account.email,
    externalId: account.externalId ?? null,
    managedBy: managedBy ?? null,
    profile: storedProfile(profile),
    revision,
    folded: {
      username: fold(account.username),
      email: fold(account.email),
      externalId: account.externalId === undefined ? null : fold(account.externalId),
      firstName: fold(profile.firstName),
      lastName: fold(profile.lastName),
    },
    readers: managedBy === undefined ? [] : [readerOfManaged(userId, managedBy)],
  };
}

function storedProfile({ profilePicture, ...rest }: AthleteProfile): StoredProfile {
  return profilePicture === undefined ? rest : { ...rest, profilePicture: new Binary(profilePicture) };
}

/** Who is listed to whom. Grants are the permission context's; here is only who may read whom when. */
export function athletesReadModel(codec: Pick<EventCodec<UserEvent>, 'decode'>): ReadModel<AthleteDocument> {
  return {
    name: 'athletes',
    consumes: [AthleteCreatedSchema.typeName, ...permissionEventTypes],
    indexes: [
      { key: { 'readers.manager': 1, _id: 1 } },
      { key: { managedBy: 1, _id: 1 } },
      { key: { 'folded.externalId': 1, _id: 1 } },
      { key: { 'folded.username': 1, _id: 1 } },
      { key: { 'folded.lastName': 1, _id: 1 } },
    ],
    documentIds: (stored) => [athleteOfPermissionEvent(stored) ?? athleteCreated(stored)],
    async project(document, stored) {
      const event = decodePermissionEvent(stored) ?? (await codec.decode(stored));
      if (!event || (event.type !== 'AthleteCreated' && !isPermissionEvent(event))) return undefined;
      return projectAthlete(document, event, stored.revision);
    },
  };
}

function athleteCreated(stored: Pick<StoredEvent, 'data'>): number {
  return decodeMessage(AthleteCreatedSchema, stored).userId;
}

function isPermissionEvent(event: UserEvent | PermissionEvent): event is PermissionEvent {
  return event.type === 'PermissionGranted' || event.type === 'PermissionsRevoked';
}
