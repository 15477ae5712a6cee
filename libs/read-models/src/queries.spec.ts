import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldedContains, foldedSearch, live, type QueryFilter } from './queries.ts';

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
    expect(foldedSearch(['a'], 'x y')).toEqual({ $and: [{ a: { $regex: 'x' } }, { a: { $regex: 'y' } }] });
    expect(foldedSearch(['a'], '  ')).toEqual({});
  });

  const deletedToo = { gone: { $exists: false } };

  test.each<[string, QueryFilter]>([
    ['nothing', {}],
    ['an id', { _id: 1 }],
    ['null, which a missing field is', { a: null }],
    ['anything but a value', { a: { $ne: 1 } }],
    ['one of several values, of which one may be null', { a: { $in: [1, null] } }],
    ['what is not there', { a: { $exists: false } }],
    ['a field or an id', { $or: [{ a: 1 }, { _id: 1 }] }],
  ])('of the living that asks for %s leaves the deleted out', (_, filter) => {
    expect(live(filter)).toEqual({ $and: [filter, deletedToo] });
  });

  test.each<[string, QueryFilter]>([
    ['a value', { a: 1 }],
    ['a value and more', { $and: [{ b: null }, { a: 1 }] }],
    ['a range', { a: { $gt: 0 } }],
    ['a text', { a: { $regex: 'x' } }],
    ['a value of one element', { a: { $elemMatch: { b: 1 } } }],
    ['one field or another', { $or: [{ a: 1 }, { b: { $lt: 3 } }] }],
  ])('of the living that asks for %s is left as it is, since no deleted one has a field', (_, filter) => {
    expect(live(filter)).toBe(filter);
  });
});
