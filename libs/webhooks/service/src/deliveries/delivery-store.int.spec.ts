import { randomUUID } from 'node:crypto';
import { connectMongo, type Mongo } from '@touchline/read-models';
import { type Engines, startEngines } from '@touchline/testing/engines';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deliveryOf } from './delivery.ts';
import { DeliveryStore, type Outcome } from './delivery-store.ts';

let engines: Engines;
let mongo: Mongo;
let store: DeliveryStore;
let nowMs = Date.UTC(2024, 0, 1);

beforeAll(async () => {
  engines = await startEngines();
  mongo = connectMongo(engines.mongodbUrl);
  store = new DeliveryStore(mongo.state(`webhooks-test-${randomUUID().slice(0, 8)}`), () => nowMs);
  await store.createIndexes();
});
afterAll(async () => {
  await mongo.close();
  await engines.close();
});

let position = 0;
const made = (webhook: number, timeFrame: number) => {
  position += 1;
  const event = { id: `event-${position}`, position: String(position).padStart(8, '0') };
  return deliveryOf({ type: 'timeframe-updated', activity: 5, timeFrame }, webhook, event, 0, nowMs);
};
const delivered: Outcome = {
  attempt: { startMs: 1, durationMs: 2, status: 200 },
  status: 'delivered',
  failures: 0,
  next: undefined,
};

it('inserts a delivery once, and numbers them upwards', async () => {
  const [first, second] = [made(1, 42), made(1, 43)];
  const inserted = await store.insert([first, second]);
  expect(inserted.map(({ _id }) => _id)).toEqual([first._id, second._id]);
  const third = made(1, 42);
  expect((await store.insert([first, third, second])).map(({ _id }) => _id)).toEqual([third._id]);
  const { rows } = await store.list(1, { page: 1, limit: 10 });
  expect(rows.map(({ _id }) => _id)).toEqual([third._id, second._id, first._id]);
  const numbers = rows.map(({ number }) => number);
  expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
  expect((await store.heads(first.lane, 10)).map(({ _id }) => _id)).toEqual([first._id, third._id]);
});

it('records outcomes one after another and many at once', async () => {
  const inserted = await store.insert(Array.from({ length: 300 }, (_, i) => made(2, i)));
  for (const { _id } of inserted.slice(0, 3)) await store.record(_id, delivered);
  await Promise.all(inserted.slice(3).map(({ _id }) => store.record(_id, delivered)));
  expect(await store.hasPending(2)).toBe(false);
});

it('tells what was sent of a delivery that was cancelled meanwhile', async () => {
  const [one, other] = await store.insert([made(3, 42), made(3, 43)]);
  await store.cancel(3);
  await Promise.all([store.record(one?._id ?? '', delivered), store.record(other?._id ?? '', delivered)]);
  const { rows } = await store.list(3, { page: 1, limit: 10 });
  expect(rows).toMatchObject([
    { status: 'cancelled', attempts: [{ status: 200 }] },
    { status: 'cancelled', attempts: [{ status: 200 }] },
  ]);
});

it('forgets what was settled before a day, and nothing that is pending', async () => {
  const [settled] = await store.insert([made(4, 42), made(4, 43)]);
  await store.record(settled?._id ?? '', delivered);
  const settledMs = nowMs;
  nowMs += 30 * 86_400_000;
  expect(await store.purge(settledMs)).toBe(0);
  expect(await store.purge(settledMs + 1)).toBeGreaterThan(0);
  const { rows } = await store.list(4, { page: 1, limit: 10 });
  expect(rows).toMatchObject([{ status: 'pending' }]);
});
