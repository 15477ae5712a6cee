import type { AccountData, AthleteProfile, Changes, ManagerProfile } from '@touchline/identity-domain';

const ofAccount = { external_id: 'externalId' } as const;
const ofAthleteProfile = {
  'athlete_profile.external_id': 'externalId',
  'athlete_profile.gender': 'gender',
  'athlete_profile.weight': 'weightKg',
  'athlete_profile.height': 'heightM',
  'athlete_profile.birth_date': 'birthDate',
  'athlete_profile.nationality': 'nationality',
  'athlete_profile.profile_picture': 'profilePicture',
} as const;
const ofManagerProfile = {
  'manager_profile.company': 'company',
  'manager_profile.phone_number': 'phoneNumber',
} as const;

/** The changes that leave fields without a value; of names that the API does not know there are none. */
export const clearedOf = {
  account: (names: readonly string[]): Changes<AccountData> => clearing(ofAccount, names),
  athleteProfile: (names: readonly string[]): Changes<AthleteProfile> => clearing(ofAthleteProfile, names),
  managerProfile: (names: readonly string[]): Changes<ManagerProfile> => clearing(ofManagerProfile, names),
};

function clearing<F extends string>(fields: Readonly<Record<string, F>>, names: readonly string[]) {
  const cleared: { [K in F]?: null } = {};
  for (const name of names) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field !== undefined) cleared[field] = null;
  }
  return cleared;
}
