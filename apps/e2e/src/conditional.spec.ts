import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { Api, type Bench, newBench, upToDate } from './api.ts';

const [url, credentials] = [inject('url'), inject('credentials')];
let bench: Bench;
let path: string;
let frame: number;

beforeAll(async () => {
  bench = await newBench(url, credentials, { ownedFrom: '2024-06-01T12:00:00Z' });
  const { id } = await bench.manager.api.ok('POST', '/api/v1/timeframes/', {
    start_time: '2024-06-01T12:00:00Z',
    end_time: '2024-06-01T13:00:00Z',
    device: bench.device,
    activity: bench.activity,
    athlete: bench.athlete,
  });
  frame = id;
  path = `/api/v1/timeframes/${id}/`;
});

describe('a change with If-Match', () => {
  it('is made while the resource is as it was read, and refused with 412 once it has changed', async () => {
    const { api } = bench.manager;
    const read = await api.call('GET', path);
    const tag = read.headers.get('etag') ?? '';
    expect(tag).not.toBe('');
    const change = (params: unknown) =>
      api.call('PATCH', path, { body: { params }, headers: { 'if-match': tag } });
    expect((await change({ splitName: 'a' })).status).toBe(200);
    expect((await change({ splitName: 'b' })).status).toBe(412);
    expect((await api.ok('GET', path)).params).toEqual({ splitName: 'a' });
    expect((await api.call('DELETE', path, { headers: { 'if-match': tag } })).status).toBe(412);
  });

  it('is refused after 404 and 403 and before the fields', async () => {
    const headers = { 'if-match': '"none of ours"' };
    const { api } = bench.manager;
    const other = await newBench(url, credentials, { ownedFrom: '2024-06-01T12:00:00Z' });
    expect((await api.call('PATCH', '/api/v1/timeframes/999999/', { body: {}, headers })).status).toBe(404);
    expect((await other.manager.api.call('PATCH', path, { body: {}, headers })).status).toBe(403);
    expect((await api.call('PATCH', path, { body: { device: 'x' }, headers })).status).toBe(412);
  });

  it('gets 304 without a body for a read of what has not changed', async () => {
    const { api } = bench.manager;
    await upToDate(api, frame);
    for (const read of [
      path,
      `${path}computed/`,
      `/api/v1/activities/${bench.activity}/computed/`,
      '/api/v1/account/',
    ]) {
      const tag = (await api.call('GET', read)).headers.get('etag') ?? '';
      const again = await api.call('GET', read, { headers: { 'if-none-match': tag } });
      expect([read, again.status, again.body]).toEqual([read, 304, '']);
      expect((await api.call('GET', read, { headers: { 'if-none-match': '"another"' } })).status).toBe(200);
    }
  });
});

it('concurrent partial updates of one time frame lose nothing', async () => {
  const { api } = bench.manager;
  const answers = await Promise.all([
    api.call('PATCH', path, { body: { end_time: '2024-06-01T13:30:00Z' } }),
    api.call('PATCH', path, { body: { params: { splitName: 'concurrent' } } }),
    api.call('PATCH', path, { body: { start_time: '2024-06-01T12:15:00Z' } }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(await api.ok('GET', path)).toMatchObject({
    start_time: '2024-06-01T12:15:00+0000',
    end_time: '2024-06-01T13:30:00+0000',
    params: { splitName: 'concurrent' },
  });
});

describe('a POST with an Idempotency-Key', () => {
  it('creates once and gets its first answer again, also from many at once', async () => {
    const { api, id } = bench.manager;
    const key = randomUUID();
    const name = `Once ${key}`;
    const create = (over: Record<string, unknown> = {}) =>
      api.call('POST', '/api/v1/activities/', {
        body: { name, json: { sport: 'running' }, json_schema: 3, owner: id, ...over },
        headers: { 'idempotency-key': key },
      });
    const atOnce = await Promise.all([create(), create(), create()]);
    for (const { status, headers } of atOnce) {
      expect([201, 409]).toContain(status);
      if (status === 409) expect(headers.get('retry-after')).toMatch(/^\d+$/);
    }
    const first = atOnce.find(({ status }) => status === 201);
    const again = await create();
    expect(again).toMatchObject({ status: 201, body: first?.body });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await create({ name: 'Other' })).status).toBe(422);
    expect((await api.ok('GET', `/api/v1/activities/?name=${encodeURIComponent(name)}`)).count).toBe(1);
  });

  it('is another one under the same key of somebody else', async () => {
    const key = randomUUID();
    const signUp = (name: string) =>
      new Api(url).call('POST', '/api/v1/athletes/', {
        body: {
          username: name,
          email: `${name}@example.com`,
          athlete_profile: { first_name: 'A', last_name: 'B' },
        },
        headers: { 'idempotency-key': key },
      });
    const name = randomUUID();
    expect((await signUp(name)).status).toBe(201);
    expect((await signUp(name)).status).toBe(201);
    const { api, id } = bench.manager;
    const body = { name: 'Same key', json: { sport: 'running' }, json_schema: 3, owner: id };
    const headers = { 'idempotency-key': key };
    expect((await api.call('POST', '/api/v1/activities/', { body, headers })).status).toBe(201);
  });
});
