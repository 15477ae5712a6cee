import { describe, expect, it } from 'vitest';
import type { UserCommand } from './commands.ts';
import { decide } from './decide.ts';
import type { UserEvent } from './events.ts';
import { evolve, initialState } from './state.ts';
import { heldNames } from './stream.ts';

const issued = { at: 1_700_000_000_000, by: 'user:1' };
const account = { username: 'ada', email: 'ada@example.com' };
const profile = { firstName: 'Ada', lastName: 'Lovelace' };
const credentials = { passwordHash: '$argon2id$…' };

const managerCreated: UserEvent = { type: 'ManagerCreated', userId: 7, account, profile, credentials };
const createManager: UserCommand = {
  type: 'CreateManager',
  userId: 7,
  account,
  profile,
  credentials,
  ...issued,
};

function given(...events: UserEvent[]) {
  const state = events.reduce(evolve, initialState);
  return { when: (command: UserCommand) => decide(command, state) };
}

describe('creating users', () => {
  it('creates an admin', () => {
    expect(given().when({ type: 'CreateAdmin', userId: 1, account, credentials, ...issued })).toEqual([
      { type: 'AdminCreated', userId: 1, account, credentials },
    ]);
  });

  it('creates a manager', () => {
    expect(given().when(createManager)).toEqual([managerCreated]);
  });

  it('creates an athlete who is nobody’s', () => {
    expect(
      given().when({ type: 'CreateAthlete', userId: 9, account, profile, credentials, ...issued }),
    ).toEqual([{ type: 'AthleteCreated', userId: 9, managedBy: undefined, account, profile, credentials }]);
  });

  it('creates a managed athlete without credentials', () => {
    expect(
      given().when({ type: 'CreateManagedAthlete', userId: 9, managedBy: 7, account, profile, ...issued }),
    ).toEqual([
      { type: 'AthleteCreated', userId: 9, managedBy: 7, account, profile, credentials: undefined },
    ]);
  });

  it('writes nothing when the same creation is repeated', () => {
    expect(given(managerCreated).when(createManager)).toEqual([]);
  });

  it('refuses an id that belongs to somebody else', () => {
    expect(
      given(managerCreated).when({ type: 'CreateAdmin', userId: 7, account, credentials, ...issued }),
    ).toEqual({
      rejected: { code: 'user_exists' },
    });
    const other = { ...createManager, account: { ...account, username: 'bob' } };
    expect(given(managerCreated).when(other)).toEqual({ rejected: { code: 'user_exists' } });
  });

  it('knows nothing of a person whose key is destroyed', () => {
    const erased: UserEvent = {
      ...managerCreated,
      account: undefined,
      profile: undefined,
      credentials: undefined,
    };
    expect(evolve(initialState, erased)).toMatchObject({ role: 'MANAGER', id: 7, account: undefined });
  });
});

describe('extra permissions', () => {
  const give: UserCommand = {
    type: 'SetExtraPermissions',
    extraPermissions: ['can_create_managed_athletes'],
    ...issued,
  };
  const given1: UserEvent = {
    type: 'ExtraPermissionsSet',
    userId: 7,
    extraPermissions: ['can_create_managed_athletes'],
  };

  it('are given to a manager', () => {
    expect(given(managerCreated).when(give)).toEqual([given1]);
  });

  it('are taken from a manager', () => {
    expect(given(managerCreated, given1).when({ ...give, extraPermissions: [] })).toEqual([
      { type: 'ExtraPermissionsSet', userId: 7, extraPermissions: [] },
    ]);
  });

  it('write nothing when they are as wanted, named twice or not', () => {
    expect(given(managerCreated, given1).when(give)).toEqual([]);
    const twice: UserCommand = {
      ...give,
      extraPermissions: [...give.extraPermissions, ...give.extraPermissions],
    };
    expect(given(managerCreated, given1).when(twice)).toEqual([]);
  });

  it('are refused to anybody who is no manager', () => {
    expect(given().when(give)).toEqual({ rejected: { code: 'not_a_manager' } });
    const athlete: UserEvent = {
      type: 'AthleteCreated',
      userId: 9,
      managedBy: undefined,
      account,
      profile,
      credentials,
    };
    expect(given(athlete).when(give)).toEqual({ rejected: { code: 'not_a_manager' } });
  });
});

const athleteCreated: UserEvent = {
  type: 'AthleteCreated',
  userId: 9,
  managedBy: undefined,
  account: { ...account, externalId: 'x-1' },
  profile: { ...profile, gender: 'F', profilePicture: new Uint8Array([1, 2, 3]) },
  credentials,
};
const athleteDeleted: UserEvent = { type: 'AthleteDeleted', userId: 9 };
const managerDeleted: UserEvent = { type: 'ManagerDeleted', userId: 7 };

describe('updating an athlete', () => {
  const update = (
    change: Partial<Pick<Extract<UserCommand, { type: 'UpdateAthlete' }>, 'account' | 'profile'>>,
  ) => ({ type: 'UpdateAthlete', account: {}, profile: {}, ...change, ...issued }) as const;

  it('changes what is given and keeps the rest', () => {
    expect(
      given(athleteCreated).when(update({ account: { username: 'lovelace' }, profile: { weightKg: 60 } })),
    ).toEqual([
      {
        type: 'AccountChanged',
        userId: 9,
        account: { username: 'lovelace', email: 'ada@example.com', externalId: 'x-1' },
      },
      {
        type: 'AthleteProfileChanged',
        userId: 9,
        profile: { ...profile, gender: 'F', profilePicture: new Uint8Array([1, 2, 3]), weightKg: 60 },
      },
    ]);
  });

  it('writes only what changed, and nothing when nothing did', () => {
    const picture = { profilePicture: new Uint8Array([1, 2, 3]) };
    expect(given(athleteCreated).when(update({ account, profile: { ...profile, ...picture } }))).toEqual([]);
    const other = { profilePicture: new Uint8Array([1, 2, 4]) };
    expect(given(athleteCreated).when(update({ account, profile: other }))).toMatchObject([
      { type: 'AthleteProfileChanged' },
    ]);
  });

  it('leaves an optional field that is null without a value, once', () => {
    const clear = update({ account: { externalId: null }, profile: { gender: null, nationality: null } });
    const events = [
      { type: 'AccountChanged', userId: 9, account },
      {
        type: 'AthleteProfileChanged',
        userId: 9,
        profile: { ...profile, profilePicture: new Uint8Array([1, 2, 3]) },
      },
    ] as const;
    expect(given(athleteCreated).when(clear)).toEqual(events);
    expect(given(athleteCreated, ...events).when(clear)).toEqual([]);
  });

  it('is refused where there is no athlete, or none any more', () => {
    const rejected = { rejected: { code: 'not_an_athlete' } };
    expect(given().when(update({ account }))).toEqual(rejected);
    expect(given(managerCreated).when(update({ account }))).toEqual(rejected);
    expect(given(athleteCreated, athleteDeleted).when(update({ account }))).toEqual(rejected);
  });
});

describe('updating a manager', () => {
  const update = { type: 'UpdateManager', account: {}, profile: { company: 'ACME' }, ...issued } as const;

  it('changes what is given and keeps the rest', () => {
    expect(given(managerCreated).when(update)).toEqual([
      { type: 'ManagerProfileChanged', userId: 7, profile: { ...profile, company: 'ACME' } },
    ]);
  });

  it('is refused where there is no manager, or none any more', () => {
    const rejected = { rejected: { code: 'not_a_manager' } };
    expect(given(athleteCreated).when(update)).toEqual(rejected);
    expect(given(managerCreated, managerDeleted).when(update)).toEqual(rejected);
  });
});

describe('changing a password', () => {
  const change = { type: 'ChangePassword', credentials: { passwordHash: 'new' }, ...issued } as const;

  it('is for everybody who is there', () => {
    const changed = { type: 'PasswordChanged', credentials: { passwordHash: 'new' } };
    expect(given(managerCreated).when(change)).toEqual([{ ...changed, userId: 7 }]);
    expect(given(athleteCreated).when(change)).toEqual([{ ...changed, userId: 9 }]);
  });

  it('is refused for nobody and for somebody who is deleted', () => {
    const rejected = { rejected: { code: 'no_such_user' } };
    expect(given().when(change)).toEqual(rejected);
    expect(given(athleteCreated, athleteDeleted).when(change)).toEqual(rejected);
  });
});

describe('deleting', () => {
  const deleteAthlete = { type: 'DeleteAthlete', ...issued } as const;
  const deleteManager = { type: 'DeleteManager', ...issued } as const;

  it('ends an athlete or a manager, once', () => {
    expect(given(athleteCreated).when(deleteAthlete)).toEqual([athleteDeleted]);
    expect(given(athleteCreated, athleteDeleted).when(deleteAthlete)).toEqual([]);
    expect(given(managerCreated).when(deleteManager)).toEqual([managerDeleted]);
    expect(given(managerCreated, managerDeleted).when(deleteManager)).toEqual([]);
  });

  it('is refused for users of another role', () => {
    expect(given(managerCreated).when(deleteAthlete)).toEqual({ rejected: { code: 'not_an_athlete' } });
    expect(given(athleteCreated).when(deleteManager)).toEqual({ rejected: { code: 'not_a_manager' } });
    expect(given().when(deleteAthlete)).toEqual({ rejected: { code: 'not_an_athlete' } });
  });

  it('leaves nothing of the person, and no name that he holds', () => {
    const state = [athleteCreated, athleteDeleted].reduce(evolve, initialState);
    expect(state).toEqual({ role: 'DELETED', id: 9 });
    expect(heldNames(state)).toEqual([]);
    expect(heldNames(evolve(initialState, athleteCreated)).map(({ kind, text }) => [kind, text])).toEqual([
      ['username', 'ada'],
      ['email', 'ada@example.com'],
      ['external-id', 'x-1'],
    ]);
  });

  it('keeps the id from being used again', () => {
    expect(given(managerCreated, managerDeleted).when(createManager)).toEqual({
      rejected: { code: 'user_exists' },
    });
  });
});
