import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DaySamples } from './day-samples.ts';
import { splitByDay } from './frame.ts';
import { SampleSet } from './sample-set.ts';
import type { SampleColumns } from './samples.ts';

const day = Date.UTC(2024, 4, 1);

function ecg(...samples: (readonly [t: number, hr: number])[]): SampleColumns {
  const frame = { ecg: { t: samples.map(([t]) => day + t), fields: { hr: samples.map(([, hr]) => hr) } } };
  return splitByDay([frame]).get('20240501')!;
}

describe('the samples of a day', () => {
  it('tell repeats from new ones, also within one batch', () => {
    const stored = new DaySamples();
    const first = stored.add(ecg([0, 60], [1, 61], [0, 60]));
    expect(first).toMatchObject({ accepted: 2, duplicates: 1 });
    const second = stored.add(ecg([1, 61], [2, 61], [1, 62]));
    expect(second).toMatchObject({ accepted: 2, duplicates: 1 });
    expect(second.fresh.ecg).toEqual({ t: Float64Array.of(day + 1, day + 2), hr: Float64Array.of(62, 61) });
  });

  it('take a missing value as equal to a missing one and -0 as 0', () => {
    const stored = new DaySamples();
    stored.add(ecg([0, NaN], [1, 0]));
    expect(stored.add(ecg([0, NaN], [1, -0], [0, 0]))).toMatchObject({ accepted: 1, duplicates: 2 });
  });

  it('come out in order of time and value, however they arrived', () => {
    const { fresh } = new DaySamples().add(ecg([5, 60], [1, 70], [1, NaN], [1, 69]));
    expect(fresh.ecg.t).toEqual(Float64Array.of(day + 1, day + 1, day + 1, day + 5));
    expect(fresh.ecg.hr).toEqual(Float64Array.of(NaN, 69, 70, 60));
  });

  it('forget what was added after a mark', () => {
    const stored = new DaySamples();
    stored.add(ecg([0, 60]));
    const mark = stored.mark();
    stored.add(ecg([1, 61], [2, 62]));
    stored.rollback(mark);
    expect(stored.add(ecg([0, 60], [1, 61]))).toMatchObject({ accepted: 1, duplicates: 1 });
  });

  it('grow in memory with what they hold', () => {
    const stored = new DaySamples();
    const before = stored.bytes;
    stored.add(ecg(...Array.from({ length: 1000 }, (_, i) => [i, 60] as const)));
    expect(stored.bytes).toBeGreaterThan(before + 16_000);
  });
});

describe('a set of samples', () => {
  const value = fc.constantFrom(0, -0, 1, NaN, 2.5);
  const sample = fc.tuple(fc.integer({ min: 0, max: 3 }), value);
  const key = ([t, hr]: readonly [number, number]) => `${t}/${Object.is(hr, -0) ? 0 : hr}`;

  it('agrees with a set of texts, through any additions and rollbacks', () => {
    const step = fc.oneof(sample, fc.constant('mark' as const), fc.constant('rollback' as const));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const set = new SampleSet(2);
        let model: string[] = [];
        let mark = 0;
        for (const [i, one] of steps.entries()) {
          if (one === 'mark') mark = model.length;
          else if (one === 'rollback') {
            set.truncate(mark);
            model = model.slice(0, mark);
          } else {
            // A wide range of times now and then, so that the table grows and collides.
            const spread = [one[0] + (i % 7) * 1000, one[1]] as const;
            const fresh = set.add([Float64Array.of(spread[0]), Float64Array.of(spread[1])], 0);
            expect(fresh).toBe(!model.includes(key(spread)));
            if (fresh) model.push(key(spread));
          }
          expect(set.size).toBe(model.length);
        }
      }),
    );
  });
});
