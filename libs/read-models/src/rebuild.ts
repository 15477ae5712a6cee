import {
  pause,
  type EventLog,
  type Position,
  type StoredEvent,
  type SubscriptionItem,
} from '@touchline/event-log';
import { ItemBuffer } from './item-buffer.ts';
import type { LiveSet } from './live-set.ts';
import type { ReadModelSet } from './read-model-set.ts';

/**
 * `projecting`: the new set is filled from the log's beginning; `deriving`: what is not projected event by event is
 * made; `catching-up`: what was appended meanwhile; `switched`: readers have the new set, and both are fed; `done`: the
 * old one is dropped.
 */
export type RebuildPhase = 'projecting' | 'deriving' | 'catching-up' | 'switched' | 'done';

export interface RebuildProgress {
  phase: RebuildPhase;
  /** Number of the new set. */
  set: number;
  /** Read so far. */
  events: number;
  /** About as many as there are to read: what the old set had consumed. */
  expectedEvents: number;
  /** Since the rebuild began, up to the switch. */
  elapsedMs: number;
  position: Position;
}

/** Documents of a set that are made otherwise than event by event. */
export interface DerivedDocuments {
  /** Types of events that a rebuild's first pass leaves out, since `fill` reads them itself and in larger portions. */
  readonly readsItself: readonly string[];
  /**
   * Makes all of them in a set that was projected up to the position, and whatever projecting the types left out would
   * have changed in it.
   *
   * @param onEvents told how many events were read since the last time
   */
  fill(
    set: ReadModelSet,
    upTo: Position,
    signal: AbortSignal,
    onEvents: (count: number) => void,
  ): Promise<void>;
  /** Brings those that fell behind up to the set's position. */
  refresh(set: ReadModelSet, upTo: Position, signal: AbortSignal): Promise<void>;
}

export interface RebuildOptions {
  log: Pick<EventLog, 'subscribe' | 'lastPosition'>;
  live: LiveSet;
  /** Who claimed the live set. */
  writer: string;
  types: ReadonlySet<string>;
  batchSize: number;
  derived: DerivedDocuments | undefined;
  /** How long the old set is kept up after the switch. */
  bothFedMs: number;
  /** Runs the work while the live set's own projection and computation stand still; `alsoFed` is kept up from then on. */
  halted<T>(work: () => Promise<T>): Promise<T>;
  feedAlso(set: ReadModelSet | undefined): void;
}

/** A pass that finds no more than this is short enough to be made while the live projection stands still. */
const FEW_EVENTS = 500;
const MAX_PASSES = 10;

/** Fills a set beside the live one and puts it in its place. */
export class Rebuild {
  readonly #options: RebuildOptions;
  readonly #begunMs = performance.now();
  readonly #progress: Omit<RebuildProgress, 'elapsedMs'> = {
    phase: 'projecting',
    set: 0,
    events: 0,
    expectedEvents: 0,
    position: '',
  };
  #switchedMs: number | undefined;

  constructor(options: RebuildOptions) {
    this.#options = options;
  }

  get progress(): RebuildProgress {
    return { ...this.#progress, elapsedMs: (this.#switchedMs ?? performance.now()) - this.#begunMs };
  }

  /**
   * @param wanted aborted when nobody waits for it any more: until the switch the new set is given up then
   * @param held aborted when the live set is somebody else's to write
   */
  async run(wanted: AbortSignal, held: AbortSignal): Promise<void> {
    const { live, types, derived, writer, bothFedMs } = this.#options;
    const signal = AbortSignal.any([wanted, held]);
    const old = await live.getAfresh();
    const set = await live.next();
    await live.dropLeftOvers();
    this.#progress.set = set.number;
    this.#progress.expectedEvents = await old.consumed();
    try {
      await set.create();
      const readItself = new Set(derived?.readsItself);
      await this.#pass(
        set,
        [...types].filter((type) => !readItself.has(type)),
        signal,
      );
      this.#progress.phase = 'deriving';
      await this.#derive(set, 'fill', signal);
      this.#progress.phase = 'catching-up';
      for (let passes = 0; passes < MAX_PASSES; passes++) {
        const found = await this.#pass(set, [...types], signal);
        await this.#derive(set, 'refresh', signal);
        if (found <= FEW_EVENTS) break;
      }
      await this.#options.halted(async () => {
        await this.#pass(set, [...types], signal);
        await this.#derive(set, 'refresh', signal);
        const reached = await old.checkpoint();
        if (reached !== undefined) await set.moveCheckpoint(reached);
        signal.throwIfAborted();
        await live.switch(old, set, writer);
        this.#options.feedAlso(old);
      });
    } catch (error) {
      // What cannot be dropped now is dropped before the next rebuild.
      if ((await live.getAfresh().catch(() => set)).number !== set.number)
        await live.drop(set.number).catch(() => undefined);
      throw error;
    }
    this.#progress.phase = 'switched';
    this.#switchedMs = performance.now();
    await pause(bothFedMs, held);
    held.throwIfAborted();
    await this.#options.halted(() => Promise.resolve(this.#options.feedAlso(undefined)));
    await live.drop(old.number);
    this.#progress.phase = 'done';
  }

  /** Applies what is in the log now, beyond the set's checkpoint. @returns how many events that were */
  async #pass(set: ReadModelSet, types: readonly string[], signal: AbortSignal): Promise<number> {
    const { log, batchSize } = this.#options;
    const last = await log.lastPosition();
    if (last === undefined) return 0;
    const from = await set.checkpoint();
    const ended = new AbortController();
    const until = AbortSignal.any([signal, ended.signal]);
    const buffer = new ItemBuffer<SubscriptionItem>(2 * batchSize);
    const filling = buffer.fill(
      log.subscribe({ types, ...(from === undefined ? {} : { from }), signal: until }),
    );
    let found = 0;
    try {
      for (;;) {
        const items = await buffer.take(batchSize);
        signal.throwIfAborted();
        if (items.length === 0) throw new Error('the subscription of a rebuild ended by itself');
        const events: StoredEvent[] = [];
        let caughtUp = false;
        for (const item of items) {
          if (item.kind === 'caught-up') caughtUp = true;
          else if (item.kind === 'event') events.push(item.event);
        }
        if (events.length > 0) await set.apply(events, { signal });
        const position = events.at(-1)?.position;
        if (position !== undefined) await this.#reached(set, position, events.length);
        found += events.length;
        if (!caughtUp) continue;
        // Whatever was in the log before this pass was handed out, or is of other types.
        await this.#reached(set, last, 0);
        return found;
      }
    } finally {
      ended.abort();
      buffer.close();
      await filling;
    }
  }

  async #reached(set: ReadModelSet, position: Position, events: number): Promise<void> {
    await set.moveCheckpoint(position, events);
    this.#progress.events += events;
    if (position > this.#progress.position) this.#progress.position = position;
  }

  async #derive(set: ReadModelSet, how: 'fill' | 'refresh', signal: AbortSignal): Promise<void> {
    const { derived } = this.#options;
    const upTo = await set.checkpoint();
    if (!derived || upTo === undefined) return;
    if (how === 'refresh') return derived.refresh(set, upTo, signal);
    let read = 0;
    await derived.fill(set, upTo, signal, (count) => {
      read += count;
      this.#progress.events += count;
    });
    // For the next rebuild's estimate; the position stays.
    await set.countConsumed(read);
  }
}
