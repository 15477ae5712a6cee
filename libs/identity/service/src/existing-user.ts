import type { Athlete, Manager } from '@touchline/identity-domain';
import type { UserCommands } from './execute.ts';
import { rejectionError } from './rejection-status.ts';

/** @throws RpcError `not_found` */
export async function existingAthlete(
  commands: UserCommands,
  id: number,
): Promise<{ athlete: Athlete; revision: number }> {
  const { state, revision } = await commands.load(id);
  if (state.role !== 'ATHLETE' || !state.account) throw rejectionError({ code: 'no_such_athlete' });
  return { athlete: state, revision };
}

/** @throws RpcError `not_found` */
export async function existingManager(
  commands: UserCommands,
  id: number,
): Promise<{ manager: Manager; revision: number }> {
  const { state, revision } = await commands.load(id);
  if (state.role !== 'MANAGER' || !state.account) throw rejectionError({ code: 'not_a_manager' });
  return { manager: state, revision };
}

/**
 * To be asked after existence and rights; the command itself is held to it once more when it appends.
 *
 * @throws RpcError `precondition`
 */
export function requireRevision(revision: number, ifRevision: number | undefined): void {
  if (ifRevision !== undefined && revision !== ifRevision) throw rejectionError({ code: 'revision_passed' });
}
