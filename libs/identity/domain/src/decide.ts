import type { Changes, CreateUser, UpdateAthlete, UpdateManager, UserCommand } from './commands.ts';
import type { UserEvent } from './events.ts';
import { type AccountData, isExtraPermission } from './personal.ts';
import { isUser, type UserState } from './state.ts';
import type { UniqueField } from './stream.ts';

export type UserRejection =
  /** The id belongs to somebody else already. */
  | { code: 'user_exists' }
  | { code: 'not_a_manager' }
  | { code: 'not_an_athlete' }
  | { code: 'no_such_user' }
  /** The user has changed since the revision that the command was made for. */
  | { code: 'revision_passed' }
  /** Somebody else has the same username, e-mail address or external id. */
  | { code: 'names_taken'; fields: readonly UniqueField[] };

export type UserDecision = UserEvent[] | { rejected: UserRejection };

export function decide(command: UserCommand, state: UserState): UserDecision {
  switch (command.type) {
    case 'CreateAdmin':
    case 'CreateManager':
    case 'CreateAthlete':
    case 'CreateManagedAthlete':
      return create(command, state);
    case 'SetExtraPermissions': {
      if (state.role !== 'MANAGER') return { rejected: { code: 'not_a_manager' } };
      const wanted = [...new Set(command.extraPermissions)].filter(isExtraPermission).sort();
      const same =
        wanted.length === state.extraPermissions.length &&
        wanted.every((one, i) => one === state.extraPermissions[i]);
      return same ? [] : [{ type: 'ExtraPermissionsSet', userId: state.id, extraPermissions: wanted }];
    }
    case 'UpdateAthlete':
      return updateAthlete(command, state);
    case 'UpdateManager':
      return updateManager(command, state);
    case 'ChangePassword':
      return isUser(state)
        ? [{ type: 'PasswordChanged', userId: state.id, credentials: command.credentials }]
        : { rejected: { code: 'no_such_user' } };
    case 'DeleteAthlete':
      if (state.role === 'DELETED') return [];
      return state.role === 'ATHLETE'
        ? [{ type: 'AthleteDeleted', userId: state.id }]
        : { rejected: { code: 'not_an_athlete' } };
    case 'DeleteManager':
      if (state.role === 'DELETED') return [];
      return state.role === 'MANAGER'
        ? [{ type: 'ManagerDeleted', userId: state.id }]
        : { rejected: { code: 'not_a_manager' } };
    default:
      return command satisfies never;
  }
}

function updateAthlete(command: UpdateAthlete, state: UserState): UserDecision {
  if (state.role !== 'ATHLETE' || !state.account || !state.profile)
    return { rejected: { code: 'not_an_athlete' } };
  const profile = changed(state.profile, command.profile);
  const events = accountChange(state.id, state.account, command.account);
  if (!same(profile, state.profile))
    events.push({ type: 'AthleteProfileChanged', userId: state.id, profile });
  return events;
}

function updateManager(command: UpdateManager, state: UserState): UserDecision {
  if (state.role !== 'MANAGER' || !state.account || !state.profile)
    return { rejected: { code: 'not_a_manager' } };
  const profile = changed(state.profile, command.profile);
  const events = accountChange(state.id, state.account, command.account);
  if (!same(profile, state.profile))
    events.push({ type: 'ManagerProfileChanged', userId: state.id, profile });
  return events;
}

function accountChange(userId: number, before: AccountData, change: Changes<AccountData>): UserEvent[] {
  const account = changed(before, change);
  return same(account, before) ? [] : [{ type: 'AccountChanged', userId, account }];
}

function changed<T extends object>(before: T, changes: Changes<T>): T {
  const entries = Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null);
  return Object.fromEntries(entries) as T;
}

function same<T extends object>(next: T, before: T): boolean {
  if (Object.keys(next).length !== Object.keys(before).length) return false;
  return Object.entries(next).every(([key, value]) => {
    const other = before[key as keyof T] as unknown;
    return value instanceof Uint8Array && other instanceof Uint8Array
      ? value.length === other.length && value.every((byte, i) => byte === other[i])
      : value === other;
  });
}

function create(command: CreateUser, state: UserState): UserDecision {
  const event = creation(command);
  if (state.role === 'NONE') return [event];
  const repeated =
    state.role === roleOf[command.type] && state.account?.username === command.account.username;
  return repeated ? [] : { rejected: { code: 'user_exists' } };
}

const roleOf = {
  CreateAdmin: 'ADMIN',
  CreateManager: 'MANAGER',
  CreateAthlete: 'ATHLETE',
  CreateManagedAthlete: 'ATHLETE',
} as const;

function creation(command: CreateUser): UserEvent {
  const { userId, account } = command;
  switch (command.type) {
    case 'CreateAdmin':
      return { type: 'AdminCreated', userId, account, credentials: command.credentials };
    case 'CreateManager':
      return {
        type: 'ManagerCreated',
        userId,
        account,
        profile: command.profile,
        credentials: command.credentials,
      };
    case 'CreateAthlete':
      return {
        type: 'AthleteCreated',
        userId,
        managedBy: undefined,
        account,
        profile: command.profile,
        credentials: command.credentials,
      };
    case 'CreateManagedAthlete':
      return {
        type: 'AthleteCreated',
        userId,
        managedBy: command.managedBy,
        account,
        profile: command.profile,
        credentials: undefined,
      };
    default:
      return command satisfies never;
  }
}
