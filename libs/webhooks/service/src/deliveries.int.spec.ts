import { type Engines, startEngines } from '@touchline/testing/engines';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DeliveryStatus } from '@touchline/contracts/webhooks/v1/service';
import { answer, TestReceiver } from './testing/receiver.ts';
import { eventually, newId, TestSystem } from './testing/system.ts';

let engines: Engines;
let system: TestSystem;
const receiver = new TestReceiver();
/** Attempts follow one another at once, unless the receiver says otherwise. */
const quickly = (failures: number, retryAfterMs: number | undefined) =>
  failures >= 4 ? undefined : (retryAfterMs ?? 20);

beforeAll(async () => {
  engines = await startEngines();
  system = new TestSystem(engines);
  await receiver.start();
  await system.start({ delivery: { retryDelayMs: quickly }, limits: { opensAfter: 1_000 } });
});
afterAll(async () => {
  await system.close();
  await receiver.stop();
  await engines.close();
});

let path: string;
let activity: number;
beforeEach(() => {
  path = `/${newId()}`;
  activity = system.newActivity();
});
const got = () => receiver.at(path);
const events = () => got().map(({ json }) => [json.event, json.data.timeframe_id]);
const settled = (id: number, count: number) =>
  eventually(
    () => system.deliveries(activity, id),
    (found) => found.length === count && found.every(({ status }) => status !== DeliveryStatus.PENDING),
  );

describe('a webhook', () => {
  it('is called for each event of its activity, and each call is signed', async () => {
    const secretToken = 'ein-Geheimnis-mit-ü';
    const { id } = await system.webhook(activity, receiver.url(path), { secretToken });
    const frame = newId();
    await system.createTimeFrame(frame, activity);
    await system.updateTimeFrame(frame, activity);
    await system.updateActivity(activity);
    await system.deleteTimeFrame(frame, activity);
    await receiver.until(() => got().length === 4);
    expect(new Set(events())).toEqual(
      new Set([
        ['timeframe-created', frame],
        ['timeframe-updated', frame],
        ['activity-updated', undefined],
        ['timeframe-deleted', frame],
      ]),
    );
    expect(events().filter(([, timeFrame]) => timeFrame === frame)).toEqual([
      ['timeframe-created', frame],
      ['timeframe-updated', frame],
      ['timeframe-deleted', frame],
    ]);
    const verifier = new StandardWebhook(Buffer.from(secretToken, 'utf8'), { format: 'raw' });
    for (const { headers, body, json } of got()) {
      expect(Buffer.from(String(headers['x-asi-api-token']), 'latin1').toString('utf8')).toBe(secretToken);
      expect(verifier.verify(body, headers as Record<string, string>)).toEqual(json);
      expect(() => verifier.verify(`${body} `, headers as Record<string, string>)).toThrow();
      expect(json.webhook_id).toBe(id);
      expect(json.data.activity_id).toBe(activity);
    }
    expect(new Set(got().map(({ headers }) => headers['webhook-id'])).size).toBe(4);
    expect(await settled(id, 4)).toMatchObject([{ attempts: [{ status: 204 }] }, {}, {}, {}]);
  });

  it('is called for what happens while it is subscribed, and for what it asked for', async () => {
    const frame = newId();
    await system.createTimeFrame(frame, activity);
    const { id } = await system.webhook(activity, receiver.url(path), { activityEvents: false });
    await system.updateActivity(activity);
    await system.updateTimeFrame(frame, activity);
    await receiver.until(() => got().length === 1);
    await system.client.deleteWebhook({ activity, webhook: id }, system.calling);
    await system.updateTimeFrame(frame, activity);
    // Of another webhook: when it has come, the one before would have come, too.
    const other = `/${newId()}`;
    await system.webhook(activity, receiver.url(other));
    await system.updateTimeFrame(frame, activity);
    await receiver.until(() => receiver.at(other).length === 1);
    expect(events()).toEqual([['timeframe-updated', frame]]);
  });

  it('of an activity that is deleted hears of each time frame, then of the activity, in this order', async () => {
    await system.webhook(activity, receiver.url(path));
    const frames = Array.from({ length: 5 }, newId);
    for (const frame of frames) await system.createTimeFrame(frame, activity);
    await system.deleteTimeFrame(frames[1] ?? 0, activity);
    // The slowest of them holds back the last call.
    receiver.on(path, answer(500), answer(500), answer(204));
    await system.deleteActivity(activity);
    await receiver.until(() => events().some(([event]) => event === 'activity-deleted'));
    const delivered = events().slice(-5);
    expect(delivered.at(-1)).toEqual(['activity-deleted', undefined]);
    const left = frames.filter((_frame, i) => i !== 1);
    const deleted = events().filter(([event]) => event === 'timeframe-deleted');
    expect(new Set(deleted.map(([, frame]) => frame))).toEqual(new Set(frames));
    expect(left).toHaveLength(4);
  });

  it('is tested by a ping', async () => {
    const { id } = await system.webhook(activity, receiver.url(path), {
      activityEvents: false,
      timeFramesEvents: false,
    });
    const { message } = await system.client.testWebhook({ activity, webhook: id }, system.calling);
    expect(message.delivery).toMatchObject({ event: 'ping', status: DeliveryStatus.PENDING });
    await receiver.until(() => got().length === 1);
    expect(got()[0]?.json).toEqual({ event: 'ping', webhook_id: id, data: { activity_id: activity } });
    expect(await settled(id, 1)).toMatchObject([{ status: DeliveryStatus.DELIVERED }]);
  });
});

describe('a call that fails', () => {
  it('is repeated under the same webhook-id, and those of its resource wait for it', async () => {
    receiver.on(path, answer(500), answer(404), answer(200));
    const { id } = await system.webhook(activity, receiver.url(path), { activityEvents: false });
    const frame = newId();
    await system.createTimeFrame(frame, activity);
    await system.updateTimeFrame(frame, activity);
    await receiver.until(() => got().length === 4);
    expect(events().map(([event]) => event)).toEqual([
      'timeframe-created',
      'timeframe-created',
      'timeframe-created',
      'timeframe-updated',
    ]);
    const ids = got().map(({ headers }) => headers['webhook-id']);
    expect([new Set(ids.slice(0, 3)).size, new Set(ids).size]).toEqual([1, 2]);
    expect(await settled(id, 2)).toMatchObject([
      { attempts: [{ status: 200 }] },
      { attempts: [{ status: 500, error: 'answered 500' }, { status: 404 }, { status: 200 }] },
    ]);
  });

  it('is kept as failed when no attempt is left, and can be delivered again', async () => {
    receiver.on(path, answer(503));
    const { id } = await system.webhook(activity, receiver.url(path));
    await system.updateActivity(activity);
    const [failed] = await settled(id, 1);
    expect(failed).toMatchObject({ status: DeliveryStatus.FAILED });
    expect(failed?.attempts).toHaveLength(4);
    expect(failed?.nextAttempt).toBeUndefined();
    receiver.on(path, answer(200));
    const again = { activity, webhook: id, delivery: failed?.id ?? 0 };
    await system.client.redeliver(again, system.calling);
    const [delivered] = await eventually(
      () => system.deliveries(activity, id),
      ([found]) => found?.status === DeliveryStatus.DELIVERED,
    );
    expect(delivered?.attempts).toHaveLength(5);
    expect(new Set(got().map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    await expect(
      system.client.redeliver({ ...again, delivery: newId() }, system.calling),
    ).rejects.toMatchObject({ status: 'not_found' });
  });

  it.each([
    ['seconds', () => '1'],
    ['a date', () => new Date(Date.now() + 1999).toUTCString()],
  ])('is repeated when the receiver asks for it in %s', async (_form, retryAfter) => {
    receiver.on(path, (...given) => answer(429, { 'retry-after': retryAfter() })(...given), answer(200));
    await system.webhook(activity, receiver.url(path));
    await system.updateActivity(activity);
    await receiver.until(() => got().length === 2);
    const [first, second] = got();
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(950);
  });

  it('with 410 disables the webhook until it is updated', async () => {
    receiver.on(path, answer(410), answer(200));
    const url = receiver.url(path);
    const { id } = await system.webhook(activity, url, { timeFramesEvents: false });
    await system.updateActivity(activity);
    await system.updateActivity(activity);
    expect(await settled(id, 2)).toMatchObject([
      { status: DeliveryStatus.CANCELLED, attempts: [] },
      { status: DeliveryStatus.FAILED, attempts: [{ status: 410 }] },
    ]);
    await system.updateActivity(activity);
    const fields = { url, secretToken: 's3**********', activityEvents: true, timeFramesEvents: true };
    await system.client.updateWebhook({ activity, webhook: id, ...fields }, system.calling);
    const frame = newId();
    await system.createTimeFrame(frame, activity);
    await receiver.until(() => got().length === 2);
    expect(events()).toEqual([
      ['activity-updated', undefined],
      ['timeframe-created', frame],
    ]);
    expect(got()[1]?.headers['x-asi-api-token']).toBe('s3cr3t-token');
  });

  it('is not repeated when its webhook is deleted', async () => {
    receiver.on(path, answer(503, { 'retry-after': '3600' }));
    const { id } = await system.webhook(activity, receiver.url(path));
    await system.updateActivity(activity);
    await system.updateActivity(activity);
    await receiver.until(() => got().length === 1);
    await eventually(
      () => system.deliveries(activity, id),
      (found) => found.some(({ attempts }) => attempts.length === 1),
    );
    const found = await system.deliveries(activity, id);
    expect(found.map(({ status }) => status)).toEqual([DeliveryStatus.PENDING, DeliveryStatus.PENDING]);
    await system.client.deleteWebhook({ activity, webhook: id }, system.calling);
    await expect(system.deliveries(activity, id)).rejects.toMatchObject({ status: 'not_found' });
    expect(got()).toHaveLength(1);
  });

  it('tells no secret in the delivery log', async () => {
    receiver.on(path, (response, { headers }) =>
      response.writeHead(500, { 'x-echo': String(headers['x-asi-api-token']) }).end(JSON.stringify(headers)),
    );
    const { id } = await system.webhook(activity, receiver.url(path), { secretToken: 'do-not-tell' });
    await system.updateActivity(activity);
    const told = JSON.stringify(await settled(id, 1), (_key, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(told).toContain('answered 500');
    expect(told).not.toContain('do-not-tell');
  });
});

describe('a receiver that hangs', () => {
  it('delays no other, not even of the same activity', async () => {
    const hanging = Array.from({ length: 20 }, () => `/${newId()}`);
    for (const each of hanging) {
      receiver.on(each, () => undefined);
      await system.webhook(activity, receiver.url(each));
    }
    await system.webhook(activity, receiver.url(path));
    const frames = Array.from({ length: 30 }, newId);
    const started = performance.now();
    for (const frame of frames) await system.createTimeFrame(frame, activity);
    await receiver.until(() => got().length === 30);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(hanging.every((each) => receiver.at(each).length <= 4)).toBe(true);
  });
});
