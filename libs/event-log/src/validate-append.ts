import { AppendTooLarge, EventLogError } from './errors.ts';
import type { EncodedEvent, ExpectedRevision } from './event.ts';

/** The server's default limit is 1 048 576 bytes for all events of an append; the rest is room for its framing. */
export const MAX_APPEND_BYTES = 900_000;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * What the client or the server would choke on is refused before it reaches them: the client serialises inside a
 * promise executor whose exception nobody can catch, and a server may answer a refused batch twice.
 */
export function validateAppend(
  stream: string,
  events: readonly EncodedEvent[],
  expected: ExpectedRevision,
): void {
  const refuse = (what: string, cause?: unknown): never => {
    throw new EventLogError('invalid_append', `cannot append to ${JSON.stringify(stream)}: ${what}`, cause);
  };
  if (typeof stream !== 'string' || stream === '') refuse('the name of the stream is empty');
  if (stream.startsWith('$')) refuse('names that begin with $ belong to the server');
  if (!stream.isWellFormed()) refuse('the name of the stream is not well-formed text');
  if (typeof expected === 'number' && (!Number.isSafeInteger(expected) || expected < 0)) {
    refuse(`the expected revision is ${expected}; it must be a whole number from 0, 'no_stream' or 'any'`);
  }
  if (events.length === 0) refuse('there are no events');
  let bytes = 0;
  events.forEach((event, index) => {
    if (typeof event.type !== 'string' || event.type === '') refuse(`event ${index} has no type`);
    if (event.type.startsWith('$'))
      refuse(`event ${index}: types that begin with $ are the server's: ${event.type}`);
    if (!UUID.test(event.id)) refuse(`event ${index}: the id ${JSON.stringify(event.id)} is not a UUID`);
    bytes += event.type.length + event.id.length;
    try {
      bytes +=
        sizeOf(event.metadata) + (event.data instanceof Uint8Array ? event.data.length : sizeOf(event.data));
    } catch (error) {
      refuse(`event ${index} (${event.type}) is not JSON`, error);
    }
  });
  if (bytes > MAX_APPEND_BYTES) throw new AppendTooLarge(stream, bytes, MAX_APPEND_BYTES);
}

function sizeOf(value: unknown): number {
  if (typeof value !== 'object' || value === null)
    throw new TypeError(`an object was expected, not ${String(value)}`);
  return Buffer.byteLength(JSON.stringify(value));
}
