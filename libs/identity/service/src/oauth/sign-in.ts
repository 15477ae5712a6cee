import type { User } from '@touchline/identity-domain';
import { verifyNobodysPassword, verifyPassword } from '../passwords.ts';
import { refusal } from './refusal.ts';

/** @throws RpcError of status `oauth` unless the password is the user's */
export async function signIn(
  username: string,
  password: string,
  findByUsername: (username: string) => Promise<User | undefined>,
): Promise<User> {
  const user = await findByUsername(username);
  const right = user?.credentials
    ? await verifyPassword(password, user.credentials.passwordHash)
    : await verifyNobodysPassword(password);
  if (!user || !right) throw refusal('invalid_grant', 'Invalid credentials given.');
  return user;
}
