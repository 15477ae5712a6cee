import { describe, expect, it } from 'vitest';
import { type UserCommand } from './commands.ts';
import { decide } from './decide.ts';
import { type UserEvent } from './events.ts';
import { evolve, initialState } from './state.ts';

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
