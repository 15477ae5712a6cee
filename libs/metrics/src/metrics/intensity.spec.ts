import { describe, expect, it } from 'vitest';
import { documentOf, speeds } from '../fixtures/samples.ts';

describe('intensity', () => {
  it('puts each interval whole into the slot of its first sample, slots counted from the start of the window', () => {
    const gnss = speeds(4000, [1, 1, 1, 1, 1]);
    expect(documentOf({ gnss }, { params: { intensity_span: 5 } }).intensity).toEqual({
      distance: [8, 4, 4, 0],
      start_time: 0,
      span: 5,
      end_time: 600_000,
    });
  });

  it('has empty slots where nothing was recorded, up to that of the last sample', () => {
    const gnss = [...speeds(1000, [2, 2], 21_000), ...speeds(1000, [3, 3], 41_000)];
    expect(documentOf({ gnss }, { params: { intensity_span: 10 } }).intensity.distance).toEqual([
      0, 0, 2, 0, 3,
    ]);
  });

  it('doubles the span until the list has at most 20 000 slots', () => {
    const window = { startMs: 0, endMs: 1e9 };
    const params = { intensity_span: 1 };
    const at = (t: number) =>
      documentOf({ gnss: [...speeds(1000, [2, 2], 3000), { t, speed: 1 }] }, { window, params });
    expect(at(19_999_999).intensity).toMatchObject({ span: 1 });
    expect(at(19_999_999).intensity.distance).toHaveLength(20_000);
    const { span, distance } = at(20_000_000).intensity;
    expect([span, distance.length, distance[1]]).toEqual([2, 10_001, 2]);
    expect(at(80_000_000).intensity).toMatchObject({ span: 8 });
  });
});
