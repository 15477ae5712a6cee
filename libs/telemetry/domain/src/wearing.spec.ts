import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ownership } from './ownership.ts';
import { outside, within } from './rows.ts';
import { channels, fromColumnLists } from './samples.ts';
import { wornBy, wornDays, type Wearing } from './wearing.ts';

const ever: readonly Ownership[] = [{ id: 1, manager: 9, startMs: 0 }];
const wearing = (athlete: number, startMs: number, endMs: number, more: Partial<Wearing> = {}): Wearing => ({
  owner: 9,
  athlete,
  startMs,
  endMs,
  standing: true,
  ...more,
});
const deleted = { standing: false };

describe('who wore a device', () => {
  it('is told by his time frames, joined', () => {
    const wearings = [wearing(1, 20, 30), wearing(1, 0, 10), wearing(1, 10, 12), wearing(2, 40, 50)];
    expect(wornBy(1, wearings, ever)).toEqual([
      { startMs: 0, endMs: 12 },
      { startMs: 20, endMs: 30 },
    ]);
    expect(wornBy(3, wearings, ever)).toEqual([]);
  });

  it('is limited to what the owners of the time frames owned', () => {
    const ownerships = [
      { id: 1, manager: 9, startMs: 0, endMs: 15 },
      { id: 2, manager: 8, startMs: 15 },
    ];
    expect(wornBy(1, [wearing(1, 10, 30)], ownerships)).toEqual([{ startMs: 10, endMs: 15 }]);
    expect(wornBy(1, [wearing(1, 10, 30, { owner: 8 })], ownerships)).toEqual([{ startMs: 15, endMs: 30 }]);
  });

  it('is told by deleted time frames, too, but for what others are said to have worn since', () => {
    const wearings = [wearing(1, 0, 100, deleted), wearing(2, 10, 20), wearing(2, 90, 120)];
    expect(wornBy(1, wearings, ever)).toEqual([
      { startMs: 0, endMs: 10 },
      { startMs: 20, endMs: 90 },
    ]);
    expect(wornBy(1, [wearing(1, 0, 100, deleted), wearing(2, 10, 20, deleted)], ever)).toEqual([
      { startMs: 0, endMs: 100 },
    ]);
  });
});

it('tells the days that intervals touch, as far as there may be samples', () => {
  const midnight = Date.UTC(2024, 4, 2);
  const intervals = [
    { startMs: midnight - 1, endMs: midnight + 1 },
    { startMs: midnight + 5, endMs: midnight + 6 },
  ];
  expect([...wornDays(7, intervals, midnight)]).toEqual([
    ['telemetry-7-20240501', [{ startMs: midnight - 1, endMs: midnight }]],
    ['telemetry-7-20240502', [{ startMs: midnight, endMs: midnight + 1 }, intervals[1]]],
  ]);
  const days = [...wornDays(7, [{ startMs: 0, endMs: 4e12 }], midnight).keys()];
  expect([days[0], days.at(-1)]).toEqual(['telemetry-7-20000101', 'telemetry-7-20240503']);
});

it('cuts every recording into what lies inside of some intervals and what lies outside, in its order', () => {
  const times = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 40 });
  const intervals = fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 20 }))
      .map(([startMs, length]) => ({ startMs, endMs: startMs + length })),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(fc.array(times, { minLength: 4, maxLength: 4 }), intervals, (recorded, gone) => {
      // The second column numbers the samples, so that none can stand for another.
      const samples = fromColumnLists((channel) => {
        const t = recorded[channels.indexOf(channel)]!;
        return [Float64Array.from(t), Float64Array.from(t, (_, i) => i)];
      });
      const isGone = (t: number) => gone.some(({ startMs, endMs }) => startMs <= t && t < endMs);
      const [kept, lost] = [outside(samples, gone), within(samples, gone)];
      for (const channel of channels) {
        const t = [...samples[channel].t];
        expect([...kept[channel].t]).toEqual(t.filter((one) => !isGone(one)));
        expect([...lost[channel].t]).toEqual(t.filter(isGone));
      }
      expect([...kept.ecg.hr]).toEqual([...samples.ecg.hr].filter((i) => !isGone(samples.ecg.t[i]!)));
    }),
  );
});
