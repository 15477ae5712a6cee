import { randomUUID } from 'node:crypto';
import { DeliverySchema, DeliveryStatus } from '@touchline/contracts/webhooks/v1/service';
import { decodeMessage } from '@touchline/event-log';
import { connectMongo } from '@touchline/read-models';
import { type Engines, startEngines } from '@touchline/testing/engines';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answer, TestReceiver } from './testing/receiver.ts';
import { eventually, newId, TestSystem } from './testing/system.ts';

let engines: Engines;
let system: TestSystem;
let receiver: TestReceiver;
const lease = { renewEveryMs: 200, staleAfterMs: 600, pollEveryMs: 50 };

beforeAll(async () => {
  engines = await startEngines();
});
afterAll(() => engines.close());

let path: string;
let activity: number;
beforeEach(async () => {
  receiver = await new TestReceiver().start();
  system = new TestSystem(engines);
  path = `/${newId()}`;
  activity = system.newActivity();
  return async () => {
    await system.close();
    await receiver.stop();
  };
});
const got = () => receiver.at(path);
const idsOf = () => got().map(({ headers }) => String(headers['webhook-id']));

describe('deliveries', () => {
  it('go on where they were when the service starts again', async () => {
    receiver.on(path, answer(503, { 'retry-after': '1' }), answer(200));
    const first = await system.start();
    const { id } = await system.webhook(activity, receiver.url(path));
    await system.updateActivity(activity);
    await system.updateActivity(activity);
    await receiver.until(() => got().length === 1);
    await eventually(
      () => system.deliveries(activity, id),
      (found) => found.some(({ attempts }) => attempts.length === 1),
    );
    await system.stop(first);
    await system.updateActivity(activity);
    await system.start();
    await receiver.until(() => got().length === 4);
    const ids = idsOf();
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(3);
  });

  it('break off what is under way when the service stops, and make it again', async () => {
    receiver.on(path, () => undefined, answer(200));
    const first = await system.start();
    const { id } = await system.webhook(activity, receiver.url(path));
    await system.updateActivity(activity);
    await receiver.until(() => got().length === 1);
    await system.stop(first);
    await system.start();
    await receiver.until(() => got().length === 2);
    const [delivery] = await eventually(
      () => system.deliveries(activity, id),
      ([found]) => found?.status === DeliveryStatus.DELIVERED,
    );
    expect(delivery?.attempts).toHaveLength(1);
    expect(new Set(idsOf()).size).toBe(1);
  });

  it('are made by one of two instances, and by the other when that one ends', async () => {
    const [one, other] = [
      await system.start({ delivery: { lease } }),
      await system.start({ delivery: { lease } }),
    ];
    const { id } = await system.webhook(activity, receiver.url(path));
    for (let i = 0; i < 20; i += 1) await system.updateActivity(activity);
    await receiver.until(() => got().length === 20);
    // Asked of the instance that may not be the one that delivers.
    await system.client.testWebhook({ activity, webhook: id }, system.calling);
    await receiver.until(() => got().length === 21);
    await system.stop(one);
    for (let i = 0; i < 20; i += 1) await system.updateActivity(activity);
    await receiver.until(() => got().length === 41);
    expect(new Set(idsOf()).size).toBe(41);
    expect(other.port).toBeGreaterThan(0);
  });

  it('are not made again when the read models are thrown away', async () => {
    const first = await system.start();
    await system.webhook(activity, receiver.url(path));
    await system.updateActivity(activity);
    await receiver.until(() => got().length === 1);
    await system.stop(first);
    const mongo = connectMongo(engines.mongodbUrl);
    await mongo.readModels('webhooks').dropDatabase();
    await mongo.close();
    await system.start();
    await system.updateActivity(activity);
    await receiver.until(() => got().length === 2);
    expect(new Set(idsOf()).size).toBe(2);
  });

  it('are not made twice when a batch of the log is read again', async () => {
    const first = await system.start();
    const frame = newId();
    await system.webhook(activity, receiver.url(path));
    await system.createTimeFrame(frame, activity);
    await system.deleteActivity(activity);
    await receiver.until(() => got().length === 3);
    await eventually(
      async () => idsOf(),
      (ids) => ids.length === 3,
    );
    await system.stop(first);
    const mongo = connectMongo(engines.mongodbUrl);
    await mongo.state('webhooks').collection('checkpoints').deleteMany({});
    await mongo.close();
    const other = `/${newId()}`;
    const elsewhere = system.newActivity();
    await system.start();
    await system.webhook(elsewhere, receiver.url(other));
    await system.updateActivity(elsewhere);
    await receiver.until(() => receiver.at(other).length === 1);
    expect(got().map(({ json }) => json.event)).toEqual([
      'timeframe-created',
      'timeframe-deleted',
      'activity-deleted',
    ]);
  });

  it('that wait are not kept waiting by a clock that was set back', async () => {
    let offsetMs = 86_400_000;
    const now = () => Date.now() + offsetMs;
    receiver.on(path, answer(503, { 'retry-after': '1' }), answer(200));
    const first = await system.start({ delivery: { now } });
    const { id } = await system.webhook(activity, receiver.url(path));
    await system.updateActivity(activity);
    await eventually(
      () => system.deliveries(activity, id),
      ([found]) => found?.attempts.length === 1,
    );
    // To a day before, while it runs and over a restart.
    offsetMs = 0;
    await system.stop(first);
    await system.start({ delivery: { now } });
    await receiver.until(() => got().length === 2);
  });

  it('come once each over a clock that is put forward, and back again', async () => {
    let offsetMs = 0;
    const now = () => Date.now() + offsetMs;
    receiver.on(path, answer(503, { 'retry-after': '3600' }), answer(200));
    const first = await system.start({ delivery: { now } });
    const { id } = await system.webhook(activity, receiver.url(path));
    await system.updateActivity(activity);
    await eventually(
      () => system.deliveries(activity, id),
      ([found]) => found?.attempts.length === 1,
    );
    // What is due in an hour is overdue by a day, for whoever takes it up.
    offsetMs = 86_400_000;
    await system.stop(first);
    const second = await system.start({ delivery: { now } });
    await receiver.until(() => got().length === 2);
    await system.updateActivity(activity);
    await receiver.until(() => got().length === 3);
    offsetMs = 0;
    await system.updateActivity(activity);
    await receiver.until(() => got().length === 4);
    await eventually(
      () => system.deliveries(activity, id),
      (found) => found.length === 3 && found.every(({ status }) => status === DeliveryStatus.DELIVERED),
    );
    await system.stop(second);
    await system.start({ delivery: { now } });
    await system.updateActivity(activity);
    await receiver.until(() => got().length === 5);
    const ids = idsOf();
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(4);
  });

  it('lose their key when nothing is left to be sent', async () => {
    await system.start();
    const { id: deleted } = await system.webhook(activity, receiver.url('/other'));
    const { id: ended } = await system.webhook(activity, receiver.url(path));
    await system.client.deleteWebhook({ activity, webhook: deleted }, system.calling);
    await system.deleteActivity(activity);
    await receiver.until(() => got().length === 1);
    expect(got()[0]?.headers['x-asi-api-token']).toBe('s3cr3t-token');
    const mongo = connectMongo(engines.mongodbUrl);
    const keys = mongo.state('webhooks').collection<{ _id: string; destroyed?: true }>('keys');
    const destroyed = await eventually(
      () => keys.find({ _id: { $in: [`webhook-${deleted}`, `webhook-${ended}`] } }).toArray(),
      (found) => found.every((key) => key.destroyed),
    );
    expect(destroyed).toHaveLength(2);
    await mongo.close();
  });
});

it('10 000 queued deliveries drain in order after an outage', { timeout: 240_000 }, async () => {
  const count = 10_000;
  const frames = Array.from({ length: 100 }, newId);
  let isUp = false;
  let delivered = 0;
  receiver.on(path, (...given) => {
    if (isUp) delivered += 1;
    answer(isUp ? 200 : 503)(...given);
  });
  const instance = `test-${randomUUID()}`;
  await system.start({
    instance,
    limits: {
      opensAfter: 3,
      openMs: 500,
      longestOpenMs: 500,
      concurrency: 20,
      ratePerS: 5_000,
      burst: 5_000,
    },
    delivery: { retryDelayMs: () => 300 },
  });
  const { id } = await system.webhook(activity, receiver.url(path));
  for (let i = 0; i < count / frames.length; i += 1) {
    await Promise.all(
      frames.map((frame) => (i === 0 ? system.createTimeFrame : system.updateTimeFrame)(frame, activity)),
    );
  }
  const queued = await eventually(
    () =>
      system.client
        .listDeliveries({ activity, webhook: id, options: { page: 1, limit: 1 } }, system.calling)
        [Symbol.asyncIterator]()
        .next(),
    (first) => !first.done && first.value.count === count,
  );
  expect(queued.done).toBe(false);
  const refused = got().length;
  isUp = true;
  await receiver.until(() => delivered >= count);
  const order = new Map<number, string[]>();
  for (const { json, headers } of got().slice(refused)) {
    const seen = order.get(json.data.timeframe_id) ?? [];
    seen.push(String(headers['webhook-id']));
    order.set(json.data.timeframe_id, seen);
  }
  // Newest first, as they lie in the log.
  const all = [];
  for (let page = 1; page <= 4; page += 1) {
    const options = { page, limit: 3000 };
    for await (const { rows } of system.client.listDeliveries(
      { activity, webhook: id, options },
      system.calling,
    )) {
      all.push(...rows.map((data) => decodeMessage(DeliverySchema, { data })));
    }
  }
  expect(all).toHaveLength(count);
  for (const frame of frames) {
    const expected = all.filter(({ timeFrame }) => timeFrame === frame).map(({ webhookId }) => webhookId);
    expect(order.get(frame)).toEqual(expected.reverse());
  }
});
