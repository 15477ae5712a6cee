import { randomUUID } from 'node:crypto';
import {
  BackOff,
  pause,
  type EventLog,
  type Position,
  type StoredEvent,
  type SubscriptionItem,
  type WrittenPosition,
} from '@touchline/event-log';
import { ItemBuffer } from './item-buffer.ts';
import { Lease, type LeaseOptions } from './lease.ts';
import { LiveSet } from './live-set.ts';
import { silentLogger, type ReadModelsLogger } from './logger.ts';
import type { Mongo } from './mongo.ts';
import type { ReadModel, ReadModelCollection, ReadModelDocument } from './read-model.ts';
import type { ReadModelSet } from './read-model-set.ts';
import { type DerivedDocuments, Rebuild, type RebuildProgress } from './rebuild.ts';
import { Tenure } from './tenure.ts';
import { Waiters } from './waiters.ts';

export interface ProjectionRunnerOptions {
  /** Names the databases `<context>` and `<context>-state`. */
  context: string;
  log: Pick<EventLog, 'subscribe' | 'lastPosition'>;
  mongo: Mongo;
  models: readonly ReadModel[];
  /** `TOUCHLINE_INSTANCE`. */
  instance: string;
  logger?: ReadModelsLogger;
  /** Events of one round of writing. Default 500. */
  batchSize?: number;
  /** Pass by events of all types, so that `passed` may be asked about any position of the log. Default false. */
  everything?: boolean;
  /** Told of each batch that a read model consumed of, once its documents are written, in the instance that writes. */
  onApplied?: () => void;
  /** Further work of whichever instance writes, from when it takes the lease until the signal is aborted. */
  whileHeld?: (signal: AbortSignal) => Promise<void>;
  /** What `whileHeld` makes of the read models, for rebuilds. */
  derived?: DerivedDocuments;
  /** For how long the old set is kept up after a switch. Default 10 s: twice what a cached pointer lives. */
  bothFedMs?: number;
  /** Timing of the lease, for tests. */
  lease?: Pick<LeaseOptions, 'renewEveryMs' | 'staleAfterMs' | 'pollEveryMs'>;
}

const POLL_EVERY_MS = 10;
const IDLE_CHECKPOINT_EVERY_MS = 1_000;
const REPORT_EVERY_MS = 250;
const BOTH_FED_MS = 10_000;

/** Keeps the read models of a context up to the log, in whichever of its instances holds the lease. */
export class ProjectionRunner {
  readonly #options: ProjectionRunnerOptions;
  readonly #logger: ReadModelsLogger;
  readonly #batchSize: number;
  readonly #types: ReadonlySet<string>;
  readonly #live: LiveSet;
  readonly #lease: Lease;
  readonly #waiters = new Waiters();
  readonly #stopping = new AbortController();
  readonly #ready = Promise.withResolvers<void>();
  #tenure: Tenure | undefined;
  #rebuilding: Promise<void> | undefined;
  #running: Promise<void> | undefined;
  #polling: Promise<void> | undefined;

  constructor(options: ProjectionRunnerOptions) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#batchSize = options.batchSize ?? 500;
    this.#types = new Set(options.models.flatMap(({ consumes }) => consumes));
    this.#live = new LiveSet(options.mongo.readModels(options.context), options.models);
    this.#lease = new Lease({
      state: options.mongo.state(options.context),
      name: 'projections',
      holder: options.instance,
      logger: this.#logger,
      ...options.lease,
    });
  }

  /** Every event type that a read model consumes. */
  get consumedTypes(): ReadonlySet<string> {
    return this.#types;
  }

  /** Resolves when the lease has a live holder, here or elsewhere, that has caught up with the log once. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Begins in the background; outages of either engine are waited out. */
  start(): void {
    this.#running ??= this.#lease.hold(
      (signal) => this.#workWhileHeld(signal),
      this.#stopping.signal,
      ({ caughtUp }) => {
        if (caughtUp) this.#ready.resolve();
      },
    );
  }

  /** Finishes the batch under way and gives the lease back. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the projections were stopped'));
    await this.#running;
    await this.#polling;
  }

  /** The model's collection in the live set, known at most 5 s ago. @throws MongoError */
  async collection<D extends ReadModelDocument>(model: ReadModel<D>): Promise<ReadModelCollection<D>> {
    return (await this.#live.get()).collection(model);
  }

  /** The model's collections in all sets that are kept up, the live one first: two for a while after a rebuild. */
  async fed<D extends ReadModelDocument>(model: ReadModel<D>): Promise<ReadModelCollection<D>[]> {
    const live = await this.#live.get();
    const also = this.#tenure?.alsoFed;
    return [live, ...(also ? [also] : [])].map((set) => set.collection(model));
  }

  /** Why `rebuild` cannot be begun now, for the operator. */
  get rebuildRefusal(): string | undefined {
    if (this.#rebuilding) return `A rebuild of ${this.#options.context} is under way.`;
    if (!this.#tenure)
      return `Another instance of ${this.#options.context} writes its read models; ask that one.`;
    return undefined;
  }

  /**
   * Fills a new set from the log beside the live one, and switches to it. Until the switch, ending the loop or aborting
   * the signal leaves everything as it was.
   *
   * @throws Error when it is refused or the lease is lost; what the read models throw, EventLogUnavailable, MongoError
   */
  async *rebuild(signal: AbortSignal): AsyncGenerator<RebuildProgress, void, void> {
    const tenure = this.#tenure;
    if (this.rebuildRefusal !== undefined || !tenure) throw new Error(this.rebuildRefusal);
    const unwanted = new AbortController();
    const rebuild = new Rebuild({
      log: this.#options.log,
      live: this.#live,
      writer: tenure.writer,
      types: this.#types,
      batchSize: this.#batchSize,
      derived: this.#options.derived,
      bothFedMs: this.#options.bothFedMs ?? BOTH_FED_MS,
      halted: (work) => tenure.halted(work),
      feedAlso: (set) => (tenure.alsoFed = set),
    });
    const work = rebuild.run(AbortSignal.any([signal, unwanted.signal]), tenure.held);
    const settled = work
      .catch(() => undefined)
      .finally(() => {
        this.#rebuilding = undefined;
      });
    this.#rebuilding = settled;
    try {
      for (let over = false; !over;) {
        over = await Promise.race([
          settled.then(() => true),
          pause(REPORT_EVERY_MS, signal).then(() => false),
        ]);
        if (!over) yield rebuild.progress;
        signal.throwIfAborted();
      }
      await work;
      yield rebuild.progress;
    } finally {
      unwanted.abort(new Error('nobody waits for the rebuild any more'));
    }
  }

  /**
   * Resolves when every read model that consumes one of the types has passed its position, at once when none does.
   *
   * @throws the signal's reason when it is aborted first, or an error when the runner is stopped
   */
  async waitFor(positions: readonly WrittenPosition[], signal: AbortSignal): Promise<void> {
    let last: Position = '';
    for (const { eventType, position } of positions) {
      if (this.#types.has(eventType) && position > last) last = position;
    }
    if (last !== '') await this.passed(last, signal);
  }

  /**
   * Resolves when the read models hold everything up to the position, which must be one that they consume or, with
   * `everything`, any.
   *
   * @throws the signal's reason when it is aborted first, or an error when the runner is stopped
   */
  async passed(position: Position, signal: AbortSignal): Promise<void> {
    const waiting = this.#waiters.wait(position, AbortSignal.any([signal, this.#stopping.signal]));
    this.#pollUnlessHeld();
    await waiting;
  }

  /** The read models hold everything up to here, as far as this instance knows; `''` before it knows anything. */
  get position(): Position {
    return this.#waiters.passed;
  }

  /** Whether this instance is the one that writes. */
  get held(): boolean {
    return this.#lease.held;
  }

  async #workWhileHeld(held: AbortSignal): Promise<void> {
    const { whileHeld } = this.#options;
    const tenure = new Tenure(held, randomUUID());
    this.#tenure = tenure;
    try {
      await tenure.work(async (signal) => {
        await Promise.all([
          this.#again(signal, 'a projection', (backOff) => this.#project(tenure, signal, backOff)),
          whileHeld && this.#again(signal, 'work beside the projections', () => whileHeld(signal)),
        ]);
      });
      await this.#rebuilding;
    } finally {
      this.#tenure = undefined;
    }
  }

  /** Does the work until the signal is aborted, from the start after each failure. */
  async #again(signal: AbortSignal, what: string, work: (backOff: BackOff) => Promise<void>): Promise<void> {
    const backOff = new BackOff(50, 2_000);
    while (!signal.aborted) {
      try {
        await work(backOff);
        if (!signal.aborted) throw new Error(`${what} ended by itself`);
      } catch (error) {
        if (signal.aborted) return;
        const retryMs = backOff.next();
        const { context } = this.#options;
        this.#logger.error({ err: error, context, retryMs }, `${what} failed and starts again`);
        await pause(retryMs, signal);
      }
    }
  }

  /** From the checkpoint on; every failure begins again here, as a crash does. */
  async #project(tenure: Tenure, until: AbortSignal, backOff: BackOff): Promise<void> {
    const ended = new AbortController();
    const signal = AbortSignal.any([until, ended.signal]);
    const live = await this.#live.claim(tenure.writer);
    await live.create();
    const sets: readonly ReadModelSet[] = [live, ...(tenure.alsoFed ? [tenure.alsoFed] : [])];
    const from = await earliest(sets);
    if (from !== undefined) this.#waiters.advance(from);
    const { log, context } = this.#options;
    const buffer = new ItemBuffer<SubscriptionItem>(2 * this.#batchSize);
    const filling = buffer.fill(
      log.subscribe({
        ...(this.#options.everything ? {} : { types: [...this.#types] }),
        ...(from === undefined ? {} : { from }),
        signal,
        onInterruption: (error, retryMs) =>
          this.#logger.warn({ err: error, context, retryMs }, 'the subscription was interrupted'),
      }),
    );
    let savedMs = performance.now();
    let consumed = 0;
    try {
      while (!signal.aborted) {
        const items = await buffer.take(this.#batchSize);
        if (items.length === 0) return;
        const events: StoredEvent[] = [];
        let caughtUp = false;
        let passed: Position | undefined;
        for (const item of items) {
          if (item.kind === 'event') events.push(item.event);
          if (item.kind === 'caught-up') caughtUp = true;
          else passed = item.kind === 'event' ? item.event.position : item.position;
        }
        if (events.length > 0) await Promise.all(sets.map((set) => set.apply(events, { signal })));
        // The waiting go on when the documents are there; the checkpoint is for restarts and other instances.
        if (passed !== undefined) this.#waiters.advance(passed);
        const before = consumed;
        for (const { type } of events) if (this.#types.has(type)) consumed++;
        if (consumed > before) this.#options.onApplied?.();
        if (caughtUp) this.#caughtUp();
        const due = consumed > 0 || performance.now() - savedMs >= IDLE_CHECKPOINT_EVERY_MS;
        if (passed !== undefined && due) {
          const position = passed;
          const count = consumed;
          await Promise.all(sets.map((set) => set.moveCheckpoint(position, count)));
          consumed = 0;
          savedMs = performance.now();
        }
        backOff.reset();
      }
    } finally {
      ended.abort();
      buffer.close();
      await filling;
    }
  }

  #caughtUp(): void {
    this.#lease.caughtUp = true;
    this.#ready.resolve();
  }

  /** Without the lease somebody else writes: his checkpoint tells how far. */
  #pollUnlessHeld(): void {
    if (this.#polling || this.#lease.held || this.#waiters.size === 0) return;
    this.#polling = this.#poll().finally(() => (this.#polling = undefined));
  }

  async #poll(): Promise<void> {
    const stop = this.#stopping.signal;
    while (this.#waiters.size > 0 && !this.#lease.held && !stop.aborted) {
      try {
        const position = await (await this.#live.getAfresh()).checkpoint();
        if (position !== undefined) this.#waiters.advance(position);
      } catch (error) {
        this.#logger.warn({ err: error }, 'the live checkpoint cannot be read');
        await pause(100, stop);
      }
      await pause(POLL_EVERY_MS, stop);
    }
  }
}

/** Where the set that is least far stands; undefined when one has nothing. */
async function earliest(sets: readonly ReadModelSet[]): Promise<Position | undefined> {
  const checkpoints = await Promise.all(sets.map((set) => set.checkpoint()));
  return checkpoints.some((position) => position === undefined) ? undefined : checkpoints.sort()[0];
}
