import { type Account, Role } from '@touchline/contracts/identity/v1/service';
import * as z from 'zod';
import { athleteOutput, athleteProfileJson } from './athlete.ts';
import { managerExample, managerProfileJson, managerProfileOutput } from './manager.ts';

export const accountOutput = z
  .object({
    id: z.int(),
    username: z.string(),
    email: z.string(),
    external_id: z.string().nullable(),
    role: z.enum(['ATHLETE', 'MANAGER', 'ADMIN']),
    extra_permissions: z.array(z.string()),
    managed_by: z.int().nullable().optional(),
    manager_profile: managerProfileOutput.optional(),
    athlete_profile: athleteOutput.shape.athlete_profile.optional(),
  })
  .meta({ id: 'Account' });

export const accountExample = { ...managerExample, role: 'MANAGER' };

export function accountJson(account: Account) {
  const { id, username, email, externalId, extraPermissions, managerProfile, athleteProfile } = account;
  return {
    id,
    username,
    email,
    external_id: externalId ?? null,
    role: roleName(account.role),
    extra_permissions: extraPermissions,
    ...(managerProfile ? { manager_profile: managerProfileJson(id, managerProfile) } : {}),
    ...(athleteProfile
      ? { managed_by: account.managedBy ?? null, athlete_profile: athleteProfileJson(id, athleteProfile) }
      : {}),
  };
}

function roleName(role: Role): 'ATHLETE' | 'MANAGER' | 'ADMIN' {
  switch (role) {
    case Role.ATHLETE:
      return 'ATHLETE';
    case Role.MANAGER:
      return 'MANAGER';
    case Role.ADMIN:
      return 'ADMIN';
    default:
      // Enums are open: a later version of the service may know more.
      throw new Error(`An account came with the unknown role ${role}.`);
  }
}
