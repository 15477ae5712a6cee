import { ManagerDeletedSchema } from '@touchline/contracts/identity/v1/events';
import { decodeMessage, nameBasedUuid, type StoredEvent } from '@touchline/event-log';
import type { ProjectionRunner } from '@touchline/read-models';
import { RpcError } from '@touchline/rpc';
import { type Device, openOwnership } from '@touchline/telemetry-domain';
import type { DeviceCommands } from './execute.ts';
import type { DeviceQueries } from './queries.ts';

interface EndOfManagerDependencies {
  readonly commands: Pick<DeviceCommands, 'run'>;
  readonly queries: Pick<DeviceQueries, 'idsHeldBy'>;
  readonly projections: Pick<ProjectionRunner, 'waitFor'>;
}

export const MANAGER_DELETED = ManagerDeletedSchema.typeName;

/** Ends the ownerships of a manager who is deleted. Again does no harm. */
export async function endOwnerships(
  event: StoredEvent,
  { commands, queries, projections }: EndOfManagerDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { userId } = decodeMessage(ManagerDeletedSchema, event);
  await projections.waitFor([{ eventType: event.type, position: event.position }], signal);
  const isHis = (device: Device) => openOwnership(device.ownerships)?.manager === userId;
  for (const id of await queries.idsHeldBy(userId)) {
    const at = Date.now();
    const commandId = nameBasedUuid(`${event.id} device ${id}`);
    const context = {
      commandId,
      correlationId: event.metadata.correlation_id,
      actor: 'service:telemetry',
      at,
    };
    const by = { userId, isAdmin: false };
    try {
      await commands.run(id, { type: 'ReleaseOwnership', at, by }, isHis, context);
    } catch (error) {
      // It is not his any more: that is all that was to be done.
      if (!(error instanceof RpcError && error.status === 'forbidden')) throw error;
    }
  }
}
