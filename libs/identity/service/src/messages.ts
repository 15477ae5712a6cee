import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AthleteProfileSchema } from '@touchline/contracts/identity/v1/personal';
import {
  type AccountSchema,
  type AthleteSchema,
  type ManagerSchema,
  Role,
} from '@touchline/contracts/identity/v1/service';
import type { UserState } from '@touchline/identity-domain';
import type { AccountDocument } from './projections/accounts.ts';
import type { AthleteDocument } from './projections/athletes.ts';

/** The answers' messages, from the state after a command or from documents. */

/** @throws Error when the state is not that of an athlete whose data is there */
export function athleteFromState(state: UserState, revision: number): MessageInitShape<typeof AthleteSchema> {
  if (state.role !== 'ATHLETE' || !state.account || !state.profile)
    throw new Error('The state holds no athlete.');
  const { id, account, profile, managedBy } = state;
  return { id, ...account, managedBy, profile, revision };
}

/** @throws Error when the state is not that of a manager whose data is there */
export function managerFromState(state: UserState, revision: number): MessageInitShape<typeof ManagerSchema> {
  if (state.role !== 'MANAGER' || !state.account || !state.profile)
    throw new Error('The state holds no manager.');
  const { id, account, profile, extraPermissions } = state;
  return { id, ...account, profile, extraPermissions: [...extraPermissions], revision };
}

/** @throws Error when the document is not that of a manager */
export function managerFromDocument(document: AccountDocument): MessageInitShape<typeof ManagerSchema> {
  const { _id: id, username, email, externalId, managerProfile, extraPermissions, revision } = document;
  if (!managerProfile) throw new Error('The document holds no manager.');
  return {
    id,
    username,
    email,
    externalId: externalId ?? undefined,
    profile: managerProfile,
    extraPermissions: [...extraPermissions],
    revision,
  };
}

export function athleteFromDocument(document: AthleteDocument): MessageInitShape<typeof AthleteSchema> {
  const { _id: id, username, email, externalId, managedBy, profile, revision } = document;
  return {
    id,
    username,
    email,
    externalId: externalId ?? undefined,
    managedBy: managedBy ?? undefined,
    profile: profileFromDocument(profile),
    revision,
  };
}

function profileFromDocument({
  profilePicture: picture,
  ...rest
}: AthleteDocument['profile']): MessageInitShape<typeof AthleteProfileSchema> {
  return picture
    ? { ...rest, profilePicture: new Uint8Array(picture.buffer.subarray(0, picture.position)) }
    : rest;
}

const roles = { ATHLETE: Role.ATHLETE, MANAGER: Role.MANAGER, ADMIN: Role.ADMIN } as const;

/** @param athlete the user's document when he is an athlete */
export function accountFromDocuments(
  account: AccountDocument,
  athlete: AthleteDocument | undefined,
): MessageInitShape<typeof AccountSchema> {
  const { _id: id, username, email, externalId, role, extraPermissions, managerProfile } = account;
  return {
    id,
    username,
    email,
    externalId: externalId ?? undefined,
    role: roles[role],
    extraPermissions: [...extraPermissions],
    managerProfile: managerProfile ?? undefined,
    athleteProfile: athlete && profileFromDocument(athlete.profile),
    managedBy: athlete?.managedBy ?? undefined,
  };
}
