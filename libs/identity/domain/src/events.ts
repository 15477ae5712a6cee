// WARNING: these events are stored for ever. Add fields; never change the meaning of one, never remove or rename one.
import {
  type AccountData,
  type AthleteProfile,
  type Credentials,
  type ExtraPermission,
  type ManagerProfile,
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

export type UserEvent = AdminCreated | ManagerCreated | AthleteCreated | ExtraPermissionsSet;
