import type { UserEvent } from './events.ts';
import type {
  AccountData,
  AthleteProfile,
  Credentials,
  ExtraPermission,
  ManagerProfile,
} from './personal.ts';

interface Person {
  id: number;
  /** Undefined once the person's key is destroyed. */
  account: AccountData | undefined;
  credentials: Credentials | undefined;
}

export interface Nobody {
  role: 'NONE';
}

/** Somebody who was there: his id is never used again. */
export interface Deleted {
  role: 'DELETED';
  id: number;
}

export interface Admin extends Person {
  role: 'ADMIN';
}

export interface Manager extends Person {
  role: 'MANAGER';
  profile: ManagerProfile | undefined;
  extraPermissions: readonly ExtraPermission[];
}

export interface Athlete extends Person {
  role: 'ATHLETE';
  profile: AthleteProfile | undefined;
  managedBy: number | undefined;
}

export type User = Admin | Manager | Athlete;
export type UserState = Nobody | Deleted | User;

export const initialState: UserState = { role: 'NONE' };

export function isUser(state: UserState): state is User {
  return state.role !== 'NONE' && state.role !== 'DELETED';
}

export function evolve(state: UserState, event: UserEvent): UserState {
  switch (event.type) {
    case 'AdminCreated':
      return { role: 'ADMIN', id: event.userId, account: event.account, credentials: event.credentials };
    case 'ManagerCreated':
      return {
        role: 'MANAGER',
        id: event.userId,
        account: event.account,
        profile: event.profile,
        credentials: event.credentials,
        extraPermissions: [],
      };
    case 'AthleteCreated':
      return {
        role: 'ATHLETE',
        id: event.userId,
        account: event.account,
        profile: event.profile,
        credentials: event.credentials,
        managedBy: event.managedBy,
      };
    case 'ExtraPermissionsSet':
      return state.role === 'MANAGER' ? { ...state, extraPermissions: event.extraPermissions } : state;
    case 'AccountChanged':
      return isUser(state) ? { ...state, account: event.account } : state;
    case 'AthleteProfileChanged':
      return state.role === 'ATHLETE' ? { ...state, profile: event.profile } : state;
    case 'ManagerProfileChanged':
      return state.role === 'MANAGER' ? { ...state, profile: event.profile } : state;
    case 'PasswordChanged':
      return isUser(state) ? { ...state, credentials: event.credentials } : state;
    case 'AthleteDeleted':
    case 'ManagerDeleted':
      return { role: 'DELETED', id: event.userId };
    default:
      return event satisfies never;
  }
}
