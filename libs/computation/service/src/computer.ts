import { type EventLog, type KeySource, pause, type Position } from '@touchline/event-log';
import { ALGORITHM_VERSION } from '@touchline/metrics';
import {
  type ProjectionRunner,
  type ReadModelCollection,
  type ReadModelsLogger,
} from '@touchline/read-models';
import { type FrameInput, type Inputs } from './inputs.ts';
import { type ComputedDocument, computedModel } from './projections/computed.ts';
import { framesModel } from './projections/frames.ts';
import { Recording } from './recording.ts';

export interface ComputerOptions {
  readonly log: Pick<EventLog, 'read'>;
  readonly projections: ProjectionRunner;
  readonly inputs: Inputs;
  readonly dayKeys: KeySource;
  readonly logger: ReadModelsLogger;
}

interface Active {
  /** What the recording was begun with; another one begins a new recording. */
  readonly signature: string;
  readonly recording: Recording;
  usedMs: number;
}

interface Dirty {
  /** Of the newest event that is known to have touched the time frame. */
  position: Position;
  dueMs: number;
}

const AT_MOST_EVERY_MS = 1_000;
const ACTIVE_FOR_MS = 600_000;
const MAX_ACTIVE = 1_000;
const AT_ONCE = 4;
const RETRY_MS = 500;
const DUPLICATE_KEY = 11000;
/** Beside the computed documents: time frames touched up to here are all computed. */
const SWEPT = -1;

const signatureOf = ({ device, intervals, metrics, erased }: FrameInput): string =>
  JSON.stringify([device, intervals, metrics, erased]);

/**
 * Computes the documents of touched time frames, at most once a second each, in the instance that holds the lease. The
 * projections tell that a time frame was touched; what happened is read from the log.
 */
export class Computer {
  readonly #options: ComputerOptions;
  readonly #active = new Map<number, Active>();
  readonly #dirty = new Map<number, Dirty>();
  readonly #running = new Map<number, Promise<void>>();
  readonly #computedAtMs = new Map<number, number>();
  #seen: Position = '';
  #swept: Position = '';
  #wake = Promise.withResolvers<void>();

  constructor(options: ComputerOptions) {
    this.#options = options;
  }

  /** Something may have been touched. */
  notify(): void {
    this.#wake.resolve();
  }

  /** Works until the signal is aborted; outages are waited out. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.notify(), { once: true });
    let begun = false;
    while (!signal.aborted) {
      this.#wake = Promise.withResolvers();
      try {
        if (!begun) await this.#begin();
        begun = true;
        await this.#collect();
        this.#startDue(signal);
        await this.#sweep();
        await Promise.race([this.#wake.promise, pause(this.#nextDueMs(), signal)]);
      } catch (error) {
        if (signal.aborted) break;
        this.#options.logger.warn({ err: error }, 'the computation waits for what it needs');
        await pause(RETRY_MS, signal);
      }
    }
    await Promise.allSettled(this.#running.values());
    this.#active.clear();
    this.#dirty.clear();
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
    const swept = await (await this.#computed()).findOne({ _id: SWEPT });
    this.#seen = this.#swept = swept?.position ?? '';
  }

  /**
   * Adds the time frames touched since the last look, as far as whole batches are written: within one, a later document
   * may be there before an earlier one.
   */
  async #collect(): Promise<void> {
    const upTo = this.#options.projections.position;
    if (upTo <= this.#seen) return;
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
    const input = await this.#options.inputs.of(id);
    if (!input) {
      this.#dirty.delete(id);
      return;
    }
    this.#computedAtMs.set(id, performance.now());
    if ('gone' in input) {
      this.#active.delete(id);
      await this.#write({ _id: id, position: input.gone, gone: true });
      this.#settled(id, input.gone);
      return;
    }
    const recording = this.#recordingOf(input);
    try {
      await recording.catchUp(signal);
      const document = recording.document();
      await this.#write({ _id: id, position: input.position, algorithm: ALGORITHM_VERSION, document });
    } catch (error) {
      // What it has read is no longer certain.
      this.#active.delete(id);
      throw error;
    }
    this.#settled(id, input.position);
  }

  #settled(id: number, position: Position): void {
    const dirty = this.#dirty.get(id);
    if (!dirty) return;
    if (dirty.position <= position) this.#dirty.delete(id);
    else dirty.dueMs = performance.now() + AT_MOST_EVERY_MS;
  }

  #recordingOf(input: FrameInput): Recording {
    const nowMs = performance.now();
    const signature = signatureOf(input);
    const known = this.#active.get(input.id);
    const active =
      known?.signature === signature
        ? known
        : {
            signature,
            recording: new Recording(this.#options.log, this.#options.dayKeys, input),
            usedMs: nowMs,
          };
    active.usedMs = nowMs;
    this.#active.delete(input.id);
    this.#active.set(input.id, active);
    for (const [id, { usedMs }] of this.#active) {
      if (this.#active.size <= MAX_ACTIVE && usedMs > nowMs - ACTIVE_FOR_MS) break;
      this.#active.delete(id);
      this.#computedAtMs.delete(id);
    }
    return active.recording;
  }

  /** Replaces an older document; a newer one, of another instance, stays. */
  async #write(
    document: { _id: number; position: Position } & ({ gone: true } | Omit<ComputedDocument, '_id'>),
  ): Promise<void> {
    const computed = await this.#computed();
    try {
      await computed.replaceOne(
        { _id: document._id, position: { $lt: document.position } },
        // A deleted document has nothing but its id and position.
        document as Parameters<typeof computed.replaceOne>[1],
        { upsert: true },
      );
    } catch (error) {
      if ((error as { code?: unknown }).code !== DUPLICATE_KEY) throw error;
    }
  }

  /** Remembers, when nothing is left to do, that a restart need not look further back. */
  async #sweep(): Promise<void> {
    if (this.#dirty.size > 0 || this.#seen === this.#swept) return;
    const position = this.#seen;
    await this.#write({ _id: SWEPT, position, gone: true });
    this.#swept = position;
  }
}
