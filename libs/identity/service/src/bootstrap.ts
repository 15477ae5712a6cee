import { BackOff, fold, nameBasedUuid, pause } from '@touchline/event-log';
import { type RpcLogger } from '@touchline/rpc';
import { type UserCommands } from './execute.ts';
import { type OAuthClients } from './oauth/clients.ts';
import { hashPassword } from './passwords.ts';

export interface FirstUsers {
  admin: { username: string; password: string } | undefined;
  client: { id: string; secret: string } | undefined;
}

/** The operator's wish cannot be fulfilled by trying again. */
export class BootstrapRefused extends Error {
  override readonly name = 'BootstrapRefused';
}

/**
 * Makes the first admin and the first OAuth client when they are absent, also when several instances start at once;
 * waits until both engines answer.
 *
 * @throws BootstrapRefused when the admin's username belongs to somebody who is no admin
 */
export async function bootstrap(
  { admin, client }: FirstUsers,
  { commands, clients }: { commands: UserCommands; clients: OAuthClients },
  logger: RpcLogger,
  signal: AbortSignal,
): Promise<void> {
  const backOff = new BackOff();
  let adminMissing = admin !== undefined;
  let clientMissing = client !== undefined;
  while ((adminMissing || clientMissing) && !signal.aborted) {
    try {
      if (admin && adminMissing) adminMissing = !(await ensureAdmin(admin, commands));
      if (client && clientMissing) {
        await clients.createIfAbsent(client.id, client.secret, new Date());
        clientMissing = false;
        if (!(await clients.authenticate(client.id, client.secret))) {
          logger.warn(
            { client_id: client.id },
            'the OAuth client exists with another secret and stays as it is',
          );
        }
      }
    } catch (error) {
      if (error instanceof BootstrapRefused) throw error;
      logger.warn({ err: error }, 'the first admin and OAuth client are not there yet: trying again');
    }
    if (adminMissing || clientMissing) await pause(backOff.next(), signal);
  }
}

/** False when somebody else is about to take the username: to be asked again. */
async function ensureAdmin(
  { username, password }: { username: string; password: string },
  commands: UserCommands,
): Promise<boolean> {
  const holder = await commands.userNamed(username);
  if (holder) {
    if (holder.role === 'ADMIN') return true;
    throw new BootstrapRefused(
      `The username ${username} of the first ADMIN belongs to a user of another role.`,
    );
  }
  // One id for all instances and starts, so that they make one admin.
  const commandId = nameBasedUuid(`first admin ${fold(username)}`);
  const actor = 'service:identity';
  const at = Date.now();
  const credentials = { passwordHash: await hashPassword(password) };
  const result = await commands.create(
    (userId) => ({
      type: 'CreateAdmin',
      userId,
      account: { username, email: '' },
      credentials,
      at,
      by: actor,
    }),
    { commandId, correlationId: commandId, actor, at },
  );
  return result.rejected === undefined;
}
