import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldedContains, foldedSearch, live } from './queries.ts';

describe('a filter', () => {
  test('for text takes it literally, whatever it holds', () => {
    const text = fc.string({ unit: fc.constantFrom(...'aé.*+?^$()[]{}|\\/-#&~ \n\t😀') });
    fc.assert(
      fc.property(text, text, text, (before, wanted, after) => {
        const { name } = foldedContains('name', wanted) as { name: { $regex: string } };
        expect(new RegExp(name.$regex, 'u').test(before + wanted + after)).toBe(true);
        expect(new RegExp(name.$regex, 'u').test(before)).toBe(before.includes(wanted));
      }),
    );
  });

  test('for text folds it', () => {
    expect(foldedContains('name', 'ÉＬan')).toEqual({ name: { $regex: 'élan' } });
  });

  test('for text with NUL matches nothing', () => {
    expect(foldedContains('name', 'a\0b')).toEqual({ _id: { $in: [] } });
  });

  test('for a search wants each term in one of the fields', () => {
    expect(foldedSearch(['a', 'b'], ' Ada\u00a0 L. ')).toEqual({
      $and: [
        { $or: [{ a: { $regex: 'ada' } }, { b: { $regex: 'ada' } }] },
        { $or: [{ a: { $regex: 'l\\.' } }, { b: { $regex: 'l\\.' } }] },
      ],
    });
    expect(foldedSearch(['a'], '  ')).toEqual({});
  });

  test('of the living leaves the deleted out', () => {
    expect(live({ a: 1 })).toEqual({ $and: [{ a: 1 }, { gone: { $exists: false } }] });
  });
});
