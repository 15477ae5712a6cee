import { describe, expect, it } from 'vitest';
import { documentOf } from '../fixtures/samples.ts';

const shares = (...args: Parameters<typeof documentOf>) =>
  documentOf(...args).timePerHrZone.map(({ percentage_hrmax }) => percentage_hrmax);
const beats = (...values: readonly number[]) => ({ ecg: values.map((hr, i) => ({ t: i * 1000, hr })) });

describe('heart rate zones', () => {
  it('give the share of time per zone in % of the maximum', () => {
    expect(documentOf(beats(100, 160, 170, 170, 100), { params: { max_hr: 200 } }).timePerHrZone).toEqual([
      { range_percent_hrmax: [0, 85], range_bpm: [0, 170], percentage_hrmax: 50 },
      { range_percent_hrmax: [85, 100], range_bpm: [170, 200], percentage_hrmax: 50 },
    ]);
  });

  it('put what lies outside the edges into the first and the last zone', () => {
    const params = { max_hr: 200, hr_zones: [50, 60, 75] };
    expect(shares(beats(80, 80, 119, 120, 200, 100), { params })).toEqual([60, 40]);
  });

  it('count no time over a gap', () => {
    const ecg = [
      { t: 0, hr: 100 },
      { t: 5000, hr: 190 },
      { t: 10_001, hr: 100 },
    ];
    expect(shares({ ecg }, { params: { max_hr: 200 } })).toEqual([100, 0]);
  });

  it('are 0 without time and absent without a maximum', () => {
    expect(shares(beats(100), { params: { max_hr: 200 } })).toEqual([0, 0]);
    expect(shares(beats(100, 100))).toEqual([]);
  });
});
