import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';

import { invalidArgument, LogCallError } from '../errors.ts';
import type { StreamIdentifier, UUID } from '../gen/event_store/client/shared_pb.ts';
import type {
  AppendReq_Options,
  AppendReq_ProposedMessage,
  BatchAppendReq_Options,
} from '../gen/event_store/client/streams_pb.ts';
import type { ExpectedRevision } from '../store/append-decision.ts';
import type { ProposedEvent } from '../store/records.ts';

const MAX_STREAM_NAME_BYTES = 16 * 1024;
const UUID_PATTERN = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @throws LogCallError when the bytes are no message of this kind. */
export function decode<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  try {
    return fromBinary(schema, bytes);
  } catch (error) {
    throw new LogCallError(
      {
        code: 'invalid-argument',
        message: `The request is no ${schema.typeName}: ${error instanceof Error ? error.message : String(error)}`,
      },
      error,
    );
  }
}

/** @throws LogCallError when there is no name, or one that cannot be a stream's. */
export function streamName(identifier: StreamIdentifier | undefined): string {
  const bytes = identifier?.streamName ?? new Uint8Array();
  if (bytes.length === 0)
    throw new LogCallError({ code: 'not-understood', message: 'The name of the stream is missing.' });
  if (bytes.length > MAX_STREAM_NAME_BYTES) {
    throw invalidArgument(
      `The name of a stream has at most ${MAX_STREAM_NAME_BYTES} bytes, not ${bytes.length}.`,
    );
  }
  try {
    return utf8.decode(bytes);
  } catch {
    throw invalidArgument('The name of the stream is not valid UTF-8.');
  }
}

/** The name of a stream that may be written to. */
export function writableStreamName(identifier: StreamIdentifier | undefined): string {
  const name = streamName(identifier);
  if (name === '$all') throw invalidArgument('$all is made of all streams; nothing can be written to it.');
  if (name === '$$' || name.startsWith('$$$$'))
    throw invalidArgument(`${name} cannot be a stream: metadata has no metadata.`);
  return name;
}

/** The name of a stream that may be deleted by itself. */
export function deletableStreamName(identifier: StreamIdentifier | undefined): string {
  const name = writableStreamName(identifier);
  if (name.startsWith('$$')) throw invalidArgument(`${name} holds metadata and goes with its stream.`);
  return name;
}

type ExpectedCase =
  AppendReq_Options['expectedStreamRevision'] | BatchAppendReq_Options['expectedStreamPosition'];

export function expectedRevision(expected: ExpectedCase): ExpectedRevision {
  switch (expected.case) {
    case 'revision':
    case 'streamPosition':
      return { kind: 'revision', revision: expected.value };
    case 'noStream':
      return { kind: 'no-stream' };
    case 'any':
      return { kind: 'any' };
    case 'streamExists':
      return { kind: 'stream-exists' };
    case undefined:
      throw invalidArgument('The expected revision is missing: any, no_stream, stream_exists or a revision.');
    default:
      return expected satisfies never;
  }
}

/** @returns 32 hexadecimal digits in lower case. */
export function uuidDigits(uuid: UUID | undefined, what: string): string {
  const value = uuid?.value;
  switch (value?.case) {
    case 'string':
      if (!UUID_PATTERN.test(value.value))
        throw invalidArgument(`${what} is no UUID: ${JSON.stringify(value.value.slice(0, 64))}.`);
      return value.value.replaceAll('-', '').toLowerCase();
    case 'structured': {
      const half = (bits: bigint): string => BigInt.asUintN(64, bits).toString(16).padStart(16, '0');
      return half(value.value.mostSignificantBits) + half(value.value.leastSignificantBits);
    }
    case undefined:
      throw invalidArgument(`${what} is missing.`);
    default:
      return value satisfies never;
  }
}

/** Fields of a proposed event, alike in both ways to append. */
type ProposedMessage = Pick<AppendReq_ProposedMessage, 'id' | 'metadata' | 'customMetadata' | 'data'>;

export function proposedEvent(message: ProposedMessage): ProposedEvent {
  const property = (name: string): string => {
    const value = message.metadata[name];
    if (value === undefined || value === '')
      throw new LogCallError({ code: 'missing-property', property: name });
    return value;
  };
  return {
    id: uuidDigits(message.id, 'The id of an event'),
    type: property('type'),
    isJson: property('content-type') === 'application/json',
    metadata: message.customMetadata,
    data: message.data,
  };
}
