import type { AllStreamResolvedEvent, ResolvedEvent } from '@eventstore/db-client';
import { BackOff, pause } from './back-off.ts';
import { Connection } from './connection.ts';
import { AppendUnconfirmed, EventLogError, EventLogUnavailable } from './errors.ts';
import type {
  Appended,
  EncodedEvent,
  ExpectedRevision,
  Position,
  ReadOptions,
  StoredEvent,
  StreamLog,
} from './event.ts';
import { parsePosition } from './position.ts';
import { isSystemEvent, storedEvent } from './stored-event.ts';
import { streamItems } from './stream-items.ts';
import { subscribeToLog, type SubscribeOptions, type SubscriptionItem } from './subscription.ts';
import { isStreamNotFound, neverSent, translateError } from './translate-error.ts';
import { validateAppend } from './validate-append.ts';

export interface EventLogOptions {
  /** Of EventStoreDB: `esdb://host:2113?tls=false`. */
  url: string;
  /** How long an append may take in all, its repetitions included. Default 5 000. */
  appendTimeoutMs?: number;
  /** How long a read may wait for the next event. Default 5 000. */
  readTimeoutMs?: number;
}

export interface ReadAllOptions {
  /** Starts after this position (before it when reading backwards); at the log's beginning (end) when absent. */
  from?: Position;
  backwards?: boolean;
  limit?: number;
}

const BUFFERED_EVENTS = 256;
const RETRY_READS_WITHIN_MS = 500;
/** An append unanswered for this part of its time is sent again. */
const ATTEMPTS = 2.5;

/** The log over EventStoreDB's own client. One instance a process; safe for any number of concurrent calls. */
export class EventLog implements StreamLog {
  readonly #connection: Connection;
  readonly #appendTimeoutMs: number;
  readonly #readTimeoutMs: number;
  readonly #closing = new AbortController();

  /** Connects with the first call. @throws Error when the URL is malformed */
  static connect(options: EventLogOptions): EventLog {
    return new EventLog(options);
  }

  private constructor(options: EventLogOptions) {
    this.#connection = new Connection(options.url);
    this.#appendTimeoutMs = options.appendTimeoutMs ?? 5_000;
    this.#readTimeoutMs = options.readTimeoutMs ?? 5_000;
  }

  /**
   * Appends all events or none. Lost answers are asked for again with the same ids, which the server recognises.
   *
   * @throws WrongExpectedRevision, AppendTooLarge, EventLogUnavailable when nothing was written, AppendUnconfirmed when
   * that is not known, EventLogError
   */
  async append(
    stream: string,
    events: readonly EncodedEvent[],
    expected: ExpectedRevision,
  ): Promise<Appended> {
    const append = { stream, events: validateAppend(stream, events, expected), expected };
    const endMs = performance.now() + this.#appendTimeoutMs;
    const backOff = new BackOff(20, 500);
    let sent = false;
    for (let attempts = 1; ; attempts++) {
      const client = this.#connection.client;
      const leftMs = Math.max(1, endMs - performance.now());
      try {
        const attemptMs = Math.min(leftMs, Math.max(100, this.#appendTimeoutMs / ATTEMPTS));
        const done = await this.#connection.append(append, attemptMs);
        return attempts === 1 ? done : await this.#placed(stream, done);
      } catch (error) {
        const translated = translateError(error, `append to ${stream}`);
        if (!(translated instanceof EventLogUnavailable)) throw translated;
        sent ||= !neverSent(error);
        this.#connection.failed(client, error);
        const waitMs = backOff.next();
        if (performance.now() + waitMs >= endMs || this.#closing.signal.aborted) {
          throw sent ? new AppendUnconfirmed(translated.message, translated.cause) : translated;
        }
        await pause(waitMs, this.#closing.signal);
      }
    }
  }

  /**
   * The events of a stream; a missing stream yields nothing.
   *
   * @throws EventLogUnavailable, EventLogError
   */
  async *read(stream: string, options: ReadOptions = {}): AsyncGenerator<StoredEvent, void, void> {
    const { backwards = false, limit, from } = options;
    if (limit !== undefined && limit <= 0) return;
    const what = `read of ${stream}`;
    const open = () =>
      this.#connection.client.readStream(
        stream,
        {
          direction: backwards ? 'backwards' : 'forwards',
          fromRevision: from === undefined ? (backwards ? 'end' : 'start') : BigInt(from),
          ...(limit === undefined ? {} : { maxCount: limit }),
        },
        { highWaterMark: BUFFERED_EVENTS },
      );
    for await (const { event } of this.#items<ResolvedEvent>(open, what)) {
      if (event) yield storedEvent(event);
    }
  }

  /**
   * All events but the server's own, in the order of the log.
   *
   * @throws EventLogUnavailable, EventLogError
   */
  async *readAll(options: ReadAllOptions = {}): AsyncGenerator<StoredEvent, void, void> {
    const { backwards = false, from } = options;
    let left = options.limit ?? Infinity;
    if (left <= 0) return;
    const open = () =>
      this.#connection.client.readAll(
        {
          direction: backwards ? 'backwards' : 'forwards',
          fromPosition: from === undefined ? (backwards ? 'end' : 'start') : parsePosition(from),
        },
        { highWaterMark: BUFFERED_EVENTS },
      );
    for await (const { event } of this.#items<AllStreamResolvedEvent>(open, 'read of $all')) {
      if (!event || isSystemEvent(event)) continue;
      const stored = storedEvent(event);
      // The server includes the position itself when reading forwards.
      if (stored.position === from) continue;
      yield stored;
      if (--left <= 0) return;
    }
  }

  /** Position of the last event of the log that is not the server's own. */
  async lastPosition(): Promise<Position | undefined> {
    for await (const event of this.readAll({ backwards: true, limit: 1 })) return event.position;
    return undefined;
  }

  /** Events from a position on, for ever, until the signal is aborted or the log is closed. Never throws for outages. */
  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionItem> {
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    return subscribeToLog(this.#connection, { ...options, signal });
  }

  /** Ends subscriptions and the connection; calls under way fail. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#connection.close();
  }

  /** Servers disagree on the position that they tell of an append that was there already. */
  async #placed(stream: string, done: Appended): Promise<Appended> {
    try {
      for await (const { position } of this.read(stream, { from: done.revision, limit: 1 }))
        return { ...done, position };
    } catch (error) {
      // It is written; a position that may be too early is better than a failure.
      if (!(error instanceof EventLogError)) throw error;
    }
    return done;
  }

  /** A read that fails at once is tried once more: a connection lost long ago shows only when it is used. */
  async *#items<T>(
    open: () => ReturnType<Connection['client']['readStream']> | ReturnType<Connection['client']['readAll']>,
    what: string,
  ): AsyncGenerator<T, void, void> {
    const retryUntilMs = performance.now() + RETRY_READS_WITHIN_MS;
    for (let attempt = 1; ; attempt++) {
      const client = this.#connection.client;
      const read = open();
      let begun = false;
      try {
        for await (const item of streamItems<T>(read, what, this.#readTimeoutMs)) {
          begun = true;
          yield item;
        }
        return;
      } catch (error) {
        if (isStreamNotFound(error)) return;
        const translated = translateError(error, what);
        if (!(translated instanceof EventLogUnavailable)) throw translated;
        this.#connection.failed(client, error);
        const late = performance.now() > retryUntilMs;
        if (begun || late || attempt > 1 || this.#closing.signal.aborted) throw translated;
        await pause(20, this.#closing.signal);
      } finally {
        read.cancel().catch(() => undefined);
        read.destroy();
      }
    }
  }
}
