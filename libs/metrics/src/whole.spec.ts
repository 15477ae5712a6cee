import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastWhole, whole, wholeQuotient } from './whole.ts';

describe('whole', () => {
  it.each([
    [1.23445, 10_000, 12_345],
    [-0.0005, 1000, -1],
    [0.00049, 1000, 0],
    [5, 1000, 5000],
  ])('takes %d at %d a unit for %d', (x, perUnit, expected) => {
    expect(whole(x, perUnit)).toBe(expected);
  });
});

describe('wholeQuotient', () => {
  it.each([
    [7, 2, 4],
    [-7, 2, -4],
    [10, 4, 3],
    [9, 4, 2],
  ])('rounds %d / %d half away from zero to %d', (sum, count, expected) => {
    expect(wholeQuotient(sum, count)).toBe(expected);
  });
});

describe('leastWhole', () => {
  it('is the border of the comparison of doubles that it stands for', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.constantFrom(1000, 10_000, 20_000, 189),
        (bound, divisor) => {
          const n = leastWhole(bound, divisor);
          expect(n / divisor >= bound).toBe(true);
          expect((n - 1) / divisor >= bound).toBe(false);
        },
      ),
    );
  });
});
