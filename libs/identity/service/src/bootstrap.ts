import { BackOff, fold, nameBasedUuid, pause } from '@touchline/event-log';
import { checkPassword } from '@touchline/identity-domain';
import type { RpcLogger, WrittenPosition } from '@touchline/rpc';
import { loadCommonPasswords } from './common-passwords.ts';
import type { UserCommands } from './execute.ts';
import type { AuthorizationCodes } from './oauth/authorization-codes.ts';
import type { OAuthClients } from './oauth/clients.ts';
import { checkedRedirectUris } from './oauth/redirect-uris.ts';
import type { RefreshTokens } from './oauth/refresh-tokens.ts';
import { hashPassword } from './passwords.ts';

export interface FirstUsers {
  admin: { username: string; password: string } | undefined;
  /** Redirect URIs that are named replace those that the client had. */
  client: { id: string; secret: string; redirectUris?: readonly string[] | undefined } | undefined;
}

/** The operator's wish cannot be fulfilled by trying again. */
export class BootstrapRefused extends Error {
  override readonly name = 'BootstrapRefused';
}

export interface BootstrapTools {
  commands: UserCommands;
  clients: OAuthClients;
  refreshTokens: RefreshTokens;
  codes: AuthorizationCodes;
  /** Resolves when the read models have what was written: from then on the admin can sign in. */
  visible: (written: readonly WrittenPosition[], signal: AbortSignal) => Promise<void>;
  logger: RpcLogger;
  signal: AbortSignal;
}

/**
 * Makes the first admin and the first OAuth client when they are absent, also when several instances start at once;
 * waits until both engines answer.
 *
 * @throws BootstrapRefused when the admin's username belongs to somebody who is no admin, or a redirect URI cannot be used
 */
export async function bootstrap({ admin, client }: FirstUsers, tools: BootstrapTools): Promise<void> {
  const { clients, refreshTokens, codes, logger, signal } = tools;
  // Each says whether it is done.
  const steps = [
    () => refreshTokens.prepare(),
    () => codes.prepare(),
    () => (admin ? ensureAdmin(admin, tools) : true),
    () => (client ? ensureClient(client, clients, logger) : true),
  ];
  const backOff = new BackOff();
  while (steps.length > 0 && !signal.aborted) {
    try {
      if (await steps[0]?.()) steps.shift();
      else await pause(backOff.next(), signal);
    } catch (error) {
      if (error instanceof BootstrapRefused) throw error;
      logger.warn({ err: error }, 'the first admin and OAuth client are not there yet: trying again');
      await pause(backOff.next(), signal);
    }
  }
}

async function ensureClient(
  { id, secret, redirectUris }: NonNullable<FirstUsers['client']>,
  clients: OAuthClients,
  logger: RpcLogger,
): Promise<true> {
  const checked = redirectUris && usable(redirectUris);
  await clients.createIfAbsent(id, secret, new Date());
  if (!(await clients.authenticate(id, secret))) {
    logger.warn({ client_id: id }, 'the OAuth client exists with another secret and stays as it is');
  } else if (checked) {
    await clients.setRedirectUris(id, checked);
  }
  return true;
}

/** @throws BootstrapRefused */
function usable(redirectUris: readonly string[]): readonly string[] {
  try {
    return checkedRedirectUris(redirectUris);
  } catch (error) {
    throw new BootstrapRefused(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** False when somebody else is about to take the username: to be asked again. */
async function ensureAdmin(
  { username, password }: { username: string; password: string },
  { commands, visible, logger, signal }: BootstrapTools,
): Promise<boolean> {
  const holder = await commands.userNamed(username);
  if (holder) {
    if (holder.role === 'ADMIN') return true;
    throw new BootstrapRefused(
      `The username ${username} of the first ADMIN belongs to a user of another role.`,
    );
  }
  // The operator may choose as he likes; whoever signs up may not.
  const weaknesses = checkPassword(password, username, { isCommon: await loadCommonPasswords(), fold });
  if (weaknesses.length > 0)
    logger.warn({ weaknesses }, 'the password of the first ADMIN is weak: change it');
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
  if (result.rejected) return false;
  await visible(result.written, signal);
  return true;
}
