import { describe, expect, it } from 'vitest';
import type { AthleteCreated } from '@touchline/identity-domain';
import { type AthleteDocument, type AthletesEvent, projectAthlete } from './athletes.ts';

const created: AthleteCreated = {
  type: 'AthleteCreated',
  userId: 12,
  managedBy: undefined,
  account: { username: 'Élan@example.com', email: 'Élan@example.com', externalId: 'ＡＢ' },
  profile: { firstName: 'Élodie', lastName: 'Groß', gender: 'F' },
  credentials: { passwordHash: '$argon2id$…' },
};
const granted: AthletesEvent = {
  type: 'PermissionGranted',
  permissionId: 4,
  athlete: 12,
  manager: 7,
  isRead: true,
  startMs: 1000,
  endMs: 2000,
};

type Document = AthleteDocument | 'gone' | undefined;

function given(...events: AthletesEvent[]): Document {
  return events.reduce<Document>((before, event, revision) => {
    const document = before === 'gone' ? undefined : before;
    return projectAthlete(document, event, revision) ?? before;
  }, undefined);
}

describe('an athlete’s document', () => {
  it('holds what is shown and, folded, what is searched', () => {
    expect(given(created)).toEqual({
      _id: 12,
      username: 'Élan@example.com',
      email: 'Élan@example.com',
      externalId: 'ＡＢ',
      managedBy: null,
      profile: { firstName: 'Élodie', lastName: 'Groß', gender: 'F' },
      revision: 0,
      folded: {
        username: 'élan@example.com',
        email: 'élan@example.com',
        externalId: 'ab',
        firstName: 'élodie',
        lastName: 'groß',
      },
      searched: 'élan@example.com\nab\nélodie\ngroß',
      readers: [],
    });
  });

  it('holds no password', () => {
    expect(JSON.stringify(given(created))).not.toContain('argon2id');
  });

  it('is readable by the manager of a managed athlete', () => {
    expect(given({ ...created, managedBy: 7 })).toMatchObject({
      managedBy: 7,
      readers: [{ permission: 49, manager: 7, startMs: 0, endMs: Date.parse('2199-12-31T00:00:00Z') }],
    });
  });

  it('is readable by whoever is given READ', () => {
    expect(given(created, granted)).toMatchObject({
      revision: 0,
      readers: [{ permission: 4, manager: 7, startMs: 1000, endMs: 2000 }],
    });
  });

  it('is not readable by whoever is given WRITE or SHARE', () => {
    expect(given(created, { ...granted, isRead: false })).toMatchObject({ readers: [] });
  });

  it('loses the readers whose grants are revoked', () => {
    const second: AthletesEvent = { ...granted, permissionId: 8 };
    const revoked: AthletesEvent = { type: 'PermissionsRevoked', athlete: 12, permissionIds: [4, 49] };
    expect(given({ ...created, managedBy: 7 }, granted, second, revoked)).toMatchObject({
      readers: [{ permission: 8 }],
    });
  });

  it('stays as it is when what is revoked was no READ', () => {
    const document = given(created) as AthleteDocument;
    const revoked: AthletesEvent = { type: 'PermissionsRevoked', athlete: 12, permissionIds: [50] };
    expect(projectAthlete(document, revoked, 3)).toBeUndefined();
  });

  it('is gone when the person’s key is destroyed, whatever comes later', () => {
    const erased = { ...created, account: undefined, profile: undefined, credentials: undefined };
    expect(given(erased)).toBe('gone');
    expect(given(erased, granted)).toBe('gone');
  });

  it('follows a changed account and profile, and keeps its readers', () => {
    const changed = { username: 'Eva', email: 'eva@example.com' };
    const document = given(
      created,
      granted,
      { type: 'AccountChanged', userId: 12, account: changed },
      { type: 'AthleteProfileChanged', userId: 12, profile: { firstName: 'Eva', lastName: 'Ohm' } },
      { type: 'PasswordChanged', userId: 12, credentials: undefined },
    );
    expect(document).toMatchObject({
      ...changed,
      externalId: null,
      profile: { firstName: 'Eva', lastName: 'Ohm' },
      folded: {
        username: 'eva',
        email: 'eva@example.com',
        externalId: null,
        firstName: 'eva',
        lastName: 'ohm',
      },
      searched: 'eva\neva@example.com\nohm',
      readers: [{ manager: 7 }],
      revision: 4,
    });
  });

  it('loses a reader who is deleted', () => {
    const other: AthletesEvent = { ...granted, permissionId: 8, manager: 9 };
    const deleted: AthletesEvent = { type: 'ManagerDeleted', userId: 7 };
    expect(given({ ...created, managedBy: 7 }, granted, other, deleted)).toMatchObject({
      readers: [{ manager: 9 }],
      revision: 0,
    });
  });

  it('is gone when the athlete is deleted, whatever comes later', () => {
    const deleted: AthletesEvent = { type: 'AthleteDeleted', userId: 12 };
    expect(given(created, deleted)).toBe('gone');
    expect(given(created, deleted, granted)).toBe('gone');
  });
});
