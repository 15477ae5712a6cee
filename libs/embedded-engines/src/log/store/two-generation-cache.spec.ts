import { describe, expect, it } from 'vitest';

import { TwoGenerationCache } from './two-generation-cache.ts';

describe('the cache', () => {
  it('forgets what was not asked for while others came, and keeps what was', () => {
    const cache = new TwoGenerationCache<number, string>(10);
    cache.set(-1, 'asked for');
    cache.set(-2, 'forgotten');
    for (let i = 0; i < 25; i += 1) {
      cache.set(i, `${i}`);
      expect(cache.get(-1)).toBe('asked for');
    }
    expect(cache.get(-2)).toBeUndefined();
    expect(Array.from({ length: 25 }, (_, i) => cache.get(i)).filter(Boolean).length).toBeLessThanOrEqual(20);
  });

  it('holds nothing after it was cleared', () => {
    const cache = new TwoGenerationCache<number, string>(10);
    cache.set(1, 'a');
    cache.clear();
    expect(cache.get(1)).toBeUndefined();
  });
});
