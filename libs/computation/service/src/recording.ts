import { type EventLog, type KeySource, requireKeys, type StoredEvent } from '@touchline/event-log';
import {
  emptyDocument,
  type LiveAccumulator,
  liveAccumulator,
  type MetricsDocument,
} from '@touchline/metrics';
import {
  columnsOf,
  concatSampleColumns,
  dayErasedType,
  dayStreamOf,
  firstDayKeyOf,
  framesIngestedType,
  fromChannels,
  openFrames,
  readDayErased,
  readFrames,
  type SampleColumns,
  type StoredFrames,
  touches,
  utcDays,
} from '@touchline/samples';
import type { FrameInput, Interval } from './inputs.ts';
import { erasedWithin } from './projections/frames.ts';

/** The samples that lie in one of the intervals; the columns themselves when all do. */
export function inside(samples: SampleColumns, intervals: readonly Interval[]): SampleColumns {
  return fromChannels((channel) => {
    const columns = columnsOf(samples, channel);
    const kept: number[] = [];
    columns.t.forEach((t, i) => {
      if (intervals.some(({ startMs, endMs }) => t >= startMs && t < endMs)) kept.push(i);
    });
    if (kept.length === columns.t.length) return columns;
    return Object.fromEntries(
      Object.entries(columns).map(([field, column]) => [
        field,
        Float64Array.from(kept, (i) => column[i] ?? NaN),
      ]),
    ) as typeof columns;
  });
}

/** Each channel sorted by time; what has the same time stays in its order. */
export function inTimeOrder(samples: SampleColumns): SampleColumns {
  return fromChannels((channel) => {
    const columns = columnsOf(samples, channel);
    const order = Array.from(columns.t.keys()).sort((a, b) => (columns.t[a] ?? 0) - (columns.t[b] ?? 0));
    return Object.fromEntries(
      Object.entries(columns).map(([field, column]) => [
        field,
        Float64Array.from(order, (i) => column[i] ?? NaN),
      ]),
    ) as typeof columns;
  });
}

/** Days that are asked about at once. */
const MAX_ASKED = 200;

const isEmpty = ({ gnss, ecg, pwr }: SampleColumns): boolean =>
  gnss.t.length + ecg.t.length + pwr.t.length === 0;

/**
 * The samples of a time frame as they lie in the day streams of its device. A watermark per stream tells what has been
 * read, so an event counts once, whoever tells of it and however often.
 */
export class Recording {
  readonly #log: Pick<EventLog, 'read'>;
  readonly #keys: KeySource;
  readonly #input: FrameInput;
  readonly #observe: ((event: StoredEvent, frames: StoredFrames) => void) | undefined;
  /** Of the first samples on. */
  #accumulator: LiveAccumulator | undefined;
  /** Last revision read, by stream. */
  readonly #watermarks = new Map<string, number>();
  /** Keys under which something was read. */
  readonly #used = new Set<string>();
  /** Keys that are known to be destroyed, whatever a cache says. */
  readonly #destroyed = new Set<string>();
  /** Something that was read is gone. */
  #stale = false;
  #telemetryMs = 0;
  /** What the accumulator has forgotten since something older came, [startMs, endMs). */
  #forgotten: Interval | undefined;

  /** @param observe told of each event that is read */
  constructor(
    log: Pick<EventLog, 'read'>,
    keys: KeySource,
    input: FrameInput,
    observe?: (event: StoredEvent, frames: StoredFrames) => void,
  ) {
    this.#observe = observe;
    this.#log = log;
    this.#keys = keys;
    this.#input = input;
  }

  /** The day streams that it reads: none for an erased athlete. */
  get streams(): string[] {
    const { device, intervals, erased } = this.#input;
    if (erased) return [];
    const days = new Set(intervals.flatMap(({ startMs, endMs }) => [...utcDays(startMs, endMs)]));
    return [...days].map((day) => dayStreamOf(device, day));
  }

  /** Reads what came since the last time. @throws EventLogUnavailable, KeysUnknown, RpcError */
  async catchUp(signal: AbortSignal): Promise<void> {
    // One after the other: the accumulator is at its best when samples come in time order.
    for (const stream of await this.#streamsToRead()) await this.#read(stream, signal);
    if (this.#stale) {
      this.#beginAnew();
      return this.catchUp(signal);
    }
    while (this.#forgotten) await this.#readAgain(this.#forgotten, signal);
  }

  /** Nothing was read that counts. */
  get isEmpty(): boolean {
    return this.#accumulator === undefined;
  }

  /**
   * The document of everything read so far.
   *
   * @param changedMs when what else it depends on changed last; such a change may leave the recording as it is
   */
  document(changedMs = this.#input.changedMs): MetricsDocument {
    return {
      ...(this.#accumulator?.snapshot() ?? emptyDocument(this.#input.metrics)),
      last_computation: Math.max(changedMs, this.#telemetryMs),
    };
  }

  /** Those that were read before, and those that hold something: a day has a key before it has samples. */
  async #streamsToRead(): Promise<string[]> {
    const { streams } = this;
    const unread = streams.filter((stream) => !this.#watermarks.has(stream));
    const withoutSamples = new Set<string>();
    for (let at = 0; at < unread.length; at += MAX_ASKED) {
      const asked = unread.slice(at, at + MAX_ASKED);
      const keys = await this.#keys.get(asked.map(firstDayKeyOf));
      for (const stream of asked)
        if (keys.get(firstDayKeyOf(stream))?.state === 'unknown') withoutSamples.add(stream);
    }
    return streams.filter((stream) => !withoutSamples.has(stream));
  }

  async #read(stream: string, signal: AbortSignal): Promise<void> {
    const from = (this.#watermarks.get(stream) ?? -1) + 1;
    for await (const event of this.#log.read(stream, { from })) {
      signal.throwIfAborted();
      if (event.type === framesIngestedType) await this.#take(event);
      if (event.type === dayErasedType) this.#erase(event);
      this.#watermarks.set(stream, event.revision);
    }
  }

  async #take(event: StoredEvent): Promise<void> {
    const frames = readFrames(event);
    this.#observe?.(event, frames);
    const samples = await this.#open(frames, this.#input.intervals);
    if (!samples) return;
    this.#used.add(frames.keyId);
    // What erasure appends again was in the log before: the document says so, too.
    this.#telemetryMs = Math.max(this.#telemetryMs, frames.firstStoredMs ?? event.createdMs);
    this.#add(samples);
  }

  #erase(event: StoredEvent): void {
    const erased = readDayErased(event);
    for (const keyId of erased.keyIds) this.#destroyed.add(keyId);
    if (!this.#input.intervals.some((interval) => erasedWithin(erased, interval))) return;
    this.#stale ||= erased.keyIds.some((keyId) => this.#used.has(keyId));
  }

  #beginAnew(): void {
    this.#accumulator = undefined;
    this.#watermarks.clear();
    this.#used.clear();
    this.#telemetryMs = 0;
    this.#forgotten = undefined;
    this.#stale = false;
  }

  #add(samples: SampleColumns): void {
    this.#accumulator ??= liveAccumulator(this.#input.metrics);
    const { recompute } = this.#accumulator.add(samples);
    if (!recompute) return;
    const [startMs, endMs] = recompute;
    this.#forgotten = {
      startMs: Math.min(startMs, this.#forgotten?.startMs ?? Infinity),
      endMs: Math.max(endMs, this.#forgotten?.endMs ?? -Infinity),
    };
  }

  /** Gives the accumulator again what it has forgotten, in time order. */
  async #readAgain(range: Interval, signal: AbortSignal): Promise<void> {
    const intervals = this.#input.intervals
      .map(({ startMs, endMs }) => ({
        startMs: Math.max(startMs, range.startMs),
        endMs: Math.min(endMs, range.endMs),
      }))
      .filter(({ startMs, endMs }) => startMs < endMs);
    const parts: SampleColumns[] = [];
    for (const [stream, last] of this.#watermarks) {
      for await (const event of this.#log.read(stream)) {
        signal.throwIfAborted();
        if (event.revision > last) break;
        if (event.type !== framesIngestedType) continue;
        const samples = await this.#open(readFrames(event), intervals);
        if (samples) parts.push(samples);
      }
    }
    this.#forgotten = undefined;
    this.#add(inTimeOrder(concatSampleColumns(parts)));
  }

  /** The samples of an event inside the intervals; undefined when there are none or their key is destroyed. */
  async #open(frames: StoredFrames, intervals: readonly Interval[]): Promise<SampleColumns | undefined> {
    if (this.#destroyed.has(frames.keyId)) return undefined;
    if (!intervals.some(({ startMs, endMs }) => touches(frames, startMs, endMs))) return undefined;
    const key = (await requireKeys(this.#keys, [frames.keyId])).get(frames.keyId);
    if (!key) return undefined;
    const samples = inside(openFrames(frames, key), intervals);
    return isEmpty(samples) ? undefined : samples;
  }
}
