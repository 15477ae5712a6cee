import type { MessageShape } from '@bufbuild/protobuf';
import type {
  AccountDataSchema,
  AthleteProfileSchema,
  ManagerProfileSchema,
} from '@touchline/contracts/identity/v1/personal';
import type {
  AccountData,
  AthleteProfile,
  AthleteProfileInput,
  ManagerProfile,
} from '@touchline/identity-domain';

/** The domain's values have the messages' fields; what is absent is no key here and undefined there. */

export function accountOf({
  username,
  email,
  externalId,
}: MessageShape<typeof AccountDataSchema>): AccountData {
  return { username, email, ...(externalId === undefined ? {} : { externalId }) };
}

export function managerProfileOf(message: MessageShape<typeof ManagerProfileSchema>): ManagerProfile {
  const { firstName, lastName, company, phoneNumber } = message;
  return {
    firstName,
    lastName,
    ...(company === undefined ? {} : { company }),
    ...(phoneNumber === undefined ? {} : { phoneNumber }),
  };
}

export function athleteProfileInputOf(
  message: MessageShape<typeof AthleteProfileSchema>,
): AthleteProfileInput {
  const {
    firstName,
    lastName,
    externalId,
    gender,
    weightKg,
    heightM,
    birthDate,
    nationality,
    profilePicture,
  } = message;
  return {
    firstName,
    lastName,
    ...(externalId === undefined ? {} : { externalId }),
    ...(gender === undefined ? {} : { gender }),
    ...(weightKg === undefined ? {} : { weightKg }),
    ...(heightM === undefined ? {} : { heightM }),
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(nationality === undefined ? {} : { nationality }),
    ...(profilePicture === undefined ? {} : { profilePicture }),
  };
}

/** Of a stored profile, which was checked before it was stored. */
export function athleteProfileOf(message: MessageShape<typeof AthleteProfileSchema>): AthleteProfile {
  const { gender, ...rest } = athleteProfileInputOf(message);
  return gender === 'M' || gender === 'F' ? { ...rest, gender } : rest;
}
