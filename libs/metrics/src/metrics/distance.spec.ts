import { describe, expect, it } from 'vitest';
import { documentOf, speeds } from '../fixtures/samples.ts';

describe('distance and average speed', () => {
  it('is the trapezoidal sum of speed over time', () => {
    const document = documentOf({ gnss: speeds(1000, [2, 4, 3]) });
    expect(document.total_distance).toBe(6.5);
    expect(document.average_speed).toBe(3.25);
    expect(document).toMatchObject({ first_timestamp: 0, last_timestamp: 2000 });
    expect(document.extensions.quality).toMatchObject({ gnss_samples: 3, gaps: 0, covered_seconds: 2 });
  });

  it('sums whole speeds: a tenth taken ten times is one', () => {
    expect(documentOf({ gnss: speeds(1000, Array<number>(11).fill(0.1)) }).total_distance).toBe(1);
  });

  it('adds nothing across a gap longer than max_gap and goes on over one just as long', () => {
    const apart = documentOf({ gnss: [...speeds(1000, [2, 2]), ...speeds(1000, [3, 3], 6001)] });
    expect(apart).toMatchObject({ total_distance: 5, average_speed: 2.5 });
    expect(apart.extensions.quality).toMatchObject({ gaps: 1, covered_seconds: 2 });
    const together = documentOf({ gnss: [...speeds(1000, [2, 2]), ...speeds(1000, [2, 2], 6000)] });
    expect(together.total_distance).toBe(14);
    expect(together.extensions.quality.gaps).toBe(0);
  });

  it('is 0 for one sample', () => {
    expect(documentOf({ gnss: speeds(1000, [3]) })).toMatchObject({
      total_distance: 0,
      average_speed: 0,
      max_speed: 3,
    });
  });
});
