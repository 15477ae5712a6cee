// WARNING: these events are stored for ever. Add fields; never change the meaning of one, never remove or rename one.
import type {
  AccountData,
  AthleteProfile,
  Credentials,
  ExtraPermission,
  ManagerProfile,
} from './personal.ts';

/** A field that is sealed in the log: undefined once the person's key is destroyed. */
type Erasable<T> = T | undefined;

export interface AdminCreated {
  type: 'AdminCreated';
  userId: number;
  account: Erasable<AccountData>;
  credentials: Erasable<Credentials>;
}

export interface ManagerCreated {
  type: 'ManagerCreated';
  userId: number;
  account: Erasable<AccountData>;
  profile: Erasable<ManagerProfile>;
  credentials: Erasable<Credentials>;
}

export interface AthleteCreated {
  type: 'AthleteCreated';
  userId: number;
  /** His manager, who thereby gets READ, WRITE and SHARE; undefined for an athlete with an account of his own. */
  managedBy: number | undefined;
  account: Erasable<AccountData>;
  profile: Erasable<AthleteProfile>;
  /** A managed athlete has none. */
  credentials: Erasable<Credentials>;
}

export interface ExtraPermissionsSet {
  type: 'ExtraPermissionsSet';
  userId: number;
  extraPermissions: readonly ExtraPermission[];
}

/** Username, e-mail address and external id as they are from now on. */
export interface AccountChanged {
  type: 'AccountChanged';
  userId: number;
  account: Erasable<AccountData>;
}

export interface AthleteProfileChanged {
  type: 'AthleteProfileChanged';
  userId: number;
  profile: Erasable<AthleteProfile>;
}

export interface ManagerProfileChanged {
  type: 'ManagerProfileChanged';
  userId: number;
  profile: Erasable<ManagerProfile>;
}

export interface PasswordChanged {
  type: 'PasswordChanged';
  userId: number;
  credentials: Erasable<Credentials>;
}

/** The person's key is destroyed after it. */
export interface AthleteDeleted {
  type: 'AthleteDeleted';
  userId: number;
}

/** As for an athlete; his grants end with him. */
export interface ManagerDeleted {
  type: 'ManagerDeleted';
  userId: number;
}

export type UserEvent =
  | AdminCreated
  | ManagerCreated
  | AthleteCreated
  | ExtraPermissionsSet
  | AccountChanged
  | AthleteProfileChanged
  | ManagerProfileChanged
  | PasswordChanged
  | AthleteDeleted
  | ManagerDeleted;
