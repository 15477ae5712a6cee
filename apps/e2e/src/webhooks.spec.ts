import { Webhook as StandardWebhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Api, type Bench, newBench, newManager, signIn } from './api.ts';
import { CallbackReceiver } from './receiver.ts';
import { newDataDir, removeDataDir, startSystem } from './system.ts';

const OWNED_FROM = '2024-05-01T00:00:00Z';
const receiver = new CallbackReceiver();
beforeAll(() => receiver.start());
afterAll(() => receiver.stop());

const input = (path: string) => ({
  webhook_url: receiver.url(path),
  secret_token: '563456789',
  activity_events: true,
  timeframes_events: true,
});
const frameOf = ({ activity, athlete, device }: Bench) => ({
  start_time: '2024-05-04T13:00:00Z',
  end_time: '2024-05-04T14:00:00Z',
  device,
  activity,
  athlete,
});
const activityOf = ({ manager }: Bench, name: string) => ({
  name,
  json: { sport: 'soccer' },
  json_schema: 1,
  owner: manager.id,
});
const told = (path: string) => receiver.at(path).map(({ json }) => [json.event, json.data.timeframe_id]);

describe('the webhooks of an activity', () => {
  const [url, credentials] = [inject('url'), inject('credentials')];
  let bench: Bench;
  let api: Api;
  let webhooks: string;
  beforeAll(async () => {
    bench = await newBench(url, credentials, { ownedFrom: OWNED_FROM });
    api = bench.manager.api;
    webhooks = `/api/v1/activities/${bench.activity}/webhooks/`;
  });

  it('are created, listed, retrieved, updated and deleted, the token masked but in the first answer', async () => {
    const created = await api.call('POST', webhooks, { body: input('/crud') });
    expect(created.status).toBe(200);
    const { id } = created.body;
    expect(created.body).toEqual({ id, ...input('/crud') });
    const masked = { id, ...input('/crud'), secret_token: '56*******' };
    expect(await api.ok('GET', webhooks)).toEqual({
      count: 1,
      page: 1,
      next: null,
      previous: null,
      results: [masked],
    });
    expect(await api.ok('GET', `${webhooks}${id}/`)).toEqual(masked);
    const update = { ...masked, activity_events: false };
    const updated = await api.call('PUT', `${webhooks}${id}/`, { body: update });
    expect([updated.status, updated.body]).toEqual([200, update]);
    expect((await api.call('DELETE', `${webhooks}${id}/`)).status).toBe(204);
    expect((await api.call('GET', `${webhooks}${id}/`)).status).toBe(404);
    expect((await api.ok('GET', webhooks)).results).toEqual([]);
  });

  it('tell of every wrong field', async () => {
    const wrong = { webhook_url: 'ftp://example.com/', secret_token: 7, activity_events: 'true' };
    const { status, body } = await api.call('POST', webhooks, { body: wrong });
    expect(status).toBe(400);
    expect(body).toEqual({
      webhook_url: ['Only http and https URLs are called.'],
      secret_token: ['Not a valid string.'],
      activity_events: ['Must be a valid boolean.'],
      timeframes_events: ['This field is required.'],
    });
    for (const webhook_url of ['http://10.0.0.1/', 'http://169.254.169.254/', 'http://[::1]/']) {
      const refused = await api.call('POST', webhooks, { body: { ...input('/'), webhook_url } });
      expect([refused.status, refused.body]).toEqual([
        400,
        { webhook_url: ['The URL must lead to a public address.'] },
      ]);
    }
  });

  it('are closed to other managers', async () => {
    const { id } = await api.ok('POST', webhooks, input('/closed'));
    const stranger = await newManager(url, credentials);
    for (const [method, path] of [
      ['GET', webhooks],
      ['POST', webhooks],
      ['GET', `${webhooks}${id}/`],
      ['PUT', `${webhooks}${id}/`],
      ['DELETE', `${webhooks}${id}/`],
      ['GET', `${webhooks}${id}/deliveries/`],
      ['POST', `${webhooks}${id}/test/`],
    ] as const) {
      const options = method === 'POST' || method === 'PUT' ? { body: input('/closed') } : {};
      expect((await stranger.api.call(method, path, options)).status, `${method} ${path}`).toBe(403);
      const gone = path.replace(`/${bench.activity}/`, '/4000000000/');
      expect((await stranger.api.call(method, gone, options)).status, `${method} ${gone}`).toBe(404);
    }
    await api.call('DELETE', `${webhooks}${id}/`);
  });

  it('are called, signed, with a log of the deliveries, and again on demand', async () => {
    const { id } = await api.ok('POST', webhooks, input('/called'));
    const frame = await api.ok('POST', '/api/v1/timeframes/', frameOf(bench));
    const patch = { params: { splitName: 'first half' } };
    await api.ok('PATCH', `/api/v1/timeframes/${frame.id}/`, patch);
    await api.ok('PATCH', `/api/v1/timeframes/${frame.id}/`, patch);
    await api.ok('PUT', `/api/v1/activities/${bench.activity}/`, activityOf(bench, 'Cup match'));
    await api.call('DELETE', `/api/v1/timeframes/${frame.id}/`);
    const callbacks = await receiver.until('/called', 4);
    expect(told('/called').filter(([, timeFrame]) => timeFrame)).toEqual([
      ['timeframe-created', frame.id],
      ['timeframe-updated', frame.id],
      ['timeframe-deleted', frame.id],
    ]);
    const verifier = new StandardWebhook('563456789', { format: 'raw' });
    for (const { headers, body, json } of callbacks) {
      expect(headers['x-asi-api-token']).toBe('563456789');
      expect(verifier.verify(body, headers as Record<string, string>)).toEqual(json);
    }
    const created = callbacks.find(({ json }) => json.event === 'timeframe-created');
    expect(created?.body).toBe(
      `{"event":"timeframe-created","webhook_id":${id},"data":{"activity_id":${bench.activity},"timeframe_id":${frame.id}}}`,
    );

    const deliveries = `${webhooks}${id}/deliveries/`;
    await expect
      .poll(async () =>
        (await api.ok('GET', deliveries)).results.map((row: { status: string }) => row.status),
      )
      .toEqual(['delivered', 'delivered', 'delivered', 'delivered']);
    const [row] = (await api.ok('GET', deliveries)).results;
    expect(row).toMatchObject({ next_attempt: null, attempts: [{ status: 204, error: null }] });
    const again = await api.call('POST', `${deliveries}${row.id}/redeliver/`);
    expect(again.status).toBe(202);
    const repeated = (await receiver.until('/called', 5))[4];
    expect(repeated?.headers['webhook-id']).toBe(row.message_id);
    expect((await api.call('POST', `${deliveries}4000000000/redeliver/`)).status).toBe(404);

    expect((await api.call('POST', `${webhooks}${id}/test/`)).body).toMatchObject({ event: 'ping' });
    expect((await receiver.until('/called', 6))[5]?.json.event).toBe('ping');
  });

  it('hear of a deleted activity after its time frames', async () => {
    const other = await newBench(url, credentials, { ownedFrom: OWNED_FROM });
    const path = `/api/v1/activities/${other.activity}/`;
    await other.manager.api.ok('POST', `${path}webhooks/`, input('/deleted'));
    const frame = await other.manager.api.ok('POST', '/api/v1/timeframes/', frameOf(other));
    expect((await other.manager.api.call('DELETE', path)).status).toBe(204);
    await receiver.until('/deleted', 3);
    expect(told('/deleted')).toEqual([
      ['timeframe-created', frame.id],
      ['timeframe-deleted', frame.id],
      ['activity-deleted', undefined],
    ]);
    expect((await other.manager.api.call('GET', `${path}webhooks/`)).status).toBe(404);
  });
});

describe('kill -9 of every process in the middle of a delivery', () => {
  const dataDir = newDataDir();
  afterAll(() => removeDataDir(dataDir));

  it('loses no call and keeps the webhook-id', async () => {
    let system = await startSystem(dataDir);
    const { credentials } = system;
    const bench = await newBench(system.url, credentials, { ownedFrom: OWNED_FROM });
    const path = `/api/v1/activities/${bench.activity}/`;
    await bench.manager.api.ok('POST', `${path}webhooks/`, input('/killed'));
    receiver.status = ({ path: at }) => (at === '/killed' ? undefined : 204);
    for (const name of ['A', 'B', 'C']) await bench.manager.api.ok('PUT', path, activityOf(bench, name));
    const [first] = await receiver.until('/killed', 1);
    await system.kill();
    receiver.status = () => 204;
    system = await startSystem(dataDir);
    try {
      const callbacks = await receiver.until('/killed', 4);
      const ids = callbacks.map(({ headers }) => headers['webhook-id']);
      expect(ids[1]).toBe(first?.headers['webhook-id']);
      expect(new Set(ids).size).toBe(3);
      const { manager } = bench;
      const api = await signIn(system.url, credentials, manager.username, manager.password);
      expect((await api.ok('GET', `${path}webhooks/`)).count).toBe(1);
    } finally {
      expect(await system.stop()).toBe(0);
    }
  });
});
