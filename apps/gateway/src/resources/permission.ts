import { Kind } from '@touchline/contracts/permission/v1/events';
import type { Permission } from '@touchline/contracts/permission/v1/service';
import * as z from 'zod';
import { fromTimestamp } from '../timestamps.ts';

export const permissionKinds = ['READ', 'WRITE', 'SHARE'] as const;

export const permissionOutput = z
  .object({
    id: z.int(),
    manager: z.int(),
    athlete: z.int(),
    start_time: z.string().meta({ format: 'date-time' }),
    expiration_time: z.string().meta({ format: 'date-time' }),
    permission: z.enum(permissionKinds),
    is_active: z.boolean(),
  })
  .meta({ id: 'Permission' });

export const permissionExample = {
  id: 12,
  manager: 1,
  athlete: 2,
  start_time: '2020-02-20T12:18:29+0000',
  expiration_time: '2022-02-20T12:18:29+0000',
  permission: 'READ',
  is_active: true,
};

export function permissionJson(permission: Permission) {
  return {
    id: permission.id,
    manager: permission.manager,
    athlete: permission.athlete,
    start_time: fromTimestamp(permission.startTime),
    expiration_time: fromTimestamp(permission.expirationTime),
    permission: kindName(permission.kind),
    is_active: permission.isActive,
  };
}

export function kindOf(name: (typeof permissionKinds)[number] | undefined): Kind {
  switch (name) {
    case undefined:
      return Kind.UNSPECIFIED;
    case 'READ':
      return Kind.READ;
    case 'WRITE':
      return Kind.WRITE;
    case 'SHARE':
      return Kind.SHARE;
    default:
      return name satisfies never;
  }
}

function kindName(kind: Kind): (typeof permissionKinds)[number] {
  switch (kind) {
    case Kind.READ:
      return 'READ';
    case Kind.WRITE:
      return 'WRITE';
    case Kind.SHARE:
      return 'SHARE';
    default:
      // Enums are open: a later version of the service may know more.
      throw new Error(`A permission came with the unknown kind ${kind}.`);
  }
}
