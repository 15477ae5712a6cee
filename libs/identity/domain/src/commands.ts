import type {
  AccountData,
  AthleteProfile,
  Credentials,
  ExtraPermission,
  ManagerProfile,
} from './personal.ts';

interface Issued {
  /** Milliseconds since 1970. */
  at: number;
  /** `user:12`, `service:identity`, … */
  by: string;
}

export interface CreateAdmin extends Issued {
  type: 'CreateAdmin';
  userId: number;
  account: AccountData;
  credentials: Credentials;
}

export interface CreateManager extends Issued {
  type: 'CreateManager';
  userId: number;
  account: AccountData;
  profile: ManagerProfile;
  credentials: Credentials;
}

export interface CreateAthlete extends Issued {
  type: 'CreateAthlete';
  userId: number;
  account: AccountData;
  profile: AthleteProfile;
  credentials: Credentials;
}

export interface CreateManagedAthlete extends Issued {
  type: 'CreateManagedAthlete';
  userId: number;
  managedBy: number;
  account: AccountData;
  profile: AthleteProfile;
}

export interface SetExtraPermissions extends Issued {
  type: 'SetExtraPermissions';
  extraPermissions: readonly ExtraPermission[];
}

/** What is left out stays as it is; null leaves an optional field without a value. */
export type Changes<T> = { [K in keyof T]?: undefined extends T[K] ? NonNullable<T[K]> | null : T[K] };

export interface UpdateAthlete extends Issued {
  type: 'UpdateAthlete';
  account: Changes<AccountData>;
  profile: Changes<AthleteProfile>;
}

export interface UpdateManager extends Issued {
  type: 'UpdateManager';
  account: Changes<AccountData>;
  profile: Changes<ManagerProfile>;
}

export interface ChangePassword extends Issued {
  type: 'ChangePassword';
  credentials: Credentials;
}

export interface DeleteAthlete extends Issued {
  type: 'DeleteAthlete';
}

export interface DeleteManager extends Issued {
  type: 'DeleteManager';
}

export type CreateUser = CreateAdmin | CreateManager | CreateAthlete | CreateManagedAthlete;
export type ChangeUser =
  SetExtraPermissions | UpdateAthlete | UpdateManager | ChangePassword | DeleteAthlete | DeleteManager;
export type UserCommand = CreateUser | ChangeUser;
