import { describe, expect, it } from 'vitest';
import type { PermissionEvent, UserCreated } from '@touchline/permission-domain';
import {
  type DeletedUser,
  type GrantDocument,
  grantIdsOf,
  type GrantsEvent,
  projectGrant,
} from './grants.ts';

const granted: PermissionEvent = {
  type: 'PermissionGranted',
  permissionId: 4,
  athlete: 12,
  manager: 7,
  kind: 'READ',
  startMs: 1000,
  endMs: 2000,
};
const document: GrantDocument = {
  _id: 4,
  athlete: 12,
  manager: 7,
  kind: 'READ',
  startMs: 1000,
  endMs: 2000,
  revoked: false,
};
const managed: UserCreated = { type: 'UserCreated', userId: 12, role: 'ATHLETE', managedBy: 7 };

/** The grants and the marks of deleted users, by id. */
async function given(...events: GrantsEvent[]): Promise<Map<number | string, GrantDocument>> {
  const documents = new Map<number | string, GrantDocument | DeletedUser>();
  const lookup = {
    idsWhere: async (values: object) =>
      [...documents]
        .filter(([, one]) => Object.entries(values).every(([key, value]) => one[key as '_id'] === value))
        .map(([id]) => id),
  };
  for (const event of events) {
    for (const id of await grantIdsOf(event, lookup)) {
      const before = documents.get(id);
      const projected = projectGrant(before && 'athlete' in before ? before : undefined, event, id);
      if (projected === 'gone') documents.delete(id);
      else if (projected) documents.set(id, projected);
    }
  }
  return new Map([...documents].flatMap(([id, one]) => ('athlete' in one ? [[id, one] as const] : [])));
}

describe('grants', () => {
  it('are listed as they were given', async () => {
    expect([...(await given(granted)).values()]).toEqual([document]);
  });

  it('stay listed when they are revoked', async () => {
    const revoked: PermissionEvent = {
      type: 'PermissionsRevoked',
      athlete: 12,
      manager: 7,
      permissionIds: [4],
    };
    expect([...(await given(granted, revoked)).values()]).toEqual([{ ...document, revoked: true }]);
  });

  it('come with a managed athlete', async () => {
    const documents = [...(await given(managed)).values()];
    expect(documents.map(({ _id, kind }) => [_id, kind])).toEqual([
      [49, 'READ'],
      [50, 'WRITE'],
      [51, 'SHARE'],
    ]);
    expect(documents[0]).toEqual({
      _id: 49,
      athlete: 12,
      manager: 7,
      kind: 'READ',
      startMs: 0,
      endMs: Date.parse('2199-12-31T00:00:00Z'),
      revoked: false,
    });
  });

  it('of a managed athlete can be revoked', async () => {
    const revoked: PermissionEvent = {
      type: 'PermissionsRevoked',
      athlete: 12,
      manager: 7,
      permissionIds: [50],
    };
    expect([...(await given(managed, revoked)).values()].map((grant) => grant.revoked)).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('come with nobody else', async () => {
    expect(await given({ ...managed, managedBy: undefined })).toEqual(new Map());
    expect(await given({ ...managed, role: 'MANAGER' })).toEqual(new Map());
  });

  it('go with the manager or the athlete, and those of others stay', async () => {
    const other: PermissionEvent = { ...granted, permissionId: 8, athlete: 13 };
    const third: PermissionEvent = { ...granted, permissionId: 12, manager: 9 };
    const ids = async (...events: GrantsEvent[]) => [...(await given(...events)).keys()];
    const all = [managed, granted, other, third];
    expect(await ids(...all, { type: 'UserDeleted', userId: 7, role: 'MANAGER' })).toEqual([12]);
    expect(await ids(...all, { type: 'UserDeleted', userId: 12, role: 'ATHLETE' })).toEqual([8]);
  });

  it('that are appended after the end of the manager or the athlete never appear', async () => {
    expect(await given({ type: 'UserDeleted', userId: 7, role: 'MANAGER' }, granted)).toEqual(new Map());
    expect(await given({ type: 'UserDeleted', userId: 12, role: 'ATHLETE' }, granted)).toEqual(new Map());
  });
});
