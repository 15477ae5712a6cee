import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPosition, parsePosition } from './position.ts';

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const position = fc.record({ commit: uint64, prepare: uint64 });

describe('positions', () => {
  test('come back as they went in', () => {
    fc.assert(
      fc.property(position, (p) => {
        expect(parsePosition(formatPosition(p))).toEqual(p);
      }),
    );
  });

  test('stand in the order of the log when compared as text', () => {
    fc.assert(
      fc.property(position, position, (a, b) => {
        const before = a.commit < b.commit || (a.commit === b.commit && a.prepare < b.prepare);
        expect(formatPosition(a) < formatPosition(b)).toBe(before);
      }),
    );
  });

  test('of another make are refused by name', () => {
    expect(() => parsePosition('12/12')).toThrow('not a log position: "12/12"');
  });
});
