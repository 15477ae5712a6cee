import { describe, expect, it } from 'vitest';
import { documentOf, speeds } from '../fixtures/samples.ts';

describe('speed ranges', () => {
  const params = { speed_ranges: [0, 1, 2.5] };

  it('take each interval whole by its mean speed, the lower edge included', () => {
    const { time_per_speed_ranges, distance_per_speed_ranges } = documentOf(
      // Mean speeds 0.5, 1, 2.5 and 2.
      { gnss: speeds(1000, [1, 0, 2, 3, 1]) },
      { params },
    );
    expect(time_per_speed_ranges).toEqual([
      { threshold_low: 0, threshold_high: 1, duration: 1, ratio: 0.25 },
      { threshold_low: 1, threshold_high: 2.5, duration: 2, ratio: 0.5 },
      { threshold_low: 2.5, threshold_high: null, duration: 1, ratio: 0.25 },
    ]);
    expect(distance_per_speed_ranges).toEqual([
      { threshold_low: 0, threshold_high: 1, distance: 0.5, ratio: 0.5 / 6 },
      { threshold_low: 1, threshold_high: 2.5, distance: 3, ratio: 0.5 },
      { threshold_low: 2.5, threshold_high: null, distance: 2.5, ratio: 2.5 / 6 },
    ]);
  });

  it('decide by the double that the edge is: 1 km/h is 0.2777… m/s', () => {
    const { time_per_speed_ranges } = documentOf({
      gnss: [...speeds(1000, [0.2777, 0.2777]), { t: 2000, speed: 0.2779 }],
    });
    expect(time_per_speed_ranges.slice(0, 2).map(({ duration }) => duration)).toEqual([1, 1]);
  });

  it('have the ratio 0 without any distance or time', () => {
    const { time_per_speed_ranges, distance_per_speed_ranges } = documentOf(
      { gnss: speeds(1000, [0, 0]) },
      { params },
    );
    expect(time_per_speed_ranges.map(({ ratio }) => ratio)).toEqual([1, 0, 0]);
    expect(distance_per_speed_ranges.map(({ ratio }) => ratio)).toEqual([0, 0, 0]);
  });
});
