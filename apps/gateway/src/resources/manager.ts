import type { ManagerProfile } from '@touchline/contracts/identity/v1/personal';
import type { Manager } from '@touchline/contracts/identity/v1/service';
import { choice, type DeepPartial, entityTag, text } from '@touchline/http';
import * as z from 'zod';
import { present } from './present.ts';

export const extraPermission = choice(['can_create_managed_athletes']);

const profileExample = {
  first_name: 'Ada',
  last_name: 'Keller',
  company: 'FC Example',
  phone_number: '+41 21 000 00 00',
};

export const managerProfileInput = z
  .object({
    first_name: text(),
    last_name: text(),
    company: text().nullish(),
    phone_number: text().nullish(),
  })
  .meta({ id: 'ManagerProfileInput' });

export const managerProfileOutput = z
  .object({
    id: z.int(),
    first_name: z.string(),
    last_name: z.string(),
    company: z.string().nullable(),
    phone_number: z.string().nullable(),
  })
  .meta({ id: 'ManagerProfile' });

export const managerOutput = z
  .object({
    id: z.int(),
    username: z.string(),
    email: z.string(),
    external_id: z.string().nullable(),
    manager_profile: managerProfileOutput,
    extra_permissions: z.array(z.string()),
  })
  .meta({ id: 'Manager' });

export const managerExample = {
  id: 1,
  username: 'ada.keller@example.com',
  email: 'ada.keller@example.com',
  external_id: 'coach-7',
  manager_profile: { id: 1, ...profileExample },
  extra_permissions: ['can_create_managed_athletes'],
};

export const managerInputExample = {
  username: 'ada.keller@example.com',
  email: 'ada.keller@example.com',
  password: 'SuperPassword$$123',
  external_id: 'coach-7',
  manager_profile: profileExample,
};

export function managerJson({ id, username, email, externalId, profile, extraPermissions }: Manager) {
  return {
    id,
    username,
    email,
    external_id: externalId ?? null,
    manager_profile: managerProfileJson(id, profile),
    extra_permissions: extraPermissions,
  };
}

/** @param id the user's own: the profile has the same */
export function managerProfileJson(id: number, profile: ManagerProfile | undefined) {
  return {
    id,
    first_name: profile?.firstName ?? '',
    last_name: profile?.lastName ?? '',
    company: profile?.company ?? null,
    phone_number: profile?.phoneNumber ?? null,
  };
}

export function managerTag({ id, revision }: Manager): string {
  return entityTag('manager', id, revision);
}

type GivenProfile = DeepPartial<z.output<typeof managerProfileInput>>;

/** The message of the fields that came right; a missing name is empty. */
export function managerProfileMessage(given: GivenProfile | undefined) {
  if (given === undefined) return {};
  return {
    profile: {
      firstName: given.first_name ?? '',
      lastName: given.last_name ?? '',
      ...present('company', given.company),
      ...present('phoneNumber', given.phone_number),
    },
  };
}
