import { BSON, type MongoBulkWriteError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { type AnyDocument, type Connect, errorOf, ids, session } from './session.ts';

const { Decimal128, Double, Int32, Long, ObjectId } = BSON;

/** Inserts, updates, replacements and deletions. */
export function writingContract(connect: Connect): void {
  describe('an insert', () => {
    const s = session(connect);

    it('that is ordered stops at the first error, another one goes on', async () => {
      const documents = () => [{ _id: 1 }, { _id: 2 }, { _id: 1 }, { _id: 3 }];
      const ordered = (await errorOf(s.collection.insertMany(documents()))) as MongoBulkWriteError;
      expect([ordered.code, ordered.insertedCount]).toEqual([11000, 2]);
      expect(await ids(s.collection.find())).toEqual([1, 2]);
      await s.collection.deleteMany({});
      const unordered = (await errorOf(
        s.collection.insertMany(documents(), { ordered: false }),
      )) as MongoBulkWriteError;
      expect(unordered.insertedCount).toBe(3);
      expect([unordered.writeErrors].flat().map(({ index }) => index)).toEqual([2]);
      expect(await ids(s.collection.find())).toEqual([1, 2, 3]);
    });

    it.each([[[1]], [/x/], [{ $x: 1 }]])('refuses the _id %j', async (_id) => {
      expect([53, 52, 2]).toContain((await errorOf(s.collection.insertOne({ _id }))).code);
      expect(await s.collection.countDocuments()).toBe(0);
    });

    it('holds _ids equal whose numbers are', async () => {
      await s.collection.insertOne({ _id: 1 });
      expect((await errorOf(s.collection.insertOne({ _id: Long.fromNumber(1) }))).code).toBe(11000);
      await s.collection.insertOne({ _id: '1' });
      expect(await s.collection.countDocuments()).toBe(2);
    });

    it('puts _id in front and keeps the other fields in order', async () => {
      await s.collection.insertOne({ b: 1, '1': 2, _id: 5, a: 3 });
      const raw = (await s.collection.findOne({}, { raw: true })) as unknown as Uint8Array;
      const elements = Array.from(BSON.onDemand.parseToElements(raw));
      const names = elements.map(([, start, length]) =>
        Buffer.from(raw.subarray(start, start + length)).toString(),
      );
      // An object of JavaScript has names that are numbers in front, so the driver sends 1, b, _id, a.
      expect(names).toEqual(['_id', '1', 'b', 'a']);
    });

    it('says which index and which key clash', async () => {
      await s.collection.createIndex({ 'n.x': 1, m: -1 }, { unique: true });
      await s.collection.insertOne({ n: { x: 'foo' }, m: 1 });
      const error = await errorOf(s.collection.insertOne({ n: { x: 'foo' }, m: 1 }));
      expect(error.message).toContain(
        `${s.collection.namespace} index: n.x_1_m_-1 dup key: { n.x: "foo", m: 1 }`,
      );
      expect(error['keyPattern']).toEqual({ 'n.x': 1, m: -1 });
      expect(error['keyValue']).toEqual({ 'n.x': 'foo', m: 1 });
    });
  });

  describe('an update', () => {
    const s = session(connect);

    async function after(before: AnyDocument, update: AnyDocument, options = {}): Promise<AnyDocument> {
      await s.collection.insertOne({ _id: 1, ...before });
      await s.collection.updateOne({ _id: 1 }, update as never, options);
      return (await s.collection.findOne({}, { projection: { _id: 0 } }))!;
    }
    async function refusal(before: AnyDocument, update: AnyDocument): Promise<number> {
      await s.collection.insertOne({ _id: 1, ...before });
      const { code } = await errorOf(s.collection.updateOne({ _id: 1 }, update as never));
      expect(await s.collection.findOne()).toEqual({ _id: 1, ...before });
      return code as number;
    }

    it('counts what it matches and what it changes', async () => {
      await s.collection.insertMany([{ a: 1 }, { a: 1 }, { a: 2 }]);
      const changed = await s.collection.updateMany({}, { $set: { a: 1 } });
      expect([changed.matchedCount, changed.modifiedCount]).toEqual([3, 1]);
      const one = await s.collection.updateOne({ a: 1 }, { $inc: { a: 5 } });
      expect([one.matchedCount, one.modifiedCount]).toEqual([1, 1]);
      expect((await s.collection.updateOne({ a: 99 }, { $set: { a: 0 } })).matchedCount).toBe(0);
    });

    it('makes documents on the way of $set, and in order of their names', async () => {
      const found = await after({ z: 0 }, { $set: { c: 1, 'b.y': 2, 'b.x': 3 } });
      expect(JSON.stringify(found)).toBe('{"z":0,"b":{"x":3,"y":2},"c":1}');
    });

    it('fills an array up to a place with null', async () => {
      expect(await after({ a: [1] }, { $set: { 'a.3': 4 } })).toEqual({ a: [1, null, null, 4] });
    });

    it('removes fields with $unset and leaves null in arrays', async () => {
      expect(
        await after(
          { a: 1, b: { c: 1, d: 2 }, e: [1, 2] },
          { $unset: { a: '', 'b.c': '', 'e.0': '', x: '' } },
        ),
      ).toEqual({
        b: { d: 2 },
        e: [null, 2],
      });
    });

    it('adds and multiplies by type', async () => {
      const exact = { promoteValues: false };
      await s.collection.insertOne({
        _id: 1,
        i: new Int32(2147483647),
        l: Long.fromString('9007199254740993'),
        d: new Double(1),
        n: new Int32(2),
      });
      await s.collection.updateOne({}, { $inc: { i: 1, l: 1, d: 1, fresh: 7 }, $mul: { n: 3, none: 2 } });
      expect(await s.collection.findOne({}, exact)).toEqual({
        _id: new Int32(1),
        i: Long.fromString('2147483648'),
        l: Long.fromString('9007199254740994'),
        d: new Double(2),
        n: new Int32(6),
        fresh: new Int32(7),
        none: new Int32(0),
      });
    });

    it('keeps the lesser or greater with $min and $max', async () => {
      expect(
        await after({ a: 5, b: 5, c: 5 }, { $min: { a: 3, b: 9, x: 1 }, $max: { c: 9, y: 'z' } }),
      ).toEqual({ a: 3, b: 5, c: 9, x: 1, y: 'z' });
    });

    it('renames', async () => {
      expect(await after({ a: 1, b: 2 }, { $rename: { a: 'c.d', none: 'x' } })).toEqual({
        b: 2,
        c: { d: 1 },
      });
    });

    it('pushes, with $each, $position, $sort and $slice', async () => {
      expect(await after({ a: [3] }, { $push: { a: 1, b: [2] } })).toEqual({ a: [3, 1], b: [[2]] });
      await s.collection.updateOne({}, { $push: { a: { $each: [9, 0], $position: 1 } } } as never);
      expect((await s.collection.findOne())?.['a']).toEqual([3, 9, 0, 1]);
      await s.collection.updateOne({}, { $push: { a: { $each: [5], $sort: -1, $slice: 3 } } } as never);
      expect((await s.collection.findOne())?.['a']).toEqual([9, 5, 3]);
    });

    it('adds to a set what is not in it, by the order of keys', async () => {
      const update = { $addToSet: { a: { $each: [1, 2, 2, { y: 1, x: 1 }] }, b: { $each: [1, 1] } } };
      expect(await after({ a: [1, { x: 1, y: 1 }] }, update)).toEqual({
        a: [1, { x: 1, y: 1 }, 2, { y: 1, x: 1 }],
        b: [1],
      });
    });

    it('pulls by value, by condition and from documents, and pops', async () => {
      const before = { a: [1, 5, 9], b: [{ x: 1 }, { x: 2 }], c: [1, 2, 3], d: [1, 2, 1] };
      const update = { $pull: { a: { $gt: 4 }, b: { x: 1 } }, $pop: { c: -1 }, $pullAll: { d: [1] } };
      expect(await after(before, update)).toEqual({ a: [1], b: [{ x: 2 }], c: [2, 3], d: [2] });
    });

    it('changes the element that the query found, all, or those of a filter', async () => {
      await s.collection.insertOne({ a: [{ n: 1 }, { n: 2 }, { n: 3 }] });
      await s.collection.updateOne({ 'a.n': 2 }, { $set: { 'a.$.found': true } });
      await s.collection.updateOne({}, { $inc: { 'a.$[].n': 10 } });
      await s.collection.updateOne(
        {},
        { $set: { 'a.$[big].big': true } },
        { arrayFilters: [{ 'big.n': { $gt: 12 } }] },
      );
      expect((await s.collection.findOne())?.['a']).toEqual([
        { n: 11 },
        { n: 12, found: true },
        { n: 13, big: true },
      ]);
    });

    it.each([
      ['a sum with a text', { a: 'x' }, { $inc: { a: 1 } }, 14],
      ['a sum of a text', { a: 1 }, { $inc: { a: 'x' } }, 14],
      ['a push to a number', { a: 1 }, { $push: { a: 1 } }, 2],
      ['a field below a number', { a: 1 }, { $set: { 'a.b': 1 } }, 28],
      ['a name in an array', { a: [1] }, { $set: { 'a.b': 1 } }, 28],
      ['two changes of one field', {}, { $set: { a: 1 }, $inc: { a: 1 } }, 40],
      ['a change of a field and of one below', {}, { $set: { a: 1, 'a.b': 1 } }, 40],
      ['another _id', {}, { $set: { _id: 2 } }, 66],
      ['an operator that does not exist', {}, { $bogus: { a: 1 } }, 9],
    ])('refuses %s', async (_, before, update, code) => {
      expect(await refusal(before, update)).toBe(code);
    });

    it('of many stays where one clashes, and of that one leaves the document', async () => {
      await s.collection.createIndex({ u: 1 }, { unique: true });
      await s.collection.insertMany([
        { _id: 1, u: 1 },
        { _id: 2, u: 2 },
      ]);
      expect((await errorOf(s.collection.updateOne({ _id: 2 }, { $set: { u: 1 } }))).code).toBe(11000);
      expect(await s.collection.findOne({ u: 2 })).toEqual({ _id: 2, u: 2 });
    });
  });

  describe('an upsert', () => {
    const s = session(connect);

    it('inserts the equalities of the query and the update, $setOnInsert only then', async () => {
      const update = { $set: { b: 2 }, $setOnInsert: { c: 3 } };
      const first = await s.collection.updateOne({ _id: 7, a: 1, x: { $gt: 5 }, 'n.m': { $eq: 4 } }, update, {
        upsert: true,
      });
      expect([first.upsertedId, first.matchedCount]).toEqual([7, 0]);
      expect(await s.collection.findOne()).toEqual({ _id: 7, a: 1, n: { m: 4 }, b: 2, c: 3 });
      await s.collection.updateOne({ _id: 7 }, { $set: { b: 9 }, $setOnInsert: { c: 9 } }, { upsert: true });
      expect(await s.collection.findOne()).toMatchObject({ b: 9, c: 3 });
    });

    it('makes an ObjectId where nobody names an _id', async () => {
      const { upsertedId } = await s.collection.replaceOne({ a: 1 }, { b: 1 }, { upsert: true });
      expect(upsertedId).toBeInstanceOf(ObjectId);
      expect(await s.collection.findOne()).toEqual({ _id: upsertedId, b: 1 });
    });

    it('of a document that another condition excludes clashes with its _id', async () => {
      await s.collection.insertOne({ _id: 1, position: 'b' });
      const late = s.collection.replaceOne({ _id: 1, position: 'a' }, { position: 'c' }, { upsert: true });
      expect((await errorOf(late)).code).toBe(11000);
      expect(await s.collection.findOne()).toEqual({ _id: 1, position: 'b' });
    });

    it('in a batch tells which statement inserted what', async () => {
      await s.collection.insertOne({ _id: 'b', n: 1 });
      const replace = (_id: string) => ({
        replaceOne: { filter: { _id }, replacement: { n: 2 }, upsert: true },
      });
      const result = await s.collection.bulkWrite([replace('a'), replace('b'), replace('c')], {
        ordered: false,
      });
      expect(result.upsertedIds).toEqual({ 0: 'a', 2: 'c' });
      expect([result.matchedCount, result.modifiedCount, result.upsertedCount]).toEqual([1, 1, 2]);
    });
  });

  describe('a replacement', () => {
    const s = session(connect);

    it('keeps the _id and refuses another', async () => {
      await s.collection.insertOne({ _id: 1, a: 1 });
      await s.collection.replaceOne({ a: 1 }, { b: 2 });
      expect(await s.collection.findOne()).toEqual({ _id: 1, b: 2 });
      expect((await errorOf(s.collection.replaceOne({ b: 2 }, { _id: 2, b: 3 } as never))).code).toBe(66);
    });

    it('gives the document before or after', async () => {
      await s.collection.insertOne({ _id: 1, a: 1 });
      expect(await s.collection.findOneAndReplace({ _id: 1 }, { a: 2 })).toEqual({ _id: 1, a: 1 });
      expect(
        await s.collection.findOneAndReplace(
          { _id: 1 },
          { a: 3 },
          { returnDocument: 'after', projection: { _id: 0 } },
        ),
      ).toEqual({ a: 3 });
      expect(await s.collection.findOneAndReplace({ _id: 2 }, { a: 3 })).toBeNull();
      expect(await s.collection.findOneAndReplace({ _id: 2 }, { a: 3 }, { upsert: true })).toBeNull();
      expect(await s.collection.countDocuments()).toBe(2);
    });
  });

  describe('values', () => {
    const s = session(connect);

    it('come back with their types', async () => {
      const document = {
        _id: new ObjectId(),
        zero: new Double(-0),
        one: new Double(1),
        int: new Int32(1),
        long: Long.fromNumber(1),
        decimal: Decimal128.fromString('1.10'),
        nothing: null,
        nan: new Double(NaN),
        before: new Date(-62135596800000),
        nested: { list: [new Int32(1), [], {}] },
        'dotted.name': new Int32(1),
        $dollar: new Int32(1),
      };
      await s.collection.insertOne(document, { ignoreUndefined: false });
      const raw = (await s.collection.findOne({}, { raw: true })) as unknown as Uint8Array;
      expect(Buffer.from(raw).toString('hex')).toBe(Buffer.from(BSON.serialize(document)).toString('hex'));
    });

    it('are no more after they were deleted', async () => {
      await s.collection.insertMany([
        { _id: 1, a: 1 },
        { _id: 2, a: 1 },
        { _id: 3, a: 2 },
      ]);
      expect((await s.collection.deleteOne({ a: 1 })).deletedCount).toBe(1);
      expect((await s.collection.deleteMany({ a: { $gte: 2 } })).deletedCount).toBe(1);
      expect(await s.collection.countDocuments()).toBe(1);
      expect((await s.collection.deleteMany({})).deletedCount).toBe(1);
      expect(await s.collection.estimatedDocumentCount()).toBe(0);
    });
  });
}
