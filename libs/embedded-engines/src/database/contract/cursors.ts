import { Long } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { type Connect, errorOf, session } from './session.ts';

/** Batches, cursors and the stages of an aggregation. */
export function cursorContract(connect: Connect): void {
  describe('a cursor', () => {
    const s = session(connect);
    const fill = (count: number) =>
      s.collection.insertMany(Array.from({ length: count }, (_, i) => ({ _id: i, a: i % 3 })));

    it('hands out 101 documents first, then as many as are asked for', async () => {
      await fill(300);
      const { cursor } = await s.db.command({ find: s.collection.collectionName });
      expect(cursor.firstBatch).toHaveLength(101);
      const id = Long.fromValue(cursor.id);
      const next = await s.db.command({
        getMore: id,
        collection: s.collection.collectionName,
        batchSize: 50,
      });
      expect(next['cursor'].nextBatch).toHaveLength(50);
      const rest = await s.db.command({ getMore: id, collection: s.collection.collectionName });
      expect(rest['cursor'].nextBatch).toHaveLength(149);
      expect(Number(rest['cursor'].id)).toBe(0);
    });

    it('begins empty with a batch of none', async () => {
      await fill(3);
      const { cursor } = await s.db.command({ find: s.collection.collectionName, batchSize: 0 });
      expect(cursor.firstBatch).toEqual([]);
      const next = await s.db.command({
        getMore: Long.fromValue(cursor.id),
        collection: s.collection.collectionName,
      });
      expect(next['cursor'].nextBatch).toHaveLength(3);
    });

    it('is over when it is killed', async () => {
      await fill(10);
      const { cursor } = await s.db.command({ find: s.collection.collectionName, batchSize: 2 });
      const id = Long.fromValue(cursor.id);
      const killed = await s.db.command({ killCursors: s.collection.collectionName, cursors: [id] });
      expect(killed['cursorsKilled'].map(Number)).toEqual([Number(id)]);
      const late = s.db.command({ getMore: id, collection: s.collection.collectionName });
      expect((await errorOf(late)).code).toBe(43);
      const again = await s.db.command({ killCursors: s.collection.collectionName, cursors: [id] });
      expect(again['cursorsNotFound'].map(Number)).toEqual([Number(id)]);
    });

    it('keeps documents out of a batch that would make it greater than 16 MiB', async () => {
      await s.collection.insertMany(
        Array.from({ length: 5 }, (_, i) => ({ _id: i, text: 'x'.repeat(6_000_000) })),
      );
      const { cursor } = await s.db.command({ find: s.collection.collectionName });
      expect(cursor.firstBatch.length).toBeLessThan(4);
      expect(await s.collection.find().toArray()).toHaveLength(5);
    });

    it('goes on while documents are written', async () => {
      await s.collection.createIndex({ a: 1 });
      await fill(1000);
      const seen: unknown[] = [];
      for await (const { _id } of s.collection.find({ a: 1 }).batchSize(10)) {
        seen.push(_id);
        await s.collection.updateOne({ _id }, { $set: { b: 1 } });
      }
      expect(seen).toHaveLength(333);
    });
  });

  describe('an aggregation', () => {
    const s = session(connect);
    const fill = () =>
      s.collection.insertMany([
        { _id: 1, team: 'x', n: 3, tags: ['a'] },
        { _id: 2, team: 'y', n: 1, tags: ['b', 'a'] },
        { _id: 3, team: 'x', n: 2 },
        { _id: 4, n: 'text' },
      ]);

    it('obeys its batch size', async () => {
      await fill();
      const { cursor } = await s.db.command({
        aggregate: s.collection.collectionName,
        pipeline: [],
        cursor: { batchSize: 3 },
      });
      expect(cursor.firstBatch).toHaveLength(3);
      expect(Number(cursor.id)).not.toBe(0);
    });

    it('does its stages in their order', async () => {
      await fill();
      const run = (...pipeline: object[]) => s.collection.aggregate(pipeline).toArray();
      expect(await run({ $sort: { _id: -1 } }, { $limit: 2 }, { $skip: 1 })).toMatchObject([{ _id: 3 }]);
      expect(
        await run({ $sort: { _id: -1 } }, { $skip: 1 }, { $limit: 2 }, { $match: { team: 'y' } }),
      ).toMatchObject([{ _id: 2 }]);
      expect(await run({ $limit: 3 }, { $sort: { n: 1 } }, { $project: { n: 1 } })).toEqual([
        { _id: 2, n: 1 },
        { _id: 3, n: 2 },
        { _id: 1, n: 3 },
      ]);
    });

    it('groups', async () => {
      await fill();
      const grouped = await s.collection
        .aggregate([
          { $sort: { _id: 1 } },
          {
            $group: {
              _id: '$team',
              sum: { $sum: '$n' },
              mean: { $avg: '$n' },
              least: { $min: '$n' },
              greatest: { $max: '$n' },
              first: { $first: '$_id' },
              last: { $last: '$_id' },
              all: { $push: '$n' },
              count: { $sum: 1 },
            },
          },
          { $sort: { _id: -1 } },
        ])
        .toArray();
      expect(grouped).toEqual([
        { _id: 'y', sum: 1, mean: 1, least: 1, greatest: 1, first: 2, last: 2, all: [1], count: 1 },
        { _id: 'x', sum: 5, mean: 2.5, least: 2, greatest: 3, first: 1, last: 3, all: [3, 2], count: 2 },
        {
          _id: null,
          sum: 0,
          mean: null,
          least: 'text',
          greatest: 'text',
          first: 4,
          last: 4,
          all: ['text'],
          count: 1,
        },
      ]);
    });

    it('counts, and gives nothing for nothing', async () => {
      await fill();
      expect(await s.collection.countDocuments({ team: 'x' })).toBe(2);
      expect(
        await s.collection
          .aggregate([{ $match: { team: 'z' } }, { $group: { _id: 1, n: { $sum: 1 } } }])
          .toArray(),
      ).toEqual([]);
      expect(
        await s.db
          .collection('nowhere')
          .aggregate([{ $group: { _id: null, n: { $sum: 1 } } }])
          .toArray(),
      ).toEqual([]);
    });

    it('of a stage that does not exist is refused', async () => {
      expect((await errorOf(s.collection.aggregate([{ $bogus: {} }]).toArray())).code).toBe(40324);
    });
  });
}
