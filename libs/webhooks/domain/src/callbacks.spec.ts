import { describe, expect, it } from 'vitest';
import { deletionOf, qualifies, RETRY_DELAYS_MS, retryDelayMs } from './callbacks.ts';

describe('a webhook', () => {
  it('gets the events that it asked for', () => {
    const activities = { activityEvents: true, timeFramesEvents: false };
    const timeFrames = { activityEvents: false, timeFramesEvents: true };
    const updated = { type: 'activity-updated', activity: 5 } as const;
    const created = { type: 'timeframe-created', activity: 5, timeFrame: 42 } as const;
    expect([qualifies(updated, activities), qualifies(created, activities)]).toEqual([true, false]);
    expect([qualifies(updated, timeFrames), qualifies(created, timeFrames)]).toEqual([false, true]);
  });

  it('hears of a deleted activity after each of its time frames', () => {
    expect(deletionOf(5, [43, 9, 42])).toEqual([
      { type: 'timeframe-deleted', activity: 5, timeFrame: 9 },
      { type: 'timeframe-deleted', activity: 5, timeFrame: 42 },
      { type: 'timeframe-deleted', activity: 5, timeFrame: 43 },
      { type: 'activity-deleted', activity: 5 },
    ]);
  });
});

describe('a failed attempt', () => {
  it('is followed by another after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h', () => {
    const hours = (n: number) => n * 3_600_000;
    expect(RETRY_DELAYS_MS).toEqual([
      5_000,
      300_000,
      1_800_000,
      ...[2, 5, 10, 14, 20, 24].map((n) => hours(n)),
    ]);
    const delays = Array.from({ length: 9 }, (_, i) => retryDelayMs(i + 1, undefined, 0));
    expect(delays).toEqual(RETRY_DELAYS_MS);
    expect(retryDelayMs(10, undefined, 0)).toBeUndefined();
  });

  it('is repeated up to a fifth later than scheduled, never earlier', () => {
    expect(retryDelayMs(1, undefined, 0.5)).toBe(5_500);
    expect(retryDelayMs(1, undefined, 1)).toBe(6_000);
  });

  it('is repeated when the receiver said, within a day', () => {
    expect(retryDelayMs(2, 120_000, 0)).toBe(120_000);
    expect(retryDelayMs(1, 120_000, 1)).toBe(121_000);
    expect(retryDelayMs(1, 0, 0)).toBe(1_000);
    expect(retryDelayMs(1, 1e12, 0)).toBe(86_400_000);
    expect(retryDelayMs(10, 1_000, 0)).toBeUndefined();
  });
});
