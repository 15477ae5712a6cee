import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Receiver, RECEIVER_LIMITS } from './receiver.ts';

const limits = { ...RECEIVER_LIMITS, concurrency: 2, ratePerS: 10, burst: 3, opensAfter: 2 };
let started: number;
const start = () => {
  started += 1;
};
const receiver = () => new Receiver(limits, () => Date.now());

beforeEach(() => {
  started = 0;
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => vi.useRealTimers());

describe('a receiver', () => {
  it('is asked so much at once and no more', () => {
    const one = receiver();
    for (let i = 0; i < 5; i += 1) one.enqueue(start);
    expect(started).toBe(2);
    one.ended('answered', 0);
    expect(started).toBe(3);
  });

  it('is asked so often and no more', () => {
    const one = receiver();
    for (let i = 0; i < 5; i += 1) {
      one.enqueue(start);
      if (started > i) one.ended('answered', 0);
    }
    expect(started).toBe(3);
    vi.advanceTimersByTime(100);
    expect(started).toBe(4);
    vi.advanceTimersByTime(100);
    expect(started).toBe(5);
  });

  it('that fails is left alone for a while, longer each time, and tried by one alone', () => {
    const one = receiver();
    const fail = () => {
      one.enqueue(start);
      one.enqueue(start);
      return one.ended('failed', 0);
    };
    one.enqueue(start);
    one.enqueue(start);
    expect([one.ended('failed', 0), one.ended('failed', 0)]).toEqual([false, true]);
    one.enqueue(start);
    one.enqueue(start);
    vi.advanceTimersByTime(29_999);
    expect(started).toBe(2);
    vi.advanceTimersByTime(1);
    expect(started).toBe(3);
    expect(fail()).toBe(true);
    vi.advanceTimersByTime(59_999);
    expect(started).toBe(3);
    vi.advanceTimersByTime(1);
    expect(started).toBe(4);
    expect(one.ended('answered', 0)).toBe(true);
    expect(started).toBe(6);
  });

  it('that fails is tried at once when somebody asks for it', () => {
    const one = receiver();
    one.breach = { failures: 2, openForMs: 60_000 };
    one.enqueue(start);
    expect(started).toBe(0);
    one.enqueue(start, true);
    expect(started).toBe(1);
  });

  it('that answers with a refusal is not failing', () => {
    const one = receiver();
    for (let i = 0; i < 3; i += 1) {
      one.enqueue(start);
      expect(one.ended('answered', 0)).toBe(false);
    }
    expect(one.breach).toEqual({ failures: 0, openForMs: 0 });
  });

  it('is forgotten when nothing is left to be remembered', () => {
    const one = receiver();
    expect(one.idle).toBe(true);
    one.enqueue(start);
    expect(one.idle).toBe(false);
    one.ended('failed', 0);
    expect(one.idle).toBe(false);
    vi.advanceTimersByTime(3_600_001);
    expect(one.idle).toBe(true);
  });
});
