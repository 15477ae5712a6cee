import { BSON, MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { errorOf } from './contract/session.ts';
import { sharedEngine } from './testing/shared-engine.ts';

const engine = sharedEngine();
const collection = () => engine.client.db('subset').collection<{ _id: number; a?: unknown }>('c');

describe('what lies outside of the subset', () => {
  it.each<[string, object, number]>([
    ['a command', { collStats: 'c' }, 59],
    ['a client bulk write', { bulkWrite: 1, ops: [], nsInfo: [] }, 59],
    ['a stage', { aggregate: 'c', pipeline: [{ $lookup: {} }], cursor: {} }, 40324],
    ['a change stream', { aggregate: 'c', pipeline: [{ $changeStream: {} }], cursor: {} }, 40324],
    ['an aggregation over a database', { aggregate: 1, pipeline: [], cursor: {} }, 115],
    [
      'an accumulator',
      { aggregate: 'c', pipeline: [{ $group: { _id: 1, x: { $stdDevPop: '$a' } } }], cursor: {} },
      15952,
    ],
    ['an expression', { aggregate: 'c', pipeline: [{ $group: { _id: { $add: [1, 2] } } }], cursor: {} }, 168],
    ['a computed projection', { find: 'c', projection: { a: '$b' } }, 2],
    ['a projection operator', { find: 'c', projection: { a: { $slice: 1 } } }, 31325],
    ['$expr', { find: 'c', filter: { $expr: { $eq: ['$a', 1] } } }, 2],
    ['$where', { find: 'c', filter: { $where: 'true' } }, 2],
    ['a text search', { find: 'c', filter: { $text: { $search: 'x' } } }, 2],
    ['a query operator', { find: 'c', filter: { a: { $bitsAllSet: 1 } } }, 2],
    ['a collation', { find: 'c', collation: { locale: 'de' } }, 115],
    ['variables', { find: 'c', let: { x: 1 } }, 115],
    ['a tailable cursor', { find: 'c', tailable: true }, 40415],
    ['a transaction', { find: 'c', startTransaction: true, autocommit: false }, 20],
    ['a capped collection', { create: 'capped', capped: true, size: 1000 }, 40415],
    ['a view', { create: 'view', viewOn: 'c', pipeline: [] }, 40415],
    [
      'an index that forgets',
      { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a', expireAfterSeconds: 1 }] },
      67,
    ],
    ['a text index', { createIndexes: 'c', indexes: [{ key: { a: 'text' }, name: 'a' }] }, 67],
    ['a hashed index', { createIndexes: 'c', indexes: [{ key: { a: 'hashed' }, name: 'a' }] }, 67],
    ['a wildcard index', { createIndexes: 'c', indexes: [{ key: { '$**': 1 }, name: 'a' }] }, 67],
    [
      'an index with a collation',
      { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a', collation: { locale: 'de' } }] },
      67,
    ],
    [
      'a partial index of what is not',
      {
        createIndexes: 'c',
        indexes: [{ key: { a: 1 }, name: 'a', partialFilterExpression: { a: { $ne: 1 } } }],
      },
      67,
    ],
  ])('is refused: %s', async (_, command, code) => {
    expect((await errorOf(engine.client.db('subset').command(command))).code).toBe(code);
  });

  it.each<[string, object | object[], number]>([
    ['$currentDate', { $currentDate: { a: true } }, 9],
    ['$bit', { $bit: { a: { and: 1 } } }, 9],
    ['a pipeline that computes', [{ $set: { a: '$b' } }], 9],
    ['a pipeline that replaces', [{ $replaceWith: {} }], 9],
  ])('is refused as an update: %s', async (_, update, code) => {
    expect((await errorOf(collection().updateOne({ _id: 1 }, update))).code).toBe(code);
  });

  it('is arithmetic with Decimal128', async () => {
    await collection().insertOne({ _id: 1, a: BSON.Decimal128.fromString('1') });
    expect((await errorOf(collection().updateOne({ _id: 1 }, { $inc: { a: 1 } } as never))).code).toBe(2);
  });
});

describe('a client', () => {
  it('with a stable API, without acknowledgement and with sessions is served', async () => {
    const client = new MongoClient(engine.url, {
      serverApi: { version: '1', strict: true, deprecationErrors: true },
    });
    const things = client.db('subset').collection<{ _id: string }>('things');
    await things.insertOne({ _id: 'a' }, { writeConcern: { w: 0 } });
    await client.withSession(async (session) => {
      expect(
        await things
          .find({}, { session, readConcern: { level: 'majority' }, maxTimeMS: 1000, comment: 'x' })
          .toArray(),
      ).toHaveLength(1);
      await things.insertOne({ _id: 'b' }, { session, writeConcern: { w: 'majority', j: true } });
    });
    expect(await things.countDocuments()).toBe(2);
    await client.close();
  });

  it('sees a standalone server of one version', async () => {
    const admin = engine.client.db('admin');
    const hello = await admin.command({ hello: 1 });
    const build = await admin.command({ buildInfo: 1 });
    expect([hello['maxWireVersion'], build['version']]).toEqual([21, '7.0.0']);
    expect(hello).not.toHaveProperty('setName');
    expect(hello).not.toHaveProperty('topologyVersion');
    expect(hello).not.toHaveProperty('compression');
  });
});
