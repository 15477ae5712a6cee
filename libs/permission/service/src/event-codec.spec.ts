import { describe, expect, it } from 'vitest';
import type { JsonObject, StoredEvent } from '@touchline/event-log';
import type { PermissionEvent } from '@touchline/permission-domain';
import { decode, encode } from './event-codec.ts';

function stored(type: string, data: JsonObject, stream = 'permissions-12'): StoredEvent {
  const metadata = { correlation_id: 'r', actor: 'user:12', at: '2024-01-01T00:00:00.000Z' };
  return {
    id: '6b7f0a3e-5f0c-5d2a-9d58-5a1d2f5d8b11',
    stream,
    revision: 0,
    position: '0/0',
    type,
    data,
    metadata,
    createdMs: 0,
  };
}

const granted: PermissionEvent = {
  type: 'PermissionGranted',
  permissionId: 4,
  athlete: 12,
  manager: 7,
  kind: 'WRITE',
  startMs: Date.parse('2020-02-20T12:18:29.250Z'),
  endMs: Date.parse('2199-12-31T00:00:00Z'),
};
const revoked: PermissionEvent = {
  type: 'PermissionsRevoked',
  athlete: 12,
  manager: 7,
  permissionIds: [4, 49],
};

/** As they lie in logs: they never change. */
const golden: [PermissionEvent, string, JsonObject][] = [
  [
    granted,
    'permission.v1.PermissionGranted',
    {
      permissionId: 4,
      athlete: 12,
      manager: 7,
      kind: 'KIND_WRITE',
      startTime: '2020-02-20T12:18:29.250Z',
      expirationTime: '2199-12-31T00:00:00Z',
    },
  ],
  [revoked, 'permission.v1.PermissionsRevoked', { athlete: 12, manager: 7, permissionIds: [4, 49] }],
];

describe.each(golden)('%o', (event, type, data) => {
  it('is written as it always was', () => {
    expect(encode(event)).toEqual({ type, data });
  });

  it('is read as it always was', () => {
    expect(decode(stored(type, data))).toEqual(event);
  });

  it('is read with fields that a later version added', () => {
    expect(decode(stored(type, { ...data, addedLater: 'x' }))).toEqual(event);
  });
});

describe('identity’s events', () => {
  const sealed = { keyId: 'user-12', nonce: 'AAAA', ciphertext: 'AAAA' };

  it.each([
    ['identity.v1.AdminCreated', { userId: 12, account: sealed }, 'ADMIN', undefined],
    ['identity.v1.ManagerCreated', { userId: 12, account: sealed, profile: sealed }, 'MANAGER', undefined],
    ['identity.v1.AthleteCreated', { userId: 12, account: sealed }, 'ATHLETE', undefined],
    ['identity.v1.AthleteCreated', { userId: 12, managedBy: 7, account: sealed }, 'ATHLETE', 7],
  ])('of type %s tell who is what without a key', (type, data, role, managedBy) => {
    expect(decode(stored(type, data, 'user-12'))).toEqual({
      type: 'UserCreated',
      userId: 12,
      role,
      managedBy,
    });
  });
});

describe('other events', () => {
  it('say nothing', () => {
    expect(decode(stored('permission.v1.AddedLater', {}))).toBeUndefined();
    expect(decode(stored('identity.v1.ExtraPermissionsSet', { userId: 12 }, 'user-12'))).toBeUndefined();
  });

  it('that are grants without times are an error', () => {
    expect(() => decode(stored('permission.v1.PermissionGranted', { permissionId: 4 }))).toThrow(
      'without kind or times',
    );
  });
});

describe('the end of a user', () => {
  it.each([
    ['identity.v1.AthleteDeleted', 'ATHLETE'],
    ['identity.v1.ManagerDeleted', 'MANAGER'],
  ])('is read from %s', (type, role) => {
    expect(decode(stored(type, { userId: 7 }, 'user-7'))).toEqual({ type: 'UserDeleted', userId: 7, role });
  });
});
