import { type FieldProblems, Problems, required } from './field-problems.ts';
import type { AthleteProfile, ManagerProfile } from './personal.ts';

export const profilePictureMaxBytes = 256 * 1024;

export function checkManagerProfile(profile: ManagerProfile | undefined): FieldProblems {
  const problems = new Problems();
  if (profile === undefined) {
    problems.add('manager_profile', required);
    return problems.byField;
  }
  problems.requiredText('manager_profile.first_name', profile.firstName, 150);
  problems.requiredText('manager_profile.last_name', profile.lastName, 150);
  problems.text('manager_profile.company', profile.company, 255);
  problems.text('manager_profile.phone_number', profile.phoneNumber, 50);
  return problems.byField;
}

/** An athlete's profile as it arrives: gender is any text and a height over 3 is in centimetres. */
export type AthleteProfileInput = Omit<AthleteProfile, 'gender'> & { gender?: string };

/** @param atMs the time of the command; a birth date lies before its day (UTC) */
export function checkAthleteProfile(profile: AthleteProfileInput | undefined, atMs: number): FieldProblems {
  const problems = new Problems();
  if (profile === undefined) {
    problems.add('athlete_profile', required);
    return problems.byField;
  }
  problems.requiredText('athlete_profile.first_name', profile.firstName, 150);
  problems.requiredText('athlete_profile.last_name', profile.lastName, 150);
  problems.text('athlete_profile.external_id', profile.externalId, 255);
  problems.text('athlete_profile.nationality', profile.nationality, 150);
  if (profile.gender !== undefined && profile.gender !== 'M' && profile.gender !== 'F') {
    problems.add('athlete_profile.gender', `"${profile.gender.slice(0, 20)}" is not a valid choice: M or F.`);
  }
  if (profile.weightKg !== undefined && !(profile.weightKg >= 1 && profile.weightKg <= 500)) {
    problems.add('athlete_profile.weight', 'A weight is 1 to 500 kg.');
  }
  if (profile.heightM !== undefined && !(metres(profile.heightM) >= 0.3 && metres(profile.heightM) <= 3)) {
    problems.add('athlete_profile.height', 'A height is 0.3 to 3 m, or 30 to 300 cm.');
  }
  if (profile.birthDate !== undefined) {
    const dayMs = dateMs(profile.birthDate);
    if (dayMs === undefined)
      problems.add('athlete_profile.birth_date', 'Use the format YYYY-MM-DD with a date that exists.');
    else if (dayMs >= Math.floor(atMs / 86_400_000) * 86_400_000) {
      problems.add('athlete_profile.birth_date', 'A birth date lies in the past.');
    }
  }
  if (profile.profilePicture !== undefined) {
    if (!isPngOrJpeg(profile.profilePicture))
      problems.add('athlete_profile.profile_picture', 'Upload a PNG or a JPEG.');
    if (profile.profilePicture.length > profilePictureMaxBytes) {
      problems.add('athlete_profile.profile_picture', 'A picture has at most 262144 bytes (256 KiB).');
    }
  }
  return problems.byField;
}

/** @param profile one that `checkAthleteProfile` found nothing wrong with */
export function normaliseAthleteProfile(profile: AthleteProfileInput): AthleteProfile {
  const { gender, heightM, ...rest } = profile;
  return {
    ...rest,
    ...(gender === 'M' || gender === 'F' ? { gender } : {}),
    ...(heightM === undefined ? {} : { heightM: metres(heightM) }),
  };
}

function metres(height: number): number {
  return height > 3 ? height / 100 : height;
}

/** Milliseconds of the day's first moment in UTC; undefined for a date that no calendar has. */
function dateMs(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const dayMs = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(dayMs) || new Date(dayMs).toISOString().slice(0, 10) !== text ? undefined : dayMs;
}

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const jpegSignature = [0xff, 0xd8, 0xff];

function isPngOrJpeg(bytes: Uint8Array): boolean {
  return [pngSignature, jpegSignature].some((signature) => signature.every((byte, i) => bytes[i] === byte));
}
