import { describe, expect, it } from 'vitest';
import {
  type AthleteProfileInput,
  checkAthleteProfile,
  checkManagerProfile,
  normaliseAthleteProfile,
  profilePictureMaxBytes,
} from './profile-rules.ts';

const at = Date.parse('2024-03-01T12:00:00Z');
const profile: AthleteProfileInput = { firstName: 'Usain', lastName: 'Bolt' };

function picture(size: number, ...start: number[]): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes.set(start);
  return bytes;
}

const png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const jpeg = [0xff, 0xd8, 0xff, 0xe0];

describe('an athlete’s profile', () => {
  it('needs no more than first and last name', () => {
    expect(checkAthleteProfile(profile, at)).toEqual({});
  });

  it('is required', () => {
    expect(checkAthleteProfile(undefined, at)).toEqual({ athlete_profile: ['This field is required.'] });
  });

  it('names the missing names', () => {
    expect(checkAthleteProfile({ firstName: '', lastName: ' ' }, at)).toEqual({
      'athlete_profile.first_name': ['This field is required.'],
      'athlete_profile.last_name': ['This field is required.'],
    });
  });

  it.each([
    ['gender M', { gender: 'M' }],
    ['gender F', { gender: 'F' }],
    ['the least weight', { weightKg: 1 }],
    ['the greatest weight', { weightKg: 500 }],
    ['the least height in metres', { heightM: 0.3 }],
    ['the greatest height in metres', { heightM: 3 }],
    ['the least height in centimetres', { heightM: 30 }],
    ['the greatest height in centimetres', { heightM: 300 }],
    ['yesterday as birth date', { birthDate: '2024-02-29' }],
    ['the largest PNG', { profilePicture: picture(profilePictureMaxBytes, ...png) }],
    ['a JPEG', { profilePicture: picture(100, ...jpeg) }],
  ] satisfies [string, Partial<AthleteProfileInput>][])('accepts %s', (_what, part) => {
    expect(checkAthleteProfile({ ...profile, ...part }, at)).toEqual({});
  });

  it.each([
    ['another gender', 'gender', { gender: 'm' }],
    ['too little weight', 'weight', { weightKg: 0.9 }],
    ['too much weight', 'weight', { weightKg: 500.1 }],
    ['a weight that is no number', 'weight', { weightKg: NaN }],
    ['too small a height', 'height', { heightM: 0.29 }],
    ['a height between metres and centimetres', 'height', { heightM: 29.9 }],
    ['too great a height', 'height', { heightM: 301 }],
    ['today as birth date', 'birth_date', { birthDate: '2024-03-01' }],
    ['a day that no calendar has', 'birth_date', { birthDate: '2023-02-29' }],
    ['a date with a time', 'birth_date', { birthDate: '1986-08-21T00:00:00Z' }],
    ['a GIF', 'profile_picture', { profilePicture: picture(10, 0x47, 0x49, 0x46) }],
    ['an empty picture', 'profile_picture', { profilePicture: new Uint8Array() }],
    [
      'a picture that is a byte too large',
      'profile_picture',
      { profilePicture: picture(profilePictureMaxBytes + 1, ...png) },
    ],
    ['a long nationality', 'nationality', { nationality: 'x'.repeat(151) }],
  ] satisfies [string, string, Partial<AthleteProfileInput>][])('refuses %s', (_what, field, part) => {
    expect(Object.keys(checkAthleteProfile({ ...profile, ...part }, at))).toEqual([
      `athlete_profile.${field}`,
    ]);
  });

  it('takes a height over 3 for centimetres', () => {
    expect(normaliseAthleteProfile({ ...profile, heightM: 195 }).heightM).toBe(1.95);
    expect(normaliseAthleteProfile({ ...profile, heightM: 1.95 }).heightM).toBe(1.95);
    expect(normaliseAthleteProfile({ ...profile, heightM: 3 }).heightM).toBe(3);
  });
});

describe('a manager’s profile', () => {
  it('needs first and last name', () => {
    expect(checkManagerProfile({ firstName: 'Ada', lastName: 'King', company: 'ACME' })).toEqual({});
    expect(checkManagerProfile(undefined)).toHaveProperty('manager_profile');
    expect(checkManagerProfile({ firstName: 'Ada', lastName: '' })).toHaveProperty([
      'manager_profile.last_name',
    ]);
  });
});
