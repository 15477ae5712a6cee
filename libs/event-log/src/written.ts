import type { Appended, EncodedEvent, StreamLog, WrittenPosition } from './event.ts';

/**
 * The position of the last event of each type of an append. The server tells only that of the last event, so several
 * types cost one read.
 *
 * @throws EventLogUnavailable
 */
export async function writtenBy(
  log: Pick<StreamLog, 'read'>,
  stream: string,
  events: readonly Pick<EncodedEvent, 'type'>[],
  appended: Appended,
): Promise<WrittenPosition[]> {
  const positions = new Map<string, string>();
  for (const { type } of events) positions.set(type, appended.position);
  if (positions.size > 1) {
    const from = appended.revision - events.length + 1;
    for await (const event of log.read(stream, { from, limit: events.length })) {
      positions.set(event.type, event.position);
    }
  }
  return [...positions].map(([eventType, position]) => ({ eventType, position }));
}
