import { ManagerDeletedSchema } from '@touchline/contracts/identity/v1/events';
import { decodeMessage, nameBasedUuid, type StoredEvent } from '@touchline/event-log';
import type { ProjectionRunner } from '@touchline/read-models';
import type { Activities } from './activities.ts';
import type { Queries } from './queries.ts';

interface EndOfManagerDependencies {
  readonly activities: Pick<Activities, 'run'>;
  readonly queries: Pick<Queries, 'activityIdsOf'>;
  readonly projections: Pick<ProjectionRunner, 'waitFor'>;
}

export const MANAGER_DELETED = ManagerDeletedSchema.typeName;

/** Deletes the activities of a manager who is deleted; their time frames go with them. Again does no harm. */
export async function endActivities(
  event: StoredEvent,
  { activities, queries, projections }: EndOfManagerDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { userId } = decodeMessage(ManagerDeletedSchema, event);
  await projections.waitFor([{ eventType: event.type, position: event.position }], signal);
  const actor = 'service:activity';
  for (const id of await queries.activityIdsOf(userId)) {
    const at = Date.now();
    const commandId = nameBasedUuid(`${event.id} activity ${id}`);
    const context = { commandId, correlationId: event.metadata.correlation_id, actor, at };
    await activities.run(id, { type: 'DeleteActivity', at, by: actor }, context);
  }
}
