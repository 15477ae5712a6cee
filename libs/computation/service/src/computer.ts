import { type EventLog, type KeySource, pause, type Position } from '@touchline/event-log';
import type { ProjectionRunner, ReadModelCollection, ReadModelsLogger } from '@touchline/read-models';
import { ACTIVE_FOR_MS, AT_ONCE, FrameComputing, MAX_ACTIVE } from './frame-computing.ts';
import type { Inputs } from './inputs.ts';
import { type ComputedDocument, computedModel, sweptOf, writeSwept } from './projections/computed.ts';
import { framesModel } from './projections/frames.ts';

export interface ComputerOptions {
  readonly log: Pick<EventLog, 'read'>;
  readonly projections: ProjectionRunner;
  readonly inputs: Inputs;
  readonly dayKeys: KeySource;
  readonly logger: ReadModelsLogger;
}

interface Dirty {
  /** Of the newest event that is known to have touched the time frame. */
  position: Position;
  dueMs: number;
}

const AT_MOST_EVERY_MS = 1_000;
/** Between two looks for what was touched: what comes meanwhile is gathered, computed and written together. */
const LOOK_EVERY_MS = 100;
const RETRY_MS = 500;

/**
 * Computes the documents of touched time frames, at most once a second each, in the instance that holds the lease. The
 * projections tell that a time frame was touched; what happened is read from the log.
 */
export class Computer {
  readonly #options: ComputerOptions;
  readonly #computing: FrameComputing;
  readonly #dirty = new Map<number, Dirty>();
  readonly #running = new Map<number, Promise<void>>();
  readonly #computedAtMs = new Map<number, number>();
  #seen: Position = '';
  #nextLookMs = 0;
  #swept: Position = '';
  #isWoken = false;
  #wake: () => void = () => {};

  constructor(options: ComputerOptions) {
    this.#options = options;
    this.#computing = new FrameComputing({
      ...options,
      targets: () => options.projections.fed(computedModel),
      projectedTo: () => options.projections.position,
    });
  }

  /** Something may have been touched. */
  notify(): void {
    this.#isWoken = true;
    this.#wake();
  }

  /** Works until the signal is aborted; outages are waited out. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.notify(), { once: true });
    let begun = false;
    while (!signal.aborted) {
      this.#isWoken = false;
      try {
        if (!begun) await this.#begin();
        begun = true;
        await this.#collect();
        this.#startDue(signal);
        await this.#sweep();
        await this.#sleep(this.#nextDueMs());
      } catch (error) {
        if (signal.aborted) break;
        this.#options.logger.warn({ err: error }, 'the computation waits for what it needs');
        await pause(RETRY_MS, signal);
      }
    }
    await Promise.allSettled(this.#running.values());
    this.#computing.clear();
    this.#dirty.clear();
  }

  /** Until it is notified, as of what came since the work began, or for so long. */
  #sleep(ms: number): Promise<void> {
    if (this.#isWoken) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Computes a time frame now, unless its document is as new as the position. @throws what computing throws */
  async flush(id: number, position: Position, signal: AbortSignal): Promise<void> {
    const computed = await (await this.#computed()).findOne({ _id: id }, { projection: { position: 1 } });
    if (computed && computed.position >= position) return;
    await this.#running.get(id)?.catch(() => undefined);
    await this.#start(id, signal);
  }

  async #computed(): Promise<ReadModelCollection<ComputedDocument>> {
    return this.#options.projections.collection(computedModel);
  }

  async #begin(): Promise<void> {
    this.#seen = this.#swept = await sweptOf(await this.#computed());
  }

  /**
   * Adds the time frames touched since the last look, as far as whole batches are written: within one, a later document
   * may be there before an earlier one.
   */
  async #collect(): Promise<void> {
    const upTo = this.#options.projections.position;
    const nowMs = performance.now();
    if (upTo <= this.#seen || nowMs < this.#nextLookMs) return;
    this.#nextLookMs = nowMs + LOOK_EVERY_MS;
    const frames = await this.#options.projections.collection(framesModel);
    const touched = frames.find(
      { position: { $gt: this.#seen, $lte: upTo } },
      { projection: { position: 1 }, sort: { position: 1 } },
    );
    for await (const { _id, position } of touched) {
      if (typeof _id !== 'number') continue;
      const dueMs = (this.#computedAtMs.get(_id) ?? -Infinity) + AT_MOST_EVERY_MS;
      this.#dirty.set(_id, { position, dueMs: this.#dirty.get(_id)?.dueMs ?? dueMs });
    }
    this.#seen = upTo;
  }

  #startDue(signal: AbortSignal): void {
    const nowMs = performance.now();
    for (const [id, { dueMs }] of this.#dirty) {
      if (this.#running.size >= AT_ONCE) return;
      if (dueMs > nowMs || this.#running.has(id)) continue;
      this.#start(id, signal).catch((error: unknown) => {
        if (signal.aborted) return;
        this.#options.logger.warn(
          { err: error, timeFrame: id },
          'a time frame could not be computed and is tried again',
        );
        const dirty = this.#dirty.get(id);
        if (dirty) dirty.dueMs = performance.now() + RETRY_MS;
      });
    }
  }

  #nextDueMs(): number {
    const nowMs = performance.now();
    let nextMs = nowMs + AT_MOST_EVERY_MS;
    if (this.#options.projections.position > this.#seen) nextMs = Math.min(nextMs, this.#nextLookMs);
    if (this.#running.size < AT_ONCE) {
      for (const [id, { dueMs }] of this.#dirty) if (!this.#running.has(id)) nextMs = Math.min(nextMs, dueMs);
    }
    return Math.max(0, nextMs - nowMs);
  }

  /** One computation of a time frame at a time. */
  #start(id: number, signal: AbortSignal): Promise<void> {
    const running =
      this.#running.get(id) ??
      this.#compute(id, signal).finally(() => {
        this.#running.delete(id);
        this.notify();
      });
    this.#running.set(id, running);
    return running;
  }

  async #compute(id: number, signal: AbortSignal): Promise<void> {
    const nowMs = performance.now();
    this.#computedAtMs.delete(id);
    this.#computedAtMs.set(id, nowMs);
    for (const [earlier, computedMs] of this.#computedAtMs) {
      if (this.#computedAtMs.size <= MAX_ACTIVE && computedMs > nowMs - ACTIVE_FOR_MS) break;
      this.#computedAtMs.delete(earlier);
    }
    const position = await this.#computing.compute(id, signal);
    if (position === undefined) this.#dirty.delete(id);
    else this.#settled(id, position);
  }

  #settled(id: number, position: Position): void {
    const dirty = this.#dirty.get(id);
    if (!dirty) return;
    if (dirty.position <= position) this.#dirty.delete(id);
    else dirty.dueMs = performance.now() + AT_MOST_EVERY_MS;
  }

  /** Remembers, when nothing is left to do, that a restart need not look further back. */
  async #sweep(): Promise<void> {
    if (this.#dirty.size > 0 || this.#seen === this.#swept) return;
    const position = this.#seen;
    await writeSwept(await this.#computed(), position);
    this.#swept = position;
  }
}
