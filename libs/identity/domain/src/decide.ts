import { type CreateUser, type UserCommand } from './commands.ts';
import { type UserEvent } from './events.ts';
import { isExtraPermission } from './personal.ts';
import { type UserState } from './state.ts';
import { type UniqueField } from './stream.ts';

export type UserRejection =
  /** The id belongs to somebody else already. */
  | { code: 'user_exists' }
  | { code: 'not_a_manager' }
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
    default:
      return command satisfies never;
  }
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
