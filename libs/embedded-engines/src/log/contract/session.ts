import { createHash, randomUUID } from 'node:crypto';

import {
  type AllStreamRecordedEvent,
  ANY,
  type AppendExpectedRevision,
  type AppendResult,
  binaryEvent,
  EventStoreDBClient,
  isCommandError,
  jsonEvent,
  NO_STREAM,
  type ResolvedEvent,
  STREAM_EXISTS,
} from '@eventstore/db-client';

/** The two ways of the client to append: with credentials it uses `Append`, without them `BatchAppend`. */
export type AppendPath = 'Append' | 'BatchAppend';
export const APPEND_PATHS: readonly AppendPath[] = ['Append', 'BatchAppend'];

export type Expected = 'any' | 'none' | 'exists' | number;

export const expectedRevision = (expected: Expected): AppendExpectedRevision => {
  if (typeof expected === 'number') return BigInt(expected);
  return expected === 'any' ? ANY : expected === 'none' ? NO_STREAM : STREAM_EXISTS;
};

/** What was refused, as plain values. */
export interface Refusal {
  readonly refused: string;
  readonly expected?: unknown;
  readonly actual?: unknown;
  readonly stream?: string;
  readonly maxAppendSize?: number;
}

/** Waits for a call that must fail. */
export async function refusal(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Error) || !isCommandError(error)) throw error;
    return {
      refused: error.type,
      ...('expectedVersion' in error && { expected: plain(error.expectedVersion) }),
      ...('actualVersion' in error && { actual: plain(error.actualVersion) }),
      ...('streamName' in error && { stream: String(error.streamName) }),
      ...('maxAppendSize' in error && { maxAppendSize: Number(error.maxAppendSize) }),
    };
  }
  throw new Error('The call was expected to be refused.');
}

const plain = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);

/** A client with names and ids of its own, so that tests share a server without meeting. */
export class Session {
  readonly client: EventStoreDBClient;
  readonly path: AppendPath;
  readonly #scope = randomUUID();

  constructor(url: string, path: AppendPath = 'BatchAppend') {
    this.client = EventStoreDBClient.connectionString(url);
    this.path = path;
  }

  get credentials(): { credentials?: { username: string; password: string } } {
    return this.path === 'Append' ? { credentials: { username: 'admin', password: 'changeit' } } : {};
  }

  /** A stream of this session's own. */
  stream(name: string): string {
    return `${name}-${this.#scope}`;
  }

  /** The same label gives the same id. */
  id(label: string): string {
    const digits = createHash('sha256').update(`${this.#scope} ${label}`).digest('hex');
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
  }

  label(id: string, labels: readonly string[]): string {
    return labels.find((label) => this.id(label) === id) ?? id;
  }

  event(
    label: string,
    type = 'ParcelMoved',
    data: Record<string, unknown> = { label },
  ): ReturnType<typeof jsonEvent> {
    return jsonEvent({ id: this.id(label), type, data });
  }

  /** Appends an event for each label. @returns the next expected revision. */
  async append(
    stream: string,
    labels: readonly string[],
    expected: Expected = 'any',
    type?: string,
  ): Promise<number> {
    return Number((await this.appendFully(stream, labels, expected, type)).nextExpectedRevision);
  }

  appendFully(
    stream: string,
    labels: readonly string[],
    expected: Expected = 'any',
    type?: string,
  ): Promise<AppendResult> {
    const events = labels.map((label) => this.event(label, type));
    return this.client.appendToStream(stream, events, {
      expectedRevision: expectedRevision(expected),
      ...this.credentials,
    });
  }

  appendBytes(stream: string, ...sizes: readonly number[]): Promise<AppendResult> {
    const events = sizes.map((size) =>
      binaryEvent({ type: 'PictureTaken', data: new Uint8Array(size).fill(1) }),
    );
    return this.client.appendToStream(stream, events, this.credentials);
  }

  /** Appends `$>` links to revisions of streams. */
  link(
    stream: string,
    ...targets: readonly (readonly [revision: number, stream: string])[]
  ): Promise<AppendResult> {
    const events = targets.map(([revision, target]) =>
      binaryEvent({ type: '$>', data: Buffer.from(`${revision}@${target}`) }),
    );
    return this.client.appendToStream(stream, events, this.credentials);
  }

  /** Revisions and labels of what a read gives, as `revision:label`. */
  async read(
    stream: string,
    options: Parameters<EventStoreDBClient['readStream']>[1] = {},
  ): Promise<string[]> {
    const seen: string[] = [];
    for await (const { event } of this.client.readStream(stream, options))
      if (event) seen.push(describeEvent(event));
    return seen;
  }

  /** The same for the events of $all that belong to this session. */
  async readAll(
    options: Parameters<EventStoreDBClient['readAll']>[0] = {},
  ): Promise<AllStreamRecordedEvent[]> {
    const seen: AllStreamRecordedEvent[] = [];
    for await (const { event } of this.client.readAll(options))
      if (event && this.owns(event)) seen.push(event);
    return seen;
  }

  owns(event: { readonly streamId: string }): boolean {
    return event.streamId.includes(this.#scope);
  }

  setMetadata(
    stream: string,
    metadata: Record<string, unknown>,
    expected: Expected = 'any',
  ): Promise<AppendResult> {
    return this.client.setStreamMetadata(stream, metadata, {
      expectedRevision: expectedRevision(expected),
      ...this.credentials,
    });
  }

  dispose(): void {
    // It may never settle; nothing waits for it.
    void this.client.dispose();
  }
}

/** `revision:label` of an event that a session appended, `revision:type` of others. */
export function describeEvent(event: NonNullable<ResolvedEvent['event']>): string {
  const { data } = event;
  const label =
    typeof data === 'object' && data !== null && 'label' in data ? String(data.label) : event.type;
  return `${event.revision}:${label}`;
}
