import type { AthleteProfile } from '@touchline/contracts/identity/v1/personal';
import type { Athlete } from '@touchline/contracts/identity/v1/service';
import { base64, choice, date, decimal, type DeepPartial, entityTag, text } from '@touchline/http';
import * as z from 'zod';
import { present } from './present.ts';

const profileExample = {
  external_id: 'e6195b18-2515-410d-a48e-1009d12f2320',
  first_name: 'Usain',
  last_name: 'Bolt',
  gender: 'M',
  weight: 94,
  height: 1.95,
  birth_date: '1986-08-21',
  nationality: 'Switzerland',
  profile_picture: 'iVBORw0KGgoAAAANSUhEUgAA',
};

/** The profile in a request. */
export const athleteProfileInput = z
  .object({
    external_id: text().nullish(),
    first_name: text(),
    last_name: text(),
    gender: choice(['M', 'F']).nullish(),
    weight: decimal().nullish().meta({ description: 'kg, 1 to 500' }),
    height: decimal().nullish().meta({ description: 'm, 0.3 to 3; a value over 3 is taken for cm' }),
    birth_date: date().nullish(),
    nationality: text().nullish(),
    profile_picture: base64().nullish().meta({ description: 'A PNG or JPEG of at most 256 KiB, in base64' }),
  })
  .meta({ id: 'AthleteProfileInput' });

export const athleteProfileInputExample = profileExample;

const athleteProfileOutput = z
  .object({
    id: z.int(),
    external_id: z.string().nullable(),
    first_name: z.string(),
    last_name: z.string(),
    gender: z.enum(['M', 'F']).nullable(),
    weight: z.number().nullable(),
    height: z.number().nullable(),
    birth_date: z.string().meta({ format: 'date' }).nullable(),
    nationality: z.string().nullable(),
    profile_picture: z.string().meta({ contentEncoding: 'base64' }).nullable(),
  })
  .meta({ id: 'AthleteProfile' });

export const athleteOutput = z
  .object({
    id: z.int(),
    username: z.string(),
    external_id: z.string().nullable(),
    email: z.string(),
    managed_by: z.int().nullable(),
    athlete_profile: athleteProfileOutput,
  })
  .meta({ id: 'Athlete' });

/** The answer to the creation of a managed athlete has no e-mail. */
export const managedAthleteOutput = athleteOutput.omit({ email: true }).meta({ id: 'ManagedAthlete' });

export const athleteExample = {
  id: 12,
  username: 'jon.doe@example.com',
  external_id: '0123456789',
  email: 'jon.doe@example.com',
  managed_by: 1,
  athlete_profile: { id: 12, ...profileExample },
};

export function athleteJson({ id, username, externalId, email, managedBy, profile }: Athlete) {
  return {
    id,
    username,
    external_id: externalId ?? null,
    email,
    managed_by: managedBy ?? null,
    athlete_profile: athleteProfileJson(id, profile),
  };
}

/** @param id the user's own: the profile has the same */
export function athleteProfileJson(id: number, profile: AthleteProfile | undefined) {
  const picture = profile?.profilePicture;
  return {
    id,
    external_id: profile?.externalId ?? null,
    first_name: profile?.firstName ?? '',
    last_name: profile?.lastName ?? '',
    gender: profile?.gender ?? null,
    weight: profile?.weightKg ?? null,
    height: profile?.heightM ?? null,
    birth_date: profile?.birthDate ?? null,
    nationality: profile?.nationality ?? null,
    profile_picture: picture === undefined ? null : Buffer.from(picture).toString('base64'),
  };
}

export function athleteTag({ id, revision }: Athlete): string {
  return entityTag('athlete', id, revision);
}

type GivenProfile = DeepPartial<z.output<typeof athleteProfileInput>>;

/** The message of the fields that came right; a missing name is empty. */
export function athleteProfileMessage(given: GivenProfile | undefined) {
  if (given === undefined) return {};
  return {
    profile: {
      firstName: given.first_name ?? '',
      lastName: given.last_name ?? '',
      ...present('externalId', given.external_id),
      ...present('gender', given.gender),
      ...present('weightKg', given.weight),
      ...present('heightM', given.height),
      ...present('birthDate', given.birth_date),
      ...present('nationality', given.nationality),
      ...present('profilePicture', given.profile_picture),
    },
  };
}
