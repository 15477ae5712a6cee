import { describe, expect, it } from 'vitest';
import { type Connect, errorOf, ids, session } from './session.ts';

/** Indexes: what they forbid, and how they are made, shown and taken away. */
export function indexingContract(connect: Connect): void {
  describe('a unique index', () => {
    const s = session(connect);

    it('takes a missing field for null', async () => {
      await s.collection.createIndex({ u: 1 }, { unique: true });
      await s.collection.insertOne({ _id: 1 });
      expect((await errorOf(s.collection.insertOne({ _id: 2 }))).code).toBe(11000);
      expect((await errorOf(s.collection.insertOne({ _id: 3, u: null }))).code).toBe(11000);
    });

    it('leaves out documents without the field when it is sparse', async () => {
      await s.collection.createIndex({ u: 1 }, { unique: true, sparse: true });
      await s.collection.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3, u: null }]);
      expect((await errorOf(s.collection.insertOne({ u: null }))).code).toBe(11000);
      expect(await ids(s.collection.find({ u: null }).sort({ _id: 1 }))).toEqual([1, 2, 3]);
    });

    it('speaks only about the documents of its filter', async () => {
      const partialFilterExpression = { live: true };
      await s.collection.createIndex({ u: 1 }, { unique: true, partialFilterExpression });
      await s.collection.insertMany([
        { _id: 1, u: 1 },
        { _id: 2, u: 1 },
        { _id: 3, u: 1, live: true },
      ]);
      expect((await errorOf(s.collection.insertOne({ u: 1, live: true }))).code).toBe(11000);
      expect((await errorOf(s.collection.updateOne({ _id: 1 }, { $set: { live: true } }))).code).toBe(11000);
      expect(await ids(s.collection.find({ u: 1 }).sort({ _id: 1 }))).toEqual([1, 2, 3]);
      expect(await ids(s.collection.find({ u: 1, live: true }))).toEqual([3]);
    });

    it('sees each element of an array, but not twice in one document', async () => {
      await s.collection.createIndex({ u: 1 }, { unique: true });
      await s.collection.insertOne({ _id: 1, u: [1, 2, 1] });
      expect((await errorOf(s.collection.insertOne({ u: 2 }))).code).toBe(11000);
      expect((await errorOf(s.collection.insertOne({ u: [3, 1] }))).code).toBe(11000);
      await s.collection.insertOne({ _id: 2, u: [3, 4] });
      expect((await errorOf(s.collection.updateOne({ _id: 2 }, { $push: { u: 2 } } as never))).code).toBe(
        11000,
      );
    });

    it('gives keys free that documents no longer have', async () => {
      await s.collection.createIndex({ u: 1 }, { unique: true });
      await s.collection.insertMany([
        { _id: 1, u: 'a' },
        { _id: 2, u: 'b' },
      ]);
      await s.collection.updateOne({ _id: 1 }, { $set: { u: 'c' } });
      await s.collection.deleteOne({ _id: 2 });
      await s.collection.insertMany([{ u: 'a' }, { u: 'b' }]);
      expect(await s.collection.countDocuments({ u: { $in: ['a', 'b', 'c'] } })).toBe(3);
    });

    it('is not made over documents that contradict it', async () => {
      await s.collection.insertMany([{ u: 1 }, { u: 1 }]);
      expect((await errorOf(s.collection.createIndex({ u: 1 }, { unique: true }))).code).toBe(11000);
      expect(await s.collection.indexes()).toHaveLength(1);
    });
  });

  describe('an index', () => {
    const s = session(connect);

    it('is listed behind that of _id, with what it was asked to be', async () => {
      await s.collection.createIndex({ a: 1, 'b.c': -1 });
      await s.collection.createIndex({ u: 1 }, { unique: true, sparse: true, name: 'mine' });
      await s.collection.createIndex({ p: 1 }, { partialFilterExpression: { p: { $gt: 5 } } });
      expect(await s.collection.indexes()).toEqual([
        { v: 2, key: { _id: 1 }, name: '_id_' },
        { v: 2, key: { a: 1, 'b.c': -1 }, name: 'a_1_b.c_-1' },
        { v: 2, key: { u: 1 }, name: 'mine', unique: true, sparse: true },
        { v: 2, key: { p: 1 }, name: 'p_1', partialFilterExpression: { p: { $gt: 5 } } },
      ]);
    });

    it('may be asked for again, but not in another way under its name or key', async () => {
      await s.collection.createIndex({ a: 1 });
      await s.collection.createIndex({ a: 1 });
      expect(await s.collection.indexes()).toHaveLength(2);
      expect((await errorOf(s.collection.createIndex({ b: 1 }, { name: 'a_1' }))).code).toBe(86);
      expect((await errorOf(s.collection.createIndex({ a: 1 }, { name: 'other' }))).code).toBe(85);
    });

    it('is dropped by its name, and all of them at once', async () => {
      await s.collection.createIndex({ a: 1 });
      await s.collection.createIndex({ b: 1 });
      await s.collection.createIndex({ c: 1 });
      await s.collection.dropIndex('a_1');
      expect((await s.collection.indexes()).map(({ name }) => name)).toEqual(['_id_', 'b_1', 'c_1']);
      await s.collection.dropIndexes();
      expect(await s.collection.indexes()).toHaveLength(1);
      expect((await errorOf(s.collection.dropIndex('a_1'))).code).toBe(27);
    });

    it('of a collection that is not there can be neither listed nor dropped', async () => {
      expect((await errorOf(s.collection.indexes())).code).toBe(26);
      expect((await errorOf(s.collection.dropIndex('a_1'))).code).toBe(26);
    });

    it('cannot hold two arrays side by side', async () => {
      await s.collection.createIndex({ a: 1, b: 1 });
      expect((await errorOf(s.collection.insertOne({ a: [1], b: [2] }))).code).toBe(171);
      await s.collection.insertMany([
        { a: [1], b: 2 },
        { a: 1, b: [2] },
      ]);
      expect(await s.collection.countDocuments({ a: 1, b: 2 })).toBe(2);
    });

    it('may be demanded by a hint, which must name one', async () => {
      await s.collection.createIndex({ a: 1 }, { sparse: true });
      await s.collection.insertMany([{ _id: 1, a: 2 }, { _id: 2, a: 1 }, { _id: 3 }]);
      // The index is sparse: that it is used can be seen.
      expect(await ids(s.collection.find({}, { hint: 'a_1' }))).toEqual([2, 1]);
      expect(await ids(s.collection.find({}, { hint: { a: 1 } }))).toEqual([2, 1]);
      expect(await s.collection.countDocuments({}, { hint: 'a_1' })).toBe(2);
      expect((await errorOf(s.collection.find({}, { hint: 'none_1' }).toArray())).code).toBe(2);
      expect(
        (await errorOf(s.collection.updateOne({}, { $set: { b: 1 } }, { hint: { none: 1 } }))).code,
      ).toBe(2);
      expect((await errorOf(s.collection.deleteMany({}, { hint: 'none_1' }))).code).toBe(2);
    });

    it('counts what lies in a range of it', async () => {
      await s.collection.createIndex({ a: 1, b: 1 });
      await s.collection.insertMany(Array.from({ length: 50 }, (_, i) => ({ a: i % 5, b: i })));
      expect(await s.collection.countDocuments({ a: 3 })).toBe(10);
      expect(await s.collection.countDocuments({ a: { $in: [1, 2] }, b: { $gte: 40 } })).toBe(4);
      expect(await s.collection.countDocuments({ a: 3 }, { skip: 4, limit: 3 })).toBe(3);
      expect(await s.collection.countDocuments({ a: 3, c: 1 })).toBe(0);
    });
  });
}
