import {
  binaryEvent,
  jsonEvent,
  type AppendResult,
  type EventData as ClientEvent,
} from '@eventstore/db-client';
import type { Connection } from './connection.ts';
import { EventLogUnavailable } from './errors.ts';
import type { Appended, EncodedEvent, ExpectedRevision } from './event.ts';
import { formatPosition } from './position.ts';

export function clientEvent({ id, type, data, metadata }: EncodedEvent): ClientEvent {
  return data instanceof Uint8Array
    ? binaryEvent({ id, type, data, metadata })
    : jsonEvent({ id, type, data, metadata });
}

function appended(stream: string, result: AppendResult): Appended {
  if (!result.position) throw new EventLogUnavailable(`append to ${stream}: the server gave no position`);
  return { revision: Number(result.nextExpectedRevision), position: formatPosition(result.position) };
}

/**
 * The client's own deadline does not hold in every case: an answer with neither success nor error settles nothing.
 *
 * @throws EventLogUnavailable after the time, and what the client throws
 */
export async function attemptAppend(
  client: Connection['client'],
  stream: string,
  events: ClientEvent[],
  expected: ExpectedRevision,
  timeoutMs: number,
): Promise<Appended> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      reject(new EventLogUnavailable(`append to ${stream}: no answer within ${Math.round(timeoutMs)} ms`)),
    timeoutMs,
  );
  try {
    const expectedRevision = typeof expected === 'number' ? BigInt(expected) : expected;
    const append = client.appendToStream(stream, events, {
      expectedRevision,
      deadline: Math.ceil(timeoutMs),
    });
    append.catch(() => undefined);
    return appended(stream, await Promise.race([append, late]));
  } finally {
    clearTimeout(timer);
  }
}
