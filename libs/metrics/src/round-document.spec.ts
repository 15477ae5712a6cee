import { describe, expect, it } from 'vitest';
import { roundTo } from './round-document.ts';

describe('roundTo', () => {
  it.each([
    [1.23445, 4, 1.2345],
    [-1.23445, 4, -1.2345],
    [0.12344999, 4, 0.1234],
    [2.4197777777777776, 3, 2.42],
    [-0.00001, 4, 0],
    [-0, 4, 0],
    [1_637_341_832_600, 4, 1_637_341_832_600],
  ])('rounds %d to %d decimals half away from zero: %d', (x, decimals, rounded) => {
    expect(roundTo(x, decimals)).toBe(rounded);
  });
});
