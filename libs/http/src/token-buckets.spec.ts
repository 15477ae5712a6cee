import { describe, expect, it } from 'vitest';
import { rateLimitHeaders, TokenBuckets } from './token-buckets.ts';

function bucketsAt(rules: { ratePerS: number; burst: number }) {
  const clock = { ms: 0 };
  return { clock, buckets: new TokenBuckets(rules, () => clock.ms) };
}

describe('a token bucket', () => {
  it('allows a burst, then refuses, then allows at its rate', () => {
    const { clock, buckets } = bucketsAt({ ratePerS: 2, burst: 3 });
    const taken = [1, 2, 3, 4].map(() => buckets.take('a').allowed);
    expect(taken).toEqual([true, true, true, false]);
    clock.ms += 499;
    expect(buckets.take('a').allowed).toBe(false);
    clock.ms += 1;
    expect(buckets.take('a').allowed).toBe(true);
    expect(buckets.take('a').allowed).toBe(false);
  });

  it('holds no more than its burst', () => {
    const { clock, buckets } = bucketsAt({ ratePerS: 100, burst: 2 });
    buckets.take('a');
    clock.ms += 3_600_000;
    expect(buckets.take('a').remaining).toBe(1);
  });

  it('counts each key for itself', () => {
    const { buckets } = bucketsAt({ ratePerS: 1, burst: 1 });
    expect(buckets.take('a').allowed).toBe(true);
    expect(buckets.take('b').allowed).toBe(true);
    expect(buckets.take('a').allowed).toBe(false);
  });

  it('says in whole seconds when to come back', () => {
    const { buckets } = bucketsAt({ ratePerS: 0.1, burst: 1 });
    const first = buckets.take('a');
    expect(rateLimitHeaders(buckets.rules, first)).toEqual({
      'RateLimit-Policy': '"default";q=1;w=10',
      RateLimit: '"default";r=0;t=10',
    });
    expect(rateLimitHeaders(buckets.rules, buckets.take('a'))).toMatchObject({ 'Retry-After': '10' });
  });

  it('forgets full buckets, not empty ones', () => {
    const { clock, buckets } = bucketsAt({ ratePerS: 0.0001, burst: 1 });
    buckets.take('empty');
    for (let i = 0; i < 25_000; i++) {
      clock.ms += 1;
      buckets.take(String(i));
    }
    expect(buckets.take('empty').allowed).toBe(false);
  });
});
