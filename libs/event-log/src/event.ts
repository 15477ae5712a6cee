/** Where an event lies in the whole log: opaque text of fixed width, compared with `<` and `===` and stored as it is. */
export type Position = string;

/** The revision of the last event that a stream must have (`no_stream`: none) for an append to succeed. */
export type ExpectedRevision = number | 'no_stream' | 'any';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/** Nothing personal belongs here: metadata is never encrypted. */
export interface EventMetadata {
  correlation_id: string;
  causation_id?: string;
  /** `user:12`, `service:identity` or `device:7`. */
  actor: string;
  /** RFC 3339, UTC, milliseconds. */
  at: string;
}

/** proto3 JSON as an object, or a binary protobuf message as bytes. */
export type EventData = JsonObject | Uint8Array;

export interface EncodedEvent {
  /** Full name of the protobuf message, such as `activity.v1.TimeFrameCreated`. */
  type: string;
  /** A UUID derived from the command (see `eventId`), so that a repeated append is recognised. */
  id: string;
  data: EventData;
  metadata: EventMetadata;
}

export interface StoredEvent {
  id: string;
  stream: string;
  /** From 0. */
  revision: number;
  position: Position;
  type: string;
  data: EventData;
  metadata: EventMetadata;
  /** When the server stored it. */
  createdMs: number;
}

export interface Appended {
  /** Of the last event appended. */
  revision: number;
  /** Of the last event appended. */
  position: Position;
}

export interface ReadOptions {
  /** The first revision read, itself included. Default: the stream's first, or its last when reading backwards. */
  from?: number;
  backwards?: boolean;
  limit?: number;
}

/** What deciders, sequences and reservations need of a log. */
export interface StreamLog {
  append(stream: string, events: readonly EncodedEvent[], expected: ExpectedRevision): Promise<Appended>;
  read(stream: string, options?: ReadOptions): AsyncIterable<StoredEvent>;
}

/** The position of the last event of a type that a command wrote. */
export interface WrittenPosition {
  eventType: string;
  position: Position;
}

/** Who asked for what, when: the ids and metadata of the events that follow from it are made of this. */
export interface CommandContext {
  commandId: string;
  correlationId: string;
  actor: string;
  /** Unix time in milliseconds. */
  at: number;
}

export function metadataOf(context: CommandContext): EventMetadata {
  return {
    correlation_id: context.correlationId,
    causation_id: context.commandId,
    actor: context.actor,
    at: new Date(context.at).toISOString(),
  };
}
