import { describe, expect, it } from 'vitest';
import {
  batchAccumulator,
  type Columns,
  compute,
  emptyColumns,
  emptyDocument,
  type TimeFrameInput,
} from './index.ts';

const input: TimeFrameInput = { sport: 'soccer', window: { startMs: 0, endMs: 600_000 }, birthDate: null };

/** Samples of seconds `[from, to)` at 10 Hz with a speed that goes up and down. */
function seconds(from: number, to: number): Columns {
  const t = Float64Array.from({ length: (to - from) * 10 }, (_, i) => from * 1000 + i * 100);
  const none = t.map(() => Number.NaN);
  const speed = t.map((ms) => 3 + 3 * Math.sin(ms / 2000));
  return { ...emptyColumns(), gnss: { t, latitude: none, longitude: none, speed, altitude: none } };
}

describe('batchAccumulator', () => {
  it('gives the empty document before the first sample', () => {
    expect(batchAccumulator(input).snapshot()).toEqual(emptyDocument(input));
  });

  it('gives at any time the document of what was added so far', () => {
    const accumulator = batchAccumulator(input);
    for (let second = 0; second < 30; second += 10) {
      expect(accumulator.add(seconds(second, second + 10))).toEqual({});
      expect(accumulator.snapshot()).toEqual(compute({ ...input, columns: seconds(0, second + 10) }));
    }
  });

  it('does not mind late and repeated samples', () => {
    const accumulator = batchAccumulator(input);
    for (const from of [20, 0, 10, 0, 20]) accumulator.add(seconds(from, from + 10));
    expect(accumulator.snapshot()).toEqual(compute({ ...input, columns: seconds(0, 30) }));
  });
});
