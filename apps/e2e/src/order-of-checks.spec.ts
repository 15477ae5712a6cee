import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { Api, type Bench, newBench, newManager, signIn } from './api.ts';

const [url, credentials] = [inject('url'), inject('credentials')];
const startTime = '2024-06-01T12:00:00Z';
let bench: Bench;
let stranger: Api;
let athlete: Api;

beforeAll(async () => {
  bench = await newBench(url, credentials, { ownedFrom: startTime });
  stranger = (await newManager(url, credentials)).api;
  const name = randomUUID();
  const password = `password-of-${name}`;
  await new Api(url).ok('POST', '/api/v1/athletes/', {
    username: name,
    email: `${name}@example.com`,
    password,
    athlete_profile: { first_name: 'Some', last_name: 'Body' },
  });
  athlete = await signIn(url, credentials, name, password);
});

const frame = (over: Record<string, unknown> = {}) => ({
  start_time: startTime,
  end_time: '2024-06-01T13:00:00+00:00',
  device: bench.device,
  activity: bench.activity,
  athlete: bench.athlete,
  ...over,
});
const post = (api: Api, path: string, body: unknown) => api.call('POST', path, { body });

describe('a request is refused for the first of its faults', () => {
  it('an unknown route is 404 and a wrong method 405 with Allow, without credentials', async () => {
    expect(await new Api(url).call('GET', '/api/v1/nothing/')).toMatchObject({
      status: 404,
      body: { detail: 'Not found' },
    });
    const answer = await new Api(url).call('DELETE', '/api/v1/athletes/');
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toContain('POST');
  });

  it('no token and a wrong token are 401 with the challenge', async () => {
    const none = await new Api(url).call('GET', '/api/v1/activities/');
    expect(none).toMatchObject({
      status: 401,
      body: { detail: 'Authentication credentials were not provided.' },
    });
    expect(none.headers.get('www-authenticate')).toContain('Bearer');
    expect(await new Api(url, 'x.y.z').call('GET', '/api/v1/activities/')).toMatchObject({
      status: 401,
      body: { detail: 'Invalid token.' },
    });
  });

  it('a body of another type is 415, and one that is no JSON 400', async () => {
    const { api } = bench.manager;
    const text = await api.call('POST', '/api/v1/activities/', {
      raw: '{}',
      headers: { 'content-type': 'text/plain' },
    });
    expect(text.status).toBe(415);
    const broken = await api.call('POST', '/api/v1/activities/', {
      raw: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(broken.status).toBe(400);
    expect(broken.body.detail).toMatch(/^JSON parse error - /);
  });

  it('a missing resource is 404 whatever the role and the fields, another’s is 403 whatever the fields', async () => {
    for (const api of [bench.manager.api, stranger, athlete]) {
      const answer = await api.call('PUT', '/api/v1/activities/999999/', { body: { name: 5 } });
      expect(answer).toMatchObject({ status: 404, body: { detail: 'Not found' } });
    }
    const answer = await stranger.call('PUT', `/api/v1/activities/${bench.activity}/`, { body: { name: 5 } });
    expect(answer).toMatchObject({
      status: 403,
      body: { detail: 'You do not have permission to perform this action.' },
    });
    expect((await bench.manager.api.call('GET', '/api/v1/activities/abc/')).status).toBe(404);
  });

  it('the role comes before the fields', async () => {
    expect((await post(athlete, '/api/v1/timeframes/', {})).status).toBe(403);
  });

  it('all faulty fields are reported at once', async () => {
    const { status, body } = await post(bench.manager.api, '/api/v1/timeframes/', {
      start_time: '2024-06-01T12:00:00',
      device: 'seven',
      activity: 999_999,
      athlete: bench.athlete,
    });
    expect(status).toBe(400);
    expect(Object.keys(body).sort()).toEqual(['activity', 'device', 'end_time', 'start_time']);
  });

  it('what the body names is judged after its fields, and overlap last', async () => {
    const { api } = bench.manager;
    const other = await newBench(url, credentials, { ownedFrom: startTime });
    expect((await post(api, '/api/v1/timeframes/', frame({ activity: other.activity }))).status).toBe(403);
    expect((await post(api, '/api/v1/timeframes/', frame({ athlete: other.athlete }))).status).toBe(403);
    expect((await post(api, '/api/v1/timeframes/', frame({ device: other.device }))).status).toBe(403);
    expect(
      (await post(api, '/api/v1/timeframes/', frame({ start_time: '2024-06-01T11:59:59.999Z' }))).status,
    ).toBe(403);
    const second = await api.ok('POST', '/api/v1/athletes/create-managed/', {
      managed_by: bench.manager.id,
      athlete_profile: { first_name: 'Second', last_name: 'Athlete' },
    });
    expect((await post(api, '/api/v1/timeframes/', frame())).status).toBe(201);
    const overlap = await post(api, '/api/v1/timeframes/', frame({ athlete: second.id }));
    expect(overlap.status).toBe(400);
    expect(Object.keys(overlap.body)).toEqual(['device']);
  });
});

describe('every write that was answered shows in the next read', () => {
  it('of the lists of all contexts', async () => {
    const { api, id } = await newManager(url, credentials);
    for (let i = 0; i < 10; i += 1) {
      const created = await api.ok('POST', '/api/v1/athletes/create-managed/', {
        managed_by: id,
        athlete_profile: { first_name: `Number ${i}`, last_name: 'Reader' },
      });
      const { results } = await api.ok('GET', '/api/v1/athletes/');
      expect(results.map((athlete: { id: number }) => athlete.id)).toContain(created.id);
      const activity = await api.ok('POST', '/api/v1/activities/', {
        name: `Activity ${i}`,
        json: { sport: 'running' },
        json_schema: 3,
        owner: id,
      });
      expect((await api.ok('GET', '/api/v1/activities/')).count).toBe(i + 1);
      expect((await api.ok('GET', `/api/v1/activities/${activity.id}/`)).name).toBe(`Activity ${i}`);
    }
  });

  it('of deletions', async () => {
    const { api, id } = await newManager(url, credentials);
    const body = { name: 'Gone', json: { sport: 'running' }, json_schema: 3, owner: id };
    const activity = await api.ok('POST', '/api/v1/activities/', body);
    expect((await api.call('DELETE', `/api/v1/activities/${activity.id}/`)).status).toBe(204);
    expect((await api.call('GET', `/api/v1/activities/${activity.id}/`)).status).toBe(404);
    expect((await api.ok('GET', '/api/v1/activities/')).results).toEqual([]);
  });
});

describe('computed data', () => {
  it('is the document of an empty recording before there is any', async () => {
    const fresh = await newBench(url, credentials, { ownedFrom: startTime });
    const { api } = fresh.manager;
    const { id } = await api.ok('POST', '/api/v1/timeframes/', {
      start_time: startTime,
      end_time: '2024-06-01T13:00:00Z',
      device: fresh.device,
      activity: fresh.activity,
      athlete: fresh.athlete,
    });
    const document = await api.ok('GET', `/api/v1/timeframes/${id}/computed/`);
    expect(document).toMatchObject({ first_timestamp: null, total_distance: 0, hr_max: 0, hr_plot: 0 });
    expect(document.intensity).toEqual({
      distance: [],
      start_time: Date.parse(startTime),
      span: 300,
      end_time: Date.parse('2024-06-01T13:00:00Z'),
    });
    expect(document.time_per_speed_ranges).toHaveLength(7);
    const [entry] = await api.ok('GET', `/api/v1/activities/${fresh.activity}/computed/`);
    expect(entry).toMatchObject({ timeframe: id, data: { total_distance: 0 } });
    expect((await stranger.call('GET', `/api/v1/timeframes/${id}/computed/`)).status).toBe(403);
    expect((await api.call('GET', '/api/v1/timeframes/999999/computed/')).status).toBe(404);
  });
});
