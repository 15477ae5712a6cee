import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LastUsed } from './last-used.ts';

describe('what was used last', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('is kept, and what was not used gives way to it', () => {
    const kept = new LastUsed<number, string>({ max: 10 });
    for (let i = 0; i < 100; i++) {
      kept.set(i, `${i}`);
      expect(kept.get(0)).toBe('0');
    }
    expect(kept.get(99)).toBe('99');
    expect(kept.get(95)).toBe('95');
    expect(kept.get(89)).toBeUndefined();
  });

  it('is no more than the size that is allowed', () => {
    const kept = new LastUsed<string, string>({
      max: 100,
      sizeOf: (key, value) => key.length + value.length,
    });
    kept.set('a', 'x'.repeat(40));
    kept.set('b', 'x'.repeat(40));
    expect([kept.get('a'), kept.get('b')].filter(Boolean)).toHaveLength(2);
    kept.set('c', 'x'.repeat(1000));
    kept.set('d', 'x'.repeat(1000));
    expect(['a', 'b', 'c'].map((key) => kept.get(key))).toEqual([undefined, undefined, undefined]);
  });

  it('is the last value of a key, and none after its deletion', () => {
    const kept = new LastUsed<string, number>({ max: 4 });
    kept.set('a', 1);
    kept.set('b', 1);
    kept.set('a', 2);
    expect(kept.get('a')).toBe(2);
    kept.delete('a');
    expect(kept.get('a')).toBeUndefined();
  });

  it('goes when it is not used for a while', () => {
    const kept = new LastUsed<string, number>({ max: 100, idleMs: 1000 });
    kept.set('a', 1);
    kept.set('b', 1);
    vi.advanceTimersByTime(1500);
    expect(kept.get('a')).toBe(1);
    vi.advanceTimersByTime(1000);
    expect(kept.get('b')).toBeUndefined();
    expect(kept.get('a')).toBe(1);
    vi.advanceTimersByTime(2000);
    expect(kept.get('a')).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });
});
