import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitByDay } from './frame.ts';
import { Rows, within } from './rows.ts';
import type { SampleColumns } from './samples.ts';

const day = Date.UTC(2024, 4, 1);

interface Sent {
  channel: 'gnss' | 'ecg';
  t: number;
  value: number;
}

function columns(sent: readonly Sent[]): SampleColumns {
  const frames = sent.map(({ channel, t, value }) => ({
    [channel]: { t: [day + t], fields: { [channel === 'ecg' ? 'hr' : 'speed']: [value] } },
  }));
  return splitByDay([{ ecg: { t: [], fields: {} } }, ...frames]).get('20240501')!;
}

function rowsOf(samples: SampleColumns): unknown[] {
  const rows = new Rows(samples);
  return rows
    .slice(0, rows.count)
    .map((row) => [
      row.t - day,
      row.gnss === undefined ? null : samples.gnss.speed[row.gnss],
      row.ecg === undefined ? null : samples.ecg.hr[row.ecg],
    ]);
}

describe('rows', () => {
  it('are shared by channels at the same time and apart for different samples of one channel', () => {
    const samples = columns([
      { channel: 'ecg', t: 2, value: 60 },
      { channel: 'gnss', t: 1, value: 3 },
      { channel: 'gnss', t: 2, value: 5 },
      { channel: 'gnss', t: 2, value: 4 },
      { channel: 'gnss', t: 2, value: 4 },
    ]);
    expect(rowsOf(samples)).toEqual([
      [1, 3, null],
      [2, 4, 60],
      [2, 5, null],
    ]);
  });

  it('come in pages', () => {
    const rows = new Rows(columns([1, 2, 3, 4, 5].map((t) => ({ channel: 'ecg' as const, t, value: 60 }))));
    expect(rows.count).toBe(5);
    expect(rows.slice(2, 4).map(({ t }) => t - day)).toEqual([3, 4]);
    expect(rows.slice(4, 8).map(({ t }) => t - day)).toEqual([5]);
  });

  it('are the same however the samples arrived, once or twice', () => {
    const one = fc.record({
      channel: fc.constantFrom('gnss' as const, 'ecg' as const),
      t: fc.integer({ min: 0, max: 5 }),
      value: fc.constantFrom(0, 1, 2, NaN),
    });
    const shuffled = fc
      .array(one, { minLength: 1, maxLength: 30 })
      .chain((sent) =>
        fc.tuple(fc.constant(sent), fc.shuffledSubarray([...sent, ...sent], { minLength: sent.length * 2 })),
      );
    fc.assert(
      fc.property(shuffled, ([sent, again]) => {
        expect(rowsOf(columns(again))).toEqual(rowsOf(columns(sent)));
      }),
    );
  });

  it('keep to the intervals, their ends being outside', () => {
    const samples = columns([0, 1, 2, 3].map((t) => ({ channel: 'ecg' as const, t, value: t })));
    const kept = within(samples, [
      { startMs: day + 1, endMs: day + 2 },
      { startMs: day + 3, endMs: day + 9 },
    ]);
    expect(kept.ecg.hr).toEqual(Float64Array.of(1, 3));
  });
});
