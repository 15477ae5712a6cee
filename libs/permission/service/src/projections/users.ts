import type { UserCreated } from '@touchline/permission-domain';
import type { ReadModel } from '@touchline/read-models';
import { decode, userEventTypes } from '../event-codec.ts';

/** Who is what; nothing personal. */
export interface UserDocument {
  /** The user's id. */
  _id: number;
  role: 'ATHLETE' | 'MANAGER' | 'ADMIN';
  managedBy: number | null;
}

export function projectUser({ userId, role, managedBy }: UserCreated): UserDocument {
  return { _id: userId, role, managedBy: managedBy ?? null };
}

export const usersReadModel: ReadModel<UserDocument> = {
  name: 'users',
  consumes: userEventTypes,
  indexes: [],
  documentIds(stored) {
    const event = decode(stored);
    return event?.type === 'UserCreated' || event?.type === 'UserDeleted' ? [event.userId] : [];
  },
  project(_document, stored) {
    const event = decode(stored);
    if (event?.type === 'UserDeleted') return 'gone';
    return event?.type === 'UserCreated' ? projectUser(event) : undefined;
  },
};
