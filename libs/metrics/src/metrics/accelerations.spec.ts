import { describe, expect, it } from 'vitest';
import { documentOf, speeds } from '../fixtures/samples.ts';

const upAndDown = [0, 0, 0, 2.5, 5, 7.5, 7.5, 7.5, 7.5, 5, 2.5, 0, 0, 0];

describe('accelerations and decelerations', () => {
  it('list each effort once, under the highest threshold of its peak', () => {
    // At 1 Hz nothing lies within 250 ms of a sample but itself: the plain central difference.
    const { accelerations, decelerations } = documentOf({ gnss: speeds(1000, upAndDown) });
    expect(accelerations).toEqual({
      threshold_1: {
        threshold: 2,
        values: [
          {
            start_time: 2000,
            max_value: 2.5,
            duration: 3,
            distance: 11.25,
            initial_speed: 0,
            end_speed: 7.5,
          },
        ],
      },
      threshold_2: { threshold: 3, values: [] },
    });
    expect(decelerations['threshold_1']).toEqual({
      threshold: 2,
      values: [
        { start_time: 8000, max_value: -2.5, duration: 3, distance: 11.25, initial_speed: 7.5, end_speed: 0 },
      ],
    });
    expect(decelerations['threshold_2']!.values).toEqual([]);
  });

  it('smooth the speed over ±250 ms, borders included', () => {
    // 4 samples a second: each mean has three samples, two at the ends.
    const gnss = speeds(250, [0, 0, 0, 0.9, 1.8, 2.7, 3.6, 3.6, 3.6, 3.6]);
    const [effort] = documentOf({ gnss }).accelerations['threshold_2']!.values;
    expect(effort).toEqual({
      start_time: 250,
      max_value: 3.6,
      duration: 1.5,
      distance: 2.7,
      initial_speed: 0,
      end_speed: 3.6,
    });
  });

  it('last while the acceleration lies beyond the onset, not at it', () => {
    const gnss = speeds(1000, [0, 0.5, 1, 1.5, 4.5, 7.5, 8, 8.5]);
    const starts = (onset: number) =>
      documentOf({ gnss }, { params: { acceleration_onset: onset } }).accelerations[
        'threshold_2'
      ]!.values.map(({ start_time, duration }) => [start_time, duration]);
    expect(starts(0.5)).toEqual([[3000, 2]]);
    expect(starts(0.4)).toEqual([[0, 7]]);
  });

  it('drop short efforts and those below the lowest threshold, and never reach over a gap', () => {
    const params = { acceleration_min_duration: 3.5 };
    const values = (document: ReturnType<typeof documentOf>) =>
      Object.values(document.accelerations).flatMap((list) => list.values);
    expect(values(documentOf({ gnss: speeds(1000, upAndDown) }, { params }))).toEqual([]);
    expect(values(documentOf({ gnss: speeds(1000, [0, 1, 2, 3, 4]) }))).toEqual([]);
    expect(values(documentOf({ gnss: speeds(6000, [0, 12, 0, 12]) }))).toEqual([]);
  });
});
