import { describe, expect, it } from 'vitest';
import { type PermissionEvent, type UserCreated } from '@touchline/permission-domain';
import { type GrantDocument, grantIdsOf, type GrantsEvent, projectGrant } from './grants.ts';

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

function given(...events: GrantsEvent[]): Map<number, GrantDocument> {
  const documents = new Map<number, GrantDocument>();
  for (const event of events) {
    for (const id of grantIdsOf(event)) {
      const projected = projectGrant(documents.get(id), event, id);
      if (projected) documents.set(id, projected);
    }
  }
  return documents;
}

describe('grants', () => {
  it('are listed as they were given', () => {
    expect([...given(granted).values()]).toEqual([document]);
  });

  it('stay listed when they are revoked', () => {
    const revoked: PermissionEvent = {
      type: 'PermissionsRevoked',
      athlete: 12,
      manager: 7,
      permissionIds: [4],
    };
    expect([...given(granted, revoked).values()]).toEqual([{ ...document, revoked: true }]);
  });

  it('come with a managed athlete', () => {
    const documents = [...given(managed).values()];
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

  it('of a managed athlete can be revoked', () => {
    const revoked: PermissionEvent = {
      type: 'PermissionsRevoked',
      athlete: 12,
      manager: 7,
      permissionIds: [50],
    };
    expect([...given(managed, revoked).values()].map((grant) => grant.revoked)).toEqual([false, true, false]);
  });

  it('come with nobody else', () => {
    expect(given({ ...managed, managedBy: undefined })).toEqual(new Map());
    expect(given({ ...managed, role: 'MANAGER' })).toEqual(new Map());
  });
});
