import { type EventLog, type KeySource, requireKeys, type StoredEvent } from '@touchline/event-log';
import { batchAccumulator, type MetricsDocument, type TimeFrameAccumulator } from '@touchline/metrics';
import {
  columnsOf,
  dayStreamOf,
  framesIngestedType,
  fromChannels,
  openFrames,
  readFrames,
  type SampleColumns,
  type StoredFrames,
  touches,
  utcDays,
} from '@touchline/samples';
import { type FrameInput, type Interval } from './inputs.ts';

const STREAMS_AT_ONCE = 4;

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
  readonly #accumulator: TimeFrameAccumulator;
  /** Last revision read, by stream. */
  readonly #watermarks = new Map<string, number>();
  #telemetryMs = 0;

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
    this.#accumulator = batchAccumulator(input.metrics);
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
    const { streams } = this;
    for (let i = 0; i < streams.length; i += STREAMS_AT_ONCE) {
      signal.throwIfAborted();
      await Promise.all(streams.slice(i, i + STREAMS_AT_ONCE).map((stream) => this.#read(stream, signal)));
    }
  }

  /**
   * The document of everything read so far.
   *
   * @param changedMs when what else it depends on changed last; such a change may leave the recording as it is
   */
  document(changedMs = this.#input.changedMs): MetricsDocument {
    return {
      ...this.#accumulator.snapshot(),
      last_computation: Math.max(changedMs, this.#telemetryMs),
    };
  }

  async #read(stream: string, signal: AbortSignal): Promise<void> {
    const from = (this.#watermarks.get(stream) ?? -1) + 1;
    for await (const event of this.#log.read(stream, { from })) {
      signal.throwIfAborted();
      if (event.type === framesIngestedType) await this.#add(event);
      this.#watermarks.set(stream, event.revision);
    }
  }

  async #add(event: StoredEvent): Promise<void> {
    const { intervals } = this.#input;
    const frames = readFrames(event);
    this.#observe?.(event, frames);
    if (!intervals.some(({ startMs, endMs }) => touches(frames, startMs, endMs))) return;
    const key = (await requireKeys(this.#keys, [frames.keyId])).get(frames.keyId);
    if (!key) return;
    const samples = inside(openFrames(frames, key), intervals);
    if (isEmpty(samples)) return;
    this.#telemetryMs = Math.max(this.#telemetryMs, event.createdMs);
    this.#accumulator.add(samples);
  }
}
