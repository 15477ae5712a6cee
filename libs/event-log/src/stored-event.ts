import type { AllStreamRecordedEvent, RecordedEvent } from '@eventstore/db-client';
import type { EventData, EventMetadata, StoredEvent } from './event.ts';
import { formatPosition } from './position.ts';

/** @throws TypeError when the server is older than 22.6 and gives no positions */
export function storedEvent(recorded: RecordedEvent | AllStreamRecordedEvent): StoredEvent {
  if (!recorded.position) throw new TypeError(`event ${recorded.id} of ${recorded.streamId} has no position`);
  return {
    id: recorded.id,
    stream: recorded.streamId,
    revision: Number(recorded.revision),
    position: formatPosition(recorded.position),
    type: recorded.type,
    data: recorded.data as EventData,
    metadata: recorded.metadata as unknown as EventMetadata,
    createdMs: recorded.created.getTime(),
  };
}

/** Events that the server writes for itself: they never leave this library. */
export function isSystemEvent(event: { type: string; streamId: string }): boolean {
  return event.type.startsWith('$') || event.streamId.startsWith('$');
}
