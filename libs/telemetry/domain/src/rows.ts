import type { Interval } from './ownership.ts';
import {
  channels,
  columnList,
  compareSamples,
  fromColumnLists,
  pick,
  sortedIndexes,
  type Channel,
  type SampleColumns,
} from './samples.ts';

const NONE = -1;

/** Only what was recorded within one of the intervals. */
export const within = (samples: SampleColumns, intervals: readonly Interval[]): SampleColumns =>
  split(samples, intervals, true);

/** Only what was recorded within none of the intervals. */
export const outside = (samples: SampleColumns, intervals: readonly Interval[]): SampleColumns =>
  split(samples, intervals, false);

function split(samples: SampleColumns, intervals: readonly Interval[], inside: boolean): SampleColumns {
  return fromColumnLists((channel) => {
    const { t } = samples[channel];
    const kept: number[] = [];
    for (let i = 0; i < t.length; i++) {
      if (intervals.some(({ startMs, endMs }) => startMs <= t[i]! && t[i]! < endMs) === inside) kept.push(i);
    }
    return pick(columnList(samples, channel), kept);
  });
}

/** A time and, for each channel that has a sample at it, that sample's index in its columns. */
export type Row = { readonly t: number } & { readonly [C in Channel]?: number };

/**
 * The rows of a recording in time order, however its samples arrived. Samples of several channels with the same time
 * share a row; different samples of one channel and time are rows of their own; exact repeats are one.
 */
export class Rows {
  readonly count: number;
  readonly #times: Float64Array;
  readonly #indexes: Readonly<Record<Channel, Int32Array>>;

  constructor(samples: SampleColumns) {
    const total = channels.reduce((sum, channel) => sum + samples[channel].t.length, 0);
    this.#times = new Float64Array(total);
    this.#indexes = Object.fromEntries(
      channels.map((channel) => [channel, new Int32Array(total).fill(NONE)]),
    ) as Record<Channel, Int32Array>;
    const queues = channels.map((channel) => ({ channel, order: differentSamples(samples, channel), at: 0 }));
    let count = 0;
    for (;;) {
      let next = Infinity;
      for (const { channel, order, at } of queues) {
        if (at < order.length) next = Math.min(next, samples[channel].t[order[at]!]!);
      }
      if (next === Infinity) break;
      let height = 0;
      for (const queue of queues) {
        const { t } = samples[queue.channel];
        let row = 0;
        while (queue.at < queue.order.length && t[queue.order[queue.at]!] === next) {
          this.#indexes[queue.channel][count + row++] = queue.order[queue.at++]!;
        }
        height = Math.max(height, row);
      }
      this.#times.fill(next, count, count + height);
      count += height;
    }
    this.count = count;
  }

  /** Rows `from` .. `to - 1`, fewer when there are fewer. */
  slice(from: number, to: number): Row[] {
    const rows: Row[] = [];
    for (let i = from; i < Math.min(to, this.count); i++) {
      const row: { t: number } & { [C in Channel]?: number } = { t: this.#times[i]! };
      for (const channel of channels) {
        const index = this.#indexes[channel][i]!;
        if (index !== NONE) row[channel] = index;
      }
      rows.push(row);
    }
    return rows;
  }
}

function differentSamples(samples: SampleColumns, channel: Channel): Uint32Array {
  const columns = columnList(samples, channel);
  return sortedIndexes(columns).filter(
    (index, i, order) => i === 0 || compareSamples(columns, order[i - 1]!, index) !== 0,
  );
}
