/** What identifies an account; sealed under the person's key wherever it is stored in the log. */
export interface AccountData {
  username: string;
  /** Empty for managed athletes and for admins. */
  email: string;
  externalId?: string;
}

export interface Credentials {
  /** argon2id in PHC string format. */
  passwordHash: string;
}

export interface ManagerProfile {
  firstName: string;
  lastName: string;
  company?: string;
  phoneNumber?: string;
}

export interface AthleteProfile {
  firstName: string;
  lastName: string;
  /** Free text; not the unique external id of the account. */
  externalId?: string;
  gender?: 'M' | 'F';
  weightKg?: number;
  heightM?: number;
  /** YYYY-MM-DD */
  birthDate?: string;
  nationality?: string;
  /** PNG or JPEG. */
  profilePicture?: Uint8Array;
}

export const extraPermissions = ['can_create_managed_athletes'] as const;
export type ExtraPermission = (typeof extraPermissions)[number];

export function isExtraPermission(text: string): text is ExtraPermission {
  return (extraPermissions as readonly string[]).includes(text);
}
