import { AppendTooLarge, EventLogError } from './errors.ts';
import type { EncodedEvent, ExpectedRevision } from './event.ts';

/** The server's default limit is 1 048 576 bytes for all events of an append; the rest is room for its framing. */
export const MAX_APPEND_BYTES = 900_000;

/** An event as it is sent. */
export interface ProposedEvent {
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * What a server would choke on is refused before it reaches it: it may answer a refused append twice or not at all.
 *
 * @throws EventLogError, AppendTooLarge
 */
export function validateAppend(
  stream: string,
  events: readonly EncodedEvent[],
  expected: ExpectedRevision,
): ProposedEvent[] {
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
  const proposed = events.map(({ id, type, data, metadata }, index): ProposedEvent => {
    if (typeof type !== 'string' || type === '') refuse(`event ${index} has no type`);
    if (type.startsWith('$')) refuse(`event ${index}: types that begin with $ are the server's: ${type}`);
    if (!UUID.test(id)) refuse(`event ${index}: the id ${JSON.stringify(id)} is not a UUID`);
    try {
      const isJson = !(data instanceof Uint8Array);
      const event = { id, type, isJson, data: isJson ? json(data) : data, metadata: json(metadata) };
      bytes += type.length + id.length + event.metadata.length + event.data.length;
      return event;
    } catch (error) {
      return refuse(`event ${index} (${type}) is not JSON`, error);
    }
  });
  if (bytes > MAX_APPEND_BYTES) throw new AppendTooLarge(stream, bytes, MAX_APPEND_BYTES);
  return proposed;
}

function json(value: unknown): Uint8Array {
  if (typeof value !== 'object' || value === null)
    throw new TypeError(`an object was expected, not ${String(value)}`);
  return Buffer.from(JSON.stringify(value));
}
