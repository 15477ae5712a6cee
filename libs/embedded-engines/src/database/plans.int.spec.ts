import type { Document } from 'mongodb';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlanReport } from './commands/context.ts';
import { sharedEngine } from './testing/shared-engine.ts';

const engine = sharedEngine();
const frames = () => engine.client.db('plans').collection<Document & { _id: number }>('frames');

/** How the last query was served. */
async function planOf(work: Promise<unknown>): Promise<PlanReport | undefined> {
  engine.plans.length = 0;
  await work;
  return engine.plans.at(-1);
}

describe('a query', () => {
  beforeAll(async () => {
    await frames().createIndex({ owner: 1, start: -1, _id: 1 });
    await frames().createIndex({ activity: 1 });
    await frames().createIndex({ name: 1 });
    await frames().createIndex({ 'readers.manager': 1, name: 1 });
    await frames().createIndex({ 'readers.manager': 1, 'readers.start': 1, 'readers.end': 1 });
    await frames().createIndex({ owner: 1, start: -1, _id: 1, activity: 1 });
    await frames().createIndex({ owner: 1, _id: 1, start: 1, activity: 1 });
    await frames().createIndex({
      'readers.manager': 1,
      _id: 1,
      'readers.start': 1,
      'readers.end': 1,
      name: 1,
    });
    await frames().createIndex({ live: 1 }, { partialFilterExpression: { live: true } });
    await frames().insertMany(
      Array.from({ length: 5_000 }, (_, i) => ({
        _id: i,
        owner: i % 10,
        start: (i * 7919) % 5_003,
        activity: i % 500,
        name: `name ${String(i).padStart(5, '0')}`,
        readers: [
          { manager: i % 50, start: i, end: i + 10 },
          { manager: 100 + (i % 3), start: 0, end: 5 },
        ],
        live: i % 1_000 === 0,
      })),
    );
  });
  beforeEach(() => {
    engine.plans.length = 0;
  });

  it('by _id looks at one document', async () => {
    expect(await planOf(frames().findOne({ _id: 7 }))).toMatchObject({
      plan: '_id_',
      examined: 1,
      returned: 1,
    });
    expect(await planOf(frames().findOne({ _id: 7, owner: 3 }))).toMatchObject({
      plan: '_id_',
      examined: 1,
      returned: 0,
    });
    expect(
      await planOf(
        frames()
          .find({ _id: { $in: [5, 7, 9_999] } })
          .toArray(),
      ),
    ).toMatchObject({ plan: '_id_', examined: 2 });
    expect(
      await planOf(
        frames()
          .find({ _id: { $gte: 10, $lt: 20 } })
          .sort({ _id: -1 })
          .toArray(),
      ),
    ).toMatchObject({ plan: '_id_', examined: 10, sortedInMemory: false });
  });

  it('reads a page in the order of an index, and no more than the page', async () => {
    const page = () => frames().find({ owner: 3 }).sort({ start: -1, _id: 1 });
    const expected = { plan: 'owner_1_start_-1__id_1', sortedInMemory: false, examined: 50, returned: 50 };
    expect(await planOf(page().limit(50).toArray())).toMatchObject(expected);
    expect(await planOf(page().skip(400).limit(50).toArray())).toMatchObject(expected);
    expect(
      await planOf(frames().find({ owner: 3 }).sort({ start: 1, _id: -1 }).limit(50).toArray()),
    ).toMatchObject(expected);
  });

  it('merges the pages of several owners in the order of the index', async () => {
    const found = frames()
      .find({ owner: { $in: [1, 2, 3] } })
      .sort({ start: -1, _id: 1 })
      .limit(30);
    expect(await planOf(found.toArray())).toMatchObject({
      plan: 'owner_1_start_-1__id_1',
      sortedInMemory: false,
      examined: 30,
    });
  });

  it('reads a range behind an equality', async () => {
    const plan = await planOf(
      frames()
        .find({ owner: 3, start: { $gte: 100, $lt: 200 } })
        .toArray(),
    );
    expect(plan).toMatchObject({ plan: 'owner_1_start_-1__id_1' });
    expect(plan?.examined).toBe(plan?.returned);
  });

  it('counts by keys alone', async () => {
    expect(await planOf(frames().countDocuments({ owner: 3 }))).toMatchObject({ examined: 0, returned: 500 });
    expect(await planOf(frames().countDocuments({ owner: 3, start: { $lt: 100 } }))).toMatchObject({
      examined: 0,
    });
    expect(await planOf(frames().countDocuments({ activity: { $in: [1, 2] } }))).toMatchObject({
      plan: 'activity_1',
      examined: 0,
      returned: 20,
    });
  });

  it('takes the index that leaves least to read', async () => {
    expect(await planOf(frames().find({ owner: 3, activity: 13 }).toArray())).toMatchObject({
      plan: 'activity_1',
      examined: 10,
    });
    expect(await planOf(frames().find({ activity: 13 }).sort({ name: 1 }).toArray())).toMatchObject({
      plan: 'activity_1',
      sortedInMemory: true,
      examined: 10,
    });
  });

  it('asks of one element of an array by the index of its fields', async () => {
    const readers = { $elemMatch: { manager: 7, start: { $lte: 60 }, end: { $gt: 60 } } };
    expect(await planOf(frames().find({ readers }).toArray())).toMatchObject({
      plan: 'readers.manager_1_readers.start_1_readers.end_1',
      examined: 1,
      returned: 1,
    });
    expect(await planOf(frames().countDocuments({ readers }))).toMatchObject({ examined: 0, returned: 1 });
  });

  it('sorts by the field behind an array where the sort can end early', async () => {
    const readers = { $elemMatch: { manager: 101, start: { $lte: 3 }, end: { $gt: 3 } } };
    expect(await planOf(frames().find({ readers }).sort({ name: 1 }).limit(20).toArray())).toMatchObject({
      plan: 'readers.manager_1_name_1',
      sortedInMemory: false,
      examined: 20,
    });
  });

  it('finds the beginning of a text by a range, and a part of it without reading the others', async () => {
    expect(
      await planOf(
        frames()
          .find({ name: { $regex: '^name 0012' } })
          .toArray(),
      ),
    ).toMatchObject({ plan: 'name_1', examined: 10, returned: 10 });
    expect(
      await planOf(
        frames()
          .find({ name: { $regex: '4999' } })
          .toArray(),
      ),
    ).toMatchObject({ plan: 'name_1', examined: 1, returned: 1 });
    const search = { 'readers.manager': 7, name: { $regex: '0105' } };
    expect(await planOf(frames().find(search).sort({ name: 1 }).limit(5).toArray())).toMatchObject({
      examined: 1,
      returned: 1,
    });
  });

  it('reads of a list whose filter lies in the keys the page only, and nothing to count it', async () => {
    const list = { owner: 3, activity: { $in: [3, 13, 23, 33, 43] }, start: { $gte: 500 } };
    const byStart = await planOf(frames().find(list).sort({ start: -1, _id: 1 }).skip(5).limit(10).toArray());
    expect(byStart).toMatchObject({ sortedInMemory: false, examined: 10, returned: 10 });
    const byId = await planOf(frames().find(list).sort({ _id: 1 }).skip(5).limit(10).toArray());
    expect(byId).toMatchObject({ sortedInMemory: false, examined: 10, returned: 10 });
    expect(await planOf(frames().countDocuments(list))).toMatchObject({ examined: 0 });
  });

  it('sorts the keys where they tell the order, and reads the page only', async () => {
    const opposite = frames().find({ owner: 3 }).sort({ start: 1, _id: 1 });
    expect(await planOf(opposite.skip(100).limit(20).toArray())).toMatchObject({
      sortedInMemory: true,
      examined: 20,
      returned: 20,
    });
  });

  it('searches a text in the keys of those whom one element lets read', async () => {
    const search = {
      readers: { $elemMatch: { manager: 101, start: { $lte: 3 }, end: { $gt: 3 } } },
      $and: [{ name: { $regex: 'name' } }, { name: { $regex: '99' } }],
    };
    const plan = 'readers.manager_1__id_1_readers.start_1_readers.end_1_name_1';
    const page = await planOf(frames().find(search).sort({ _id: 1 }).limit(5).toArray());
    expect(page).toMatchObject({ plan, sortedInMemory: false, examined: 5, returned: 5 });
    const count = await planOf(frames().countDocuments(search));
    const matching = Array.from({ length: 5_000 }, (_, i) => i).filter(
      (i) => i % 3 === 1 && String(i).includes('99'),
    );
    expect(count).toMatchObject({ plan, examined: 0, returned: matching.length });
    await frames().updateOne({ _id: matching[0]! }, { $set: { name: 'name' } });
    expect(await planOf(frames().countDocuments(search))).toMatchObject({ returned: matching.length - 1 });
  });

  it('of alternatives uses an index for each', async () => {
    const plan = await planOf(
      frames()
        .find({ $or: [{ activity: 3 }, { name: 'name 00001' }] })
        .toArray(),
    );
    expect(plan).toMatchObject({ plan: 'OR(activity_1, name_1)', examined: 11, returned: 11 });
  });

  it('uses a partial index only when it asks for nothing else', async () => {
    expect(await planOf(frames().find({ live: true }).toArray())).toMatchObject({
      plan: 'live_1',
      examined: 5,
    });
    expect(await planOf(frames().find({ live: false, x: 1 }).toArray())).toMatchObject({
      plan: 'COLLSCAN',
      examined: 5_000,
    });
  });

  it('without an index is reported as a scan of all', async () => {
    expect(await planOf(frames().find({ nowhere: 1 }).toArray())).toMatchObject({
      namespace: 'plans.frames',
      plan: 'COLLSCAN',
      examined: 5_000,
      returned: 0,
    });
  });

  it('that changes documents uses indexes as well', async () => {
    expect(await planOf(frames().updateMany({ activity: 5 }, { $set: { seen: true } }))).toMatchObject({
      plan: 'activity_1',
      examined: 10,
    });
    expect(await planOf(frames().deleteOne({ activity: 6 }))).toMatchObject({
      plan: 'activity_1',
      examined: 1,
    });
    expect(
      await planOf(
        frames().findOneAndUpdate({ owner: 1 }, { $set: { seen: true } }, { sort: { start: -1 } }),
      ),
    ).toMatchObject({ examined: 1 });
  });
});

it('a page far behind comes of the keys before it, in either direction, whatever was written in between', async () => {
  const pages = engine.client.db('plans').collection<{ _id: number; owner: number }>('pages');
  await pages.createIndex({ owner: 1, _id: 1 });
  await pages.insertMany(Array.from({ length: 3_000 }, (_, _id) => ({ _id, owner: _id % 3 })));
  let own = Array.from({ length: 1_000 }, (_, i) => 3 * i + 1);
  const check = async (skip: number, direction: 1 | -1) => {
    const query = pages.find({ owner: 1 }, { sort: { _id: direction }, skip, limit: 3 });
    const plan = await planOf(
      query.toArray().then((found) => {
        const wanted = direction === 1 ? own : own.toReversed();
        expect(found.map(({ _id }) => _id)).toEqual(wanted.slice(skip, skip + 3));
      }),
    );
    expect(plan).toMatchObject({ plan: 'owner_1__id_1', examined: plan?.returned });
    expect(await pages.countDocuments({ owner: 1 })).toBe(own.length);
  };
  const checkAll = async () => {
    for (const skip of [1, 500, 503, 500, 998, 999, 1_000, 4_000]) {
      await check(skip, 1);
      await check(skip, -1);
    }
  };
  await checkAll();
  await pages.deleteMany({ _id: { $in: [1, 1_501, 1_504] } });
  await pages.insertMany([
    { _id: 4_000, owner: 1 },
    { _id: 4_001, owner: 2 },
  ]);
  await pages.updateOne({ _id: 1_500 }, { $set: { owner: 1 } });
  own = [...own.filter((id) => ![1, 1_501, 1_504].includes(id)), 1_500, 4_000].sort((a, b) => a - b);
  await checkAll();
  await pages.updateMany({ _id: { $gte: 1_400, $lt: 1_600 } }, { $set: { owner: 5 } });
  own = own.filter((id) => id < 1_400 || id >= 1_600);
  await checkAll();
});
