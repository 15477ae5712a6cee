import { describe, expect, it } from 'vitest';
import { documentOf } from '../fixtures/samples.ts';

const beats = (...values: readonly [t: number, hr: number][]) => ({
  ecg: values.map(([t, hr]) => ({ t, hr })),
});

describe('heart rate', () => {
  it('gives the greatest, the least and the mean, and a mean per slot of 10 s', () => {
    const document = documentOf(beats([0, 120], [9999, 121], [10_000, 130.5], [35_000, 90]));
    expect(document).toMatchObject({ hr_max: 130.5, hr_min: 90, hr_avg: 115.375 });
    expect(document.hr_plot).toEqual({
      hr: [120.5, 130.5, null, 90],
      start_time: 0,
      span: 10,
      end_time: 600_000,
    });
  });

  it('is 0 without a sample, the plot too', () => {
    expect(documentOf({})).toMatchObject({ hr_max: 0, hr_min: 0, hr_avg: 0, hr_plot: 0 });
  });

  it('does not see what no heart does', () => {
    const document = documentOf(beats([0, 24.9], [1000, 25], [2000, 250], [3000, 250.1]));
    expect(document).toMatchObject({ hr_max: 250, hr_min: 25 });
    expect(document.extensions.quality).toMatchObject({ hr_samples: 2, implausible: 2 });
  });
});
