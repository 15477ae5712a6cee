import { mayRetrieveAthlete, mayRetrieveManager, required } from '@touchline/identity-domain';
import { type CallContext, FieldErrors } from '@touchline/rpc';
import { userOf } from './caller.ts';
import type { AccountDocument } from './projections/accounts.ts';
import { type AthleteDocument, isReadableBy } from './projections/athletes.ts';
import type { Queries } from './queries.ts';
import { rejectionError } from './rejection-status.ts';

/**
 * Of the athletes with the external id whom the caller may read: one whom he manages, then one whom nobody manages,
 * then the one with the lowest id.
 *
 * @throws RpcError `not_found` when there is none, `forbidden` when he may read none of them
 */
export async function findAthlete(
  externalId: string,
  queries: Queries,
  context: CallContext,
): Promise<AthleteDocument> {
  const subject = userOf(context.caller);
  requireExternalId(externalId, context);
  const found = await queries.athletesWithExternalId(externalId);
  if (found.length === 0) throw rejectionError({ code: 'no_such_athlete' });
  const nowMs = Date.now();
  const readable = found.filter((athlete) =>
    mayRetrieveAthlete(subject, {
      id: athlete._id,
      readableNow: isReadableBy(athlete, subject.id, nowMs),
    }),
  );
  const chosen =
    readable.find(({ managedBy }) => managedBy === subject.id) ??
    readable.find(({ managedBy }) => managedBy === null) ??
    readable[0];
  if (!chosen) throw rejectionError({ code: 'not_allowed' });
  return chosen;
}

/** @throws RpcError `not_found` when there is none, `forbidden` when it is another */
export async function findManager(
  externalId: string,
  queries: Queries,
  context: CallContext,
): Promise<AccountDocument> {
  const subject = userOf(context.caller);
  requireExternalId(externalId, context);
  const [manager] = await queries.managersWithExternalId(externalId);
  if (!manager) throw rejectionError({ code: 'not_a_manager' });
  if (!mayRetrieveManager(subject, manager._id)) throw rejectionError({ code: 'not_allowed' });
  return manager;
}

function requireExternalId(externalId: string, context: CallContext): void {
  const errors = new FieldErrors(context);
  if (externalId === '') errors.add('external-id', required);
  errors.throwIfAny();
}
