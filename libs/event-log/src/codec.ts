import {
  create,
  fromBinary,
  fromJson,
  isMessage,
  toBinary,
  toJson,
  type DescMessage,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import type { EventData, JsonObject, StoredEvent } from './event.ts';

/** An event of a domain as it is stored: the message's full name and its content. */
export interface EncodedPayload {
  type: string;
  data: EventData;
}

/** proto3 JSON, readable in any log browser: the form of domain events. */
export function encodeMessage<D extends DescMessage>(schema: D, message: MessageInitShape<D>): JsonObject {
  return toJson(schema, create(schema, message)) as JsonObject;
}

/** Binary protobuf: the form of telemetry. */
export function encodeBinaryMessage<D extends DescMessage>(
  schema: D,
  message: MessageInitShape<D>,
): Uint8Array {
  return toBinary(schema, create(schema, message));
}

/** An event goes through several projections, and through each more than once. */
const decoded = new WeakMap<EventData, Message>();

/** Reads either form; fields added later by newer writers are passed over. The message is shared: it must not be changed. */
export function decodeMessage<D extends DescMessage>(
  schema: D,
  { data }: Pick<StoredEvent, 'data'>,
): MessageShape<D> {
  const known = decoded.get(data);
  if (isMessage(known, schema)) return known;
  const message =
    data instanceof Uint8Array
      ? fromBinary(schema, data)
      : fromJson(schema, data, { ignoreUnknownFields: true });
  decoded.set(data, message);
  return message;
}

/** Type and proto3 JSON of a message, ready to be appended. */
export function encodePayload<D extends DescMessage>(
  schema: D,
  message: MessageInitShape<D>,
): EncodedPayload {
  return { type: schema.typeName, data: encodeMessage(schema, message) };
}

/** Type and binary protobuf of a message, ready to be appended. */
export function encodeBinaryPayload<D extends DescMessage>(
  schema: D,
  message: MessageInitShape<D>,
): EncodedPayload {
  return { type: schema.typeName, data: encodeBinaryMessage(schema, message) };
}
