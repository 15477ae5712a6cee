import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coveredUntil, covers, type Interval } from './coverage.ts';

const window: Interval = { startMs: 100, endMs: 200 };

describe('a window', () => {
  it.each([
    ['one interval that equals it', [window]],
    ['one interval around it', [{ startMs: 0, endMs: 1000 }]],
    [
      'two adjoining intervals',
      [
        { startMs: 0, endMs: 150 },
        { startMs: 150, endMs: 300 },
      ],
    ],
    [
      'two adjoining intervals, the later first',
      [
        { startMs: 150, endMs: 300 },
        { startMs: 0, endMs: 150 },
      ],
    ],
    [
      'overlapping intervals',
      [
        { startMs: 0, endMs: 170 },
        { startMs: 120, endMs: 130 },
        { startMs: 160, endMs: 200 },
      ],
    ],
  ] satisfies [string, Interval[]][])('is covered by %s', (_what, intervals) => {
    expect(covers(intervals, window)).toBe(true);
  });

  it.each([
    ['nothing', []],
    ['an interval that starts a millisecond late', [{ startMs: 101, endMs: 300 }]],
    ['an interval that ends a millisecond early', [{ startMs: 0, endMs: 199 }]],
    [
      'two intervals with a hole of a millisecond',
      [
        { startMs: 0, endMs: 150 },
        { startMs: 151, endMs: 300 },
      ],
    ],
    [
      'intervals that lie elsewhere',
      [
        { startMs: 0, endMs: 100 },
        { startMs: 200, endMs: 300 },
      ],
    ],
    ['an interval turned round', [{ startMs: 300, endMs: 0 }]],
  ] satisfies [string, Interval[]][])('is not covered by %s', (_what, intervals) => {
    expect(covers(intervals, window)).toBe(false);
  });

  it('that is empty is covered by nothing', () => {
    expect(covers([{ startMs: 0, endMs: 1000 }], { startMs: 100, endMs: 100 })).toBe(false);
  });

  const instant = fc.integer({ min: 0, max: 30 });
  const interval = fc.tuple(instant, instant).map(([startMs, endMs]) => ({ startMs, endMs }));

  it('is covered exactly when each of its milliseconds lies in some interval', () => {
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 8 }), interval, (intervals, asked) => {
        fc.pre(asked.startMs < asked.endMs);
        let everyInstant = true;
        for (let ms = asked.startMs; ms < asked.endMs; ms++) {
          everyInstant &&= intervals.some(({ startMs, endMs }) => startMs <= ms && ms < endMs);
        }
        expect(covers(intervals, asked)).toBe(everyInstant);
      }),
    );
  });
});

describe('what is covered from an instant on', () => {
  const intervals = [
    { startMs: 150, endMs: 200 },
    { startMs: 0, endMs: 160 },
    { startMs: 201, endMs: 300 },
  ];

  it('goes on to the first hole', () => {
    expect(coveredUntil(intervals, 0)).toBe(200);
    expect(coveredUntil(intervals, 170)).toBe(200);
    expect(coveredUntil(intervals, 201)).toBe(300);
  });

  it('is nothing in a hole and outside', () => {
    expect(coveredUntil(intervals, 200)).toBeUndefined();
    expect(coveredUntil(intervals, -1)).toBeUndefined();
    expect(coveredUntil(intervals, 300)).toBeUndefined();
    expect(coveredUntil([], 0)).toBeUndefined();
  });
});
