import { describe, expect, it } from 'vitest';
import type { UserEvent } from '@touchline/identity-domain';
import { type AccountDocument, projectAccount } from './accounts.ts';

const account = { username: 'Ada', email: 'ada@example.com' };
const profile = { firstName: 'Ada', lastName: 'King' };
const credentials = { passwordHash: '$argon2id$…' };
const manager: UserEvent = { type: 'ManagerCreated', userId: 7, account, profile, credentials };

type Document = AccountDocument | 'gone' | undefined;

function given(...events: UserEvent[]): Document {
  return events.reduce<Document>((before, event, revision) => {
    const document = before === 'gone' ? undefined : before;
    return projectAccount(document, event, revision) ?? before;
  }, undefined);
}

describe('an account’s document', () => {
  it('holds a manager’s profile and his username, folded', () => {
    expect(given(manager)).toEqual({
      _id: 7,
      role: 'MANAGER',
      username: 'Ada',
      email: 'ada@example.com',
      externalId: null,
      managerProfile: profile,
      extraPermissions: [],
      revision: 0,
      folded: { username: 'ada', externalId: null },
    });
  });

  it('follows the extra permissions', () => {
    const set: UserEvent = {
      type: 'ExtraPermissionsSet',
      userId: 7,
      extraPermissions: ['can_create_managed_athletes'],
    };
    expect(given(manager, set)).toMatchObject({
      extraPermissions: ['can_create_managed_athletes'],
      revision: 1,
    });
  });

  it.each([
    ['ADMIN', { type: 'AdminCreated', userId: 7, account, credentials }],
    [
      'ATHLETE',
      { type: 'AthleteCreated', userId: 7, managedBy: 3, account, profile, credentials: undefined },
    ],
  ] satisfies [string, UserEvent][])('tells an %s', (role, event) => {
    expect(given(event)).toMatchObject({ role, managerProfile: null });
  });

  it('is gone when the person’s key is destroyed', () => {
    expect(given({ ...manager, account: undefined, profile: undefined, credentials: undefined })).toBe(
      'gone',
    );
  });

  it('follows a changed account and profile', () => {
    const changed = { username: 'Bea', email: 'bea@example.com', externalId: 'X-1' };
    const document = given(
      manager,
      { type: 'AccountChanged', userId: 7, account: changed },
      { type: 'ManagerProfileChanged', userId: 7, profile: { ...profile, company: 'ACME' } },
      { type: 'PasswordChanged', userId: 7, credentials },
    );
    expect(document).toMatchObject({
      ...changed,
      managerProfile: { ...profile, company: 'ACME' },
      folded: { username: 'bea', externalId: 'x-1' },
      revision: 3,
    });
  });

  it('is gone when its user is deleted', () => {
    expect(given(manager, { type: 'ManagerDeleted', userId: 7 })).toBe('gone');
    const changed: UserEvent = { type: 'AccountChanged', userId: 7, account: undefined };
    expect(given(manager, changed)).toBe('gone');
  });
});
