import { BSON } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { type AnyDocument, type Connect, errorOf, ids, session } from './session.ts';

const { Decimal128, Double, Long, MaxKey, MinKey, ObjectId, Timestamp } = BSON;

/** What a filter finds: across types, in arrays, with missing fields. */
export function queryingContract(connect: Connect): void {
  describe('a filter', () => {
    const s = session(connect);

    async function found(documents: readonly AnyDocument[], filter: AnyDocument): Promise<unknown[]> {
      await s.collection.insertMany(documents.map((one, i) => ({ _id: i, ...one })));
      return ids(s.collection.find(filter as never).sort({ _id: 1 }));
    }

    it('compares numbers by value whatever their type', async () => {
      const same = [1, new Double(1), Long.fromNumber(1), Decimal128.fromString('1.0'), 1.5, '1', true];
      expect(
        await found(
          same.map((a) => ({ a })),
          { a: 1 },
        ),
      ).toEqual([0, 1, 2, 3]);
    });

    it('tells whole numbers apart that are equal as doubles', async () => {
      const numbers = ['9007199254740992', '9007199254740993', '9007199254740994'];
      const filter = {
        a: { $gt: Long.fromString('9007199254740992'), $lt: Long.fromString('9007199254740994') },
      };
      expect(
        await found(
          numbers.map((a) => ({ a: Long.fromString(a) })),
          filter,
        ),
      ).toEqual([1]);
    });

    it('compares only values of one type', async () => {
      const mixed = [1, 'x', null, new Date(5), true, { x: 1 }, new ObjectId(), {}].map((a) => ({ a }));
      expect(await found([...mixed, {}], { a: { $gt: 0 } })).toEqual([0]);
      expect(await ids(s.collection.find({ a: { $gte: '' } }))).toEqual([1]);
      expect(await ids(s.collection.find({ a: { $lt: new Date(6) } }))).toEqual([3]);
      expect(await ids(s.collection.find({ a: { $gte: false } }))).toEqual([4]);
    });

    it('finds NaN only by equality', async () => {
      const numbers = [NaN, -Infinity, 0, Infinity].map((a) => ({ a }));
      expect(await found(numbers, { a: { $lt: 1 } })).toEqual([1, 2]);
      expect(await ids(s.collection.find({ a: NaN }))).toEqual([0]);
      expect(await ids(s.collection.find({ a: { $gt: -Infinity } }))).toEqual([2, 3]);
    });

    it('takes a missing field for null', async () => {
      expect(await found([{ a: null }, {}, { a: 0 }, { a: [] }, { a: [null] }], { a: null })).toEqual([
        0, 1, 4,
      ]);
      expect(await ids(s.collection.find({ a: { $in: [null] } }))).toEqual([0, 1, 4]);
      expect(await ids(s.collection.find({ a: { $gte: null } }))).toEqual([0, 1, 4]);
      expect(await ids(s.collection.find({ a: { $ne: null } }))).toEqual([2, 3]);
      expect(await ids(s.collection.find({ a: { $exists: false } }))).toEqual([1]);
    });

    it('finds documents without the field by what they are not', async () => {
      expect(await found([{ a: 1 }, { a: 2 }, {}], { a: { $ne: 1 } })).toEqual([1, 2]);
      expect(await ids(s.collection.find({ a: { $nin: [1] } }))).toEqual([1, 2]);
      expect(await ids(s.collection.find({ a: { $not: { $gt: 1 } } }))).toEqual([0, 2]);
    });

    it('finds a missing field in the documents of an array', async () => {
      expect(await found([{ a: [{ c: 1 }] }, { a: [{ b: 2 }] }, { a: 5 }], { 'a.b': null })).toEqual([0, 2]);
    });

    it('finds an element of an array and the whole array', async () => {
      expect(await found([{ a: [1, 2] }, { a: 2 }, { a: [[1, 2]] }, { a: [2, 1] }], { a: 2 })).toEqual([
        0, 1, 3,
      ]);
      expect(await ids(s.collection.find({ a: [1, 2] }))).toEqual([0, 2]);
    });

    it('may find two conditions met by two elements, but one element must meet $elemMatch', async () => {
      expect(await found([{ a: [1, 9] }, { a: [5] }, { a: 5 }], { a: { $gt: 4, $lt: 6 } })).toEqual([
        0, 1, 2,
      ]);
      expect(await ids(s.collection.find({ a: { $elemMatch: { $gt: 4, $lt: 6 } } }))).toEqual([1]);
    });

    it('asks of the documents in an array together with $elemMatch', async () => {
      const readers = [
        [
          { manager: 1, end: 5 },
          { manager: 2, end: 9 },
        ],
        [{ manager: 1, end: 9 }],
        { manager: 1, end: 9 },
      ];
      expect(
        await found(
          readers.map((r) => ({ r })),
          { 'r.manager': 1, 'r.end': { $gt: 6 } },
        ),
      ).toEqual([0, 1, 2]);
      expect(await ids(s.collection.find({ r: { $elemMatch: { manager: 1, end: { $gt: 6 } } } }))).toEqual([
        1,
      ]);
    });

    it('holds documents equal only when their keys are in the same order', async () => {
      expect(await found([{ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }], { a: { x: 1, y: 2 } })).toEqual([0]);
    });

    it('follows places of arrays', async () => {
      expect(await found([{ a: [{ b: 1 }, { b: 2 }] }, { a: [{ b: 2 }] }], { 'a.1.b': 2 })).toEqual([0]);
      expect(await ids(s.collection.find({ 'a.0': { b: 2 } }))).toEqual([1]);
    });

    it('knows types, sizes, remainders and all', async () => {
      const documents = [{ a: [1, 'x'] }, { a: 4 }, { a: Long.fromNumber(5) }, { a: 'x' }, { a: [1, 2, 3] }];
      expect(await found(documents, { a: { $type: 'string' } })).toEqual([0, 3]);
      expect(await ids(s.collection.find({ a: { $type: 'long' } }))).toEqual([2]);
      expect(await ids(s.collection.find({ a: { $size: 2 } }))).toEqual([0]);
      expect(await ids(s.collection.find({ a: { $mod: [2, 0] } }).sort({ _id: 1 }))).toEqual([1, 4]);
      expect(await ids(s.collection.find({ a: { $all: [1, 3] } }))).toEqual([4]);
    });

    it('searches texts for an escaped part, at the start or anywhere', async () => {
      const names = ['a.b', 'axb', 'xa.b', 'A.B', 5].map((a) => ({ a }));
      expect(await found(names, { a: { $regex: 'a\\.b' } })).toEqual([0, 2]);
      expect(await ids(s.collection.find({ a: { $regex: '^a\\.b' } }))).toEqual([0]);
      expect(await ids(s.collection.find({ a: /^a\.b$/i }).sort({ _id: 1 }))).toEqual([0, 3]);
      expect(await ids(s.collection.find({ a: { $in: [/^x/, 5] } }).sort({ _id: 1 }))).toEqual([2, 4]);
      expect(await ids(s.collection.find({ a: { $not: /a/ } }).sort({ _id: 1 }))).toEqual([3, 4]);
    });

    it('joins conditions with $and, $or and $nor', async () => {
      const documents = [{ a: 1 }, { a: 2 }, { a: 3, b: 1 }];
      expect(await found(documents, { $or: [{ a: 1 }, { b: 1 }] })).toEqual([0, 2]);
      expect(await ids(s.collection.find({ $nor: [{ a: 1 }, { b: 1 }] }))).toEqual([1]);
      expect(await ids(s.collection.find({ $and: [{ a: { $gt: 1 } }, { a: { $lt: 3 } }] }))).toEqual([1]);
      expect((await errorOf(s.collection.find({ $or: [] }).toArray())).code).toBe(2);
    });

    it('of an operator that does not exist is refused', async () => {
      expect((await errorOf(s.collection.find({ a: { $bogus: 1 } } as never).toArray())).code).toBe(2);
    });

    it('compares with the ends of all values', async () => {
      const documents = [{ a: new MinKey() }, { a: 1 }, { a: new MaxKey() }, { a: Timestamp.fromBits(1, 1) }];
      expect(await found(documents, { a: { $gt: new MinKey(), $lt: new MaxKey() } })).toEqual([1, 3]);
    });
  });

  describe('distinct', () => {
    const s = session(connect);

    it('gives each value once, and the elements of arrays', async () => {
      await s.collection.insertMany([
        { a: 2 },
        { a: 1 },
        { a: [2, 3] },
        { a: new Double(1) },
        { b: 1 },
        { a: 'x' },
      ]);
      expect((await s.collection.distinct('a')).sort()).toEqual([1, 2, 3, 'x']);
      expect((await s.collection.distinct('a', { a: { $gt: 1 } })).sort()).toEqual([2, 3]);
    });
  });

  describe('a projection', () => {
    const s = session(connect);

    it('keeps the order of the document, and _id in front', async () => {
      await s.collection.insertOne({ _id: 1, a: 1, b: 2, c: { d: 3, e: 4 } });
      const found = await s.collection.findOne({}, { projection: { 'c.e': 1, a: 1 } });
      expect(JSON.stringify(found)).toBe('{"_id":1,"a":1,"c":{"e":4}}');
      expect(await s.collection.findOne({}, { projection: { _id: 0, c: 0 } })).toEqual({ a: 1, b: 2 });
    });

    it('reaches into arrays', async () => {
      await s.collection.insertOne({ _id: 1, a: [{ x: 1, y: 2 }, 5, { y: 3 }] });
      expect(await s.collection.findOne({}, { projection: { 'a.x': 1 } })).toEqual({
        _id: 1,
        a: [{ x: 1 }, {}],
      });
      expect(await s.collection.findOne({}, { projection: { 'a.x': 0 } })).toEqual({
        _id: 1,
        a: [{ y: 2 }, 5, { y: 3 }],
      });
    });

    it('either includes or excludes', async () => {
      await s.collection.insertOne({ a: 1 });
      expect((await errorOf(s.collection.findOne({}, { projection: { a: 1, b: 0 } }))).code).toBe(31254);
    });
  });
}
