import { BSON } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { type Connect, ids, session } from './session.ts';

const { Binary, BSONRegExp, Long, MaxKey, MinKey, ObjectId, Timestamp } = BSON;

/** Sorts, with and without an index to serve them. */
export function orderingContract(connect: Connect): void {
  describe.each([
    ['without an index', []],
    ['by an index', [{ a: 1 as const }]],
    ['by a descending index', [{ a: -1 as const }]],
  ])('a sort %s', (_, indexes) => {
    const s = session(connect);

    async function fill(values: readonly unknown[]): Promise<void> {
      for (const key of indexes) await s.collection.createIndex(key);
      // Last first, so that the order in which they came is no answer.
      for (const [i, a] of [...values.entries()].reverse())
        await s.collection.insertOne(a === missing ? { _id: i } : { _id: i, a });
    }
    const missing = Symbol('missing');

    it('goes by type, then by value, in both directions', async () => {
      const ascending = [
        new MinKey(),
        null,
        NaN,
        -Infinity,
        -1,
        0,
        0.5,
        Long.fromString('9007199254740993'),
        Infinity,
        '',
        'Z',
        'a',
        '\uffee',
        '\u{1f600}',
        { a: 1 },
        { a: 1, b: 0 },
        { b: 0 },
        new Binary(Buffer.from('b')),
        new Binary(Buffer.from('aa')),
        new ObjectId('000000000000000000000000'),
        new ObjectId('ff0000000000000000000000'),
        false,
        true,
        new Date(-1),
        new Date(1),
        Timestamp.fromBits(5, 1),
        Timestamp.fromBits(1, 2),
        new BSONRegExp('a', ''),
        new MaxKey(),
      ];
      await fill(ascending);
      const order = ascending.map((_value, i) => i);
      expect(await ids(s.collection.find().sort({ a: 1 }))).toEqual(order);
      expect(await ids(s.collection.find().sort({ a: -1 }))).toEqual(order.toReversed());
    });

    it('takes the least element of an array upwards and the greatest downwards', async () => {
      await fill([[], missing, [1, 9], 2, [3, 4]]);
      expect(await ids(s.collection.find().sort({ a: 1 }))).toEqual([0, 1, 2, 3, 4]);
      expect(await ids(s.collection.find().sort({ a: -1 }))).toEqual([2, 4, 3, 1, 0]);
    });

    it('is bounded by skip and limit', async () => {
      await fill([0, 1, 2, 3, 4, 5]);
      expect(await ids(s.collection.find().sort({ a: 1 }).skip(2).limit(3))).toEqual([2, 3, 4]);
      expect(
        await ids(
          s.collection
            .find({ a: { $lt: 5 } })
            .sort({ a: -1 })
            .skip(1)
            .limit(2),
        ),
      ).toEqual([3, 2]);
      expect(await ids(s.collection.find().sort({ a: 1 }).limit(-2))).toEqual([0, 1]);
      expect(await ids(s.collection.find().sort({ a: 1 }).skip(9))).toEqual([]);
    });

    it('of one of several values is one sort', async () => {
      await fill([5, 1, 4, 2, 3]);
      expect(await ids(s.collection.find({ a: { $in: [4, 1, 3] } }).sort({ a: -1 }))).toEqual([2, 4, 1]);
    });
  });

  describe('a sort by several fields', () => {
    const s = session(connect);
    const documents = [
      { _id: 0, a: 1, b: 'y', c: 1 },
      { _id: 1, a: 1, b: 'x', c: 2 },
      { _id: 2, a: 0, b: 'z', c: 3 },
      { _id: 3, a: 2, b: 'x', c: 4 },
    ];

    it.each([
      ['no index', undefined],
      ['an index of the same order', { a: 1, b: -1 }],
      ['an index of the opposite order', { a: -1, b: 1 }],
      ['an index of another order', { a: 1, b: 1 }],
    ] as const)('keeps the direction of each, with %s', async (_, key) => {
      if (key) await s.collection.createIndex(key);
      await s.collection.insertMany(documents);
      expect(await ids(s.collection.find().sort({ a: 1, b: -1 }))).toEqual([2, 0, 1, 3]);
      expect(await ids(s.collection.find().sort({ a: -1, b: 1 }))).toEqual([3, 1, 0, 2]);
      expect(await ids(s.collection.find().sort({ a: 1, b: 1 }))).toEqual([2, 1, 0, 3]);
      expect(await ids(s.collection.find({ a: { $in: [1, 2] } }).sort({ b: 1, c: -1 }))).toEqual([3, 1, 0]);
    });

    it('goes on behind fields that are the same in all', async () => {
      await s.collection.createIndex({ a: 1, b: 1, c: -1 });
      await s.collection.insertMany(documents);
      expect(await ids(s.collection.find({ a: 1 }).sort({ b: 1 }))).toEqual([1, 0]);
      expect(await ids(s.collection.find({ a: 1 }).sort({ b: -1 }))).toEqual([0, 1]);
      expect(await ids(s.collection.find({ a: 1, b: 'x' }).sort({ c: 1 }))).toEqual([1]);
      expect(await ids(s.collection.find({ a: { $in: [0, 1, 2] } }).sort({ b: 1, c: -1 }))).toEqual([
        3, 1, 0, 2,
      ]);
    });
  });

  describe('a write with a sort', () => {
    const s = session(connect);

    it('takes the first document of the order', async () => {
      await s.collection.insertMany([
        { _id: 1, a: 2 },
        { _id: 2, a: 3 },
        { _id: 3, a: 1 },
      ]);
      const least = await s.collection.findOneAndUpdate({}, { $set: { taken: true } }, { sort: { a: 1 } });
      expect(least?._id).toBe(3);
      expect((await s.collection.findOneAndDelete({}, { sort: { a: -1 } }))?._id).toBe(2);
    });
  });
}
