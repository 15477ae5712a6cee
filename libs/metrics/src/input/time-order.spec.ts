import { describe, expect, it } from 'vitest';
import { inTimeOrder, lowerBound } from './time-order.ts';

const NONE = Number.NaN;

describe('inTimeOrder', () => {
  it('returns columns in strict order as they are', () => {
    const columns = [Float64Array.of(1, 2), Float64Array.of(5, 4)];
    expect(inTimeOrder(columns)).toBe(columns);
  });

  it('sorts by time and fields, missing first, and has what is equal in every field once', () => {
    const sorted = inTimeOrder([Float64Array.of(3, 1, 3, 1, 3, 3), Float64Array.of(7, 0, NONE, -0, 6, NONE)]);
    expect(sorted).toEqual([Float64Array.of(1, 3, 3, 3), Float64Array.of(0, NONE, 6, 7)]);
  });
});

describe('lowerBound', () => {
  it('is the first index at or after a time', () => {
    const t = Float64Array.of(1, 3, 5);
    expect([0, 1, 2, 5, 6].map((bound) => lowerBound(t, bound))).toEqual([0, 0, 1, 2, 3]);
  });
});
