import { describe, expect, it } from 'vitest';
import { refusal, splitByDay, type Frame } from './frame.ts';

const now = Date.UTC(2024, 4, 1, 12);
const ecg = (t: number[], hr?: number[]): Frame => ({ ecg: { t, fields: { hr } } });

describe('a frame', () => {
  it('is well-formed when each channel has as many values as timestamps, and a field may be left out', () => {
    expect(refusal(ecg([now, now + 1000], [60, 61]), now)).toBeUndefined();
    expect(refusal(ecg([now, now + 1000]), now)).toBeUndefined();
    expect(refusal({}, now)).toBeUndefined();
  });

  it('is taken with implausible values', () => {
    expect(refusal(ecg([now, now + 1, now + 2], [-4, NaN, 1e9]), now)).toBeUndefined();
  });

  it('is refused when an array is shorter or longer than its timestamps', () => {
    expect(refusal(ecg([now, now + 1000], [60]), now)).toBe(
      'ecg.hr has 1 values, but ecg.timestamp has 2: both need the same number.',
    );
    expect(refusal({ pwr: { t: [], fields: { cadence: [90] } } }, now)).toBe(
      'pwr.pwr_cadence has 1 values, but pwr.timestamp has 0: both need the same number.',
    );
    expect(refusal(ecg([now], []), now)).toContain('ecg.hr has 0 values');
  });

  it.each([
    [now + 0.5, 'timestamps are whole milliseconds'],
    [NaN, 'timestamps are whole milliseconds'],
    [Infinity, 'timestamps are whole milliseconds'],
    [Date.UTC(2000, 0, 1) - 1, 'before 2000-01-01'],
    [Math.round(now / 1000), 'before 2000-01-01'],
    [now + 86_400_001, 'more than 24 hours ahead'],
  ])('is refused at the time %d', (t, why) => {
    const reason = refusal(ecg([now, t], [60, 61]), now);
    expect(reason).toContain(`ecg.timestamp[1] is ${t}`);
    expect(reason).toContain(why);
  });

  it('is taken at the very edges of time', () => {
    expect(refusal(ecg([Date.UTC(2000, 0, 1), now + 86_400_000], [60, 61]), now)).toBeUndefined();
  });

  it('is refused for what its reader found', () => {
    expect(refusal({ malformed: 'ecg.hr[0] is "x": a number or null is needed.' }, now)).toBe(
      'ecg.hr[0] is "x": a number or null is needed.',
    );
  });
});

describe('splitting by day', () => {
  it('parts the samples at midnight UTC and keeps what came as it came', () => {
    const midnight = Date.UTC(2024, 4, 2);
    const days = splitByDay([
      ecg([midnight, midnight - 1], [61, 60]),
      { gnss: { t: [midnight - 1], fields: { speed: [3.5] } } },
      ecg([midnight], [61]),
    ]);
    expect([...days.keys()]).toEqual(['20240502', '20240501']);
    expect(days.get('20240502')?.ecg).toEqual({
      t: Float64Array.of(midnight, midnight),
      hr: Float64Array.of(61, 61),
    });
    const may1 = days.get('20240501');
    expect(may1?.ecg.hr).toEqual(Float64Array.of(60));
    expect(may1?.gnss).toEqual({
      t: Float64Array.of(midnight - 1),
      latitude: Float64Array.of(NaN),
      longitude: Float64Array.of(NaN),
      speed: Float64Array.of(3.5),
      altitude: Float64Array.of(NaN),
    });
    expect(may1?.pwr.t).toHaveLength(0);
  });
});
