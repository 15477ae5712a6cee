import { describe, expect, it } from 'vitest';
import { documentOf, speeds } from '../fixtures/samples.ts';

describe('high-intensity distance and sprints', () => {
  it('list an effort under every threshold that it reaches, the threshold included', () => {
    const { hid } = documentOf({ gnss: speeds(1000, [3, 4, 5, 5, 3.9]) });
    expect(hid).toEqual({
      threshold_1: { threshold: 4, values: [{ start_time: 1000, duration: 2, max_value: 5, distance: 9.5 }] },
      threshold_2: { threshold: 5, values: [{ start_time: 2000, duration: 1, max_value: 5, distance: 5 }] },
    });
  });

  it('end an effort at a gap and at the last sample', () => {
    const gnss = [...speeds(100, [6, 6, 6]), ...speeds(100, [7, 7, 7], 10_000)];
    expect(documentOf({ gnss }).sprint['threshold_1']!.values).toEqual([
      { start_time: 0, duration: 0.2, max_value: 6, distance: 1.2 },
      { start_time: 10_000, duration: 0.2, max_value: 7, distance: 1.4 },
    ]);
  });

  it('drop what is shorter than the least duration, which each of the two has for itself', () => {
    const gnss = speeds(100, [6, 6, 0, 6, 6, 6]);
    const document = documentOf({ gnss }, { params: { hid_min_duration: 0.1, sprint_min_duration: 0.2 } });
    expect(document.hid['threshold_1']!.values.map(({ start_time }) => start_time)).toEqual([0, 300]);
    expect(document.sprint['threshold_1']!.values.map(({ start_time }) => start_time)).toEqual([300]);
  });

  it('keep the first 5 000 of a list and count the rest', () => {
    const values = Array.from({ length: 10_006 }, (_, i) => (i % 2 === 0 ? 6 : 0));
    const params = { sprint_min_duration: 0, hid_thresholds: [7] };
    const document = documentOf({ gnss: speeds(50, values) }, { params, window: { startMs: 0, endMs: 1e7 } });
    const list = document.sprint['threshold_1']!.values;
    expect([list.length, list.at(-1)!.start_time]).toEqual([5000, 499_900]);
    expect(document.extensions.quality.truncated).toBe(3);
  });
});
