import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { Api, type Bench, newBench, upToDate } from './api.ts';

const [url, credentials] = [inject('url'), inject('credentials')];
const start = Date.UTC(2024, 4, 1, 12);
const startTime = new Date(start).toISOString();
let bench: Bench;
let timeFrame: number;

const ten = (second: number) => Array.from({ length: 10 }, (_, i) => start + second * 1000 + i * 100);
const frame = (second: number) => ({
  gnss: {
    timestamp: ten(second),
    latitude: ten(second).map((_, i) => 46.5 + (second * 10 + i) * 1e-6),
    longitude: ten(second).map(() => 6.6),
    speed: ten(second).map(() => 2.5),
    altitude: ten(second).map(() => null),
  },
  ecg: { timestamp: start + second * 1000, hr: 140 },
});

beforeAll(async () => {
  bench = await newBench(url, credentials, { ownedFrom: startTime });
  const { api } = bench.manager;
  const created = await api.ok('POST', '/api/v1/timeframes/', {
    start_time: startTime,
    end_time: new Date(start + 60_000).toISOString(),
    params: { splitName: 'first half' },
    device: bench.device,
    activity: bench.activity,
    athlete: bench.athlete,
  });
  timeFrame = created.id;
  const device = new Api(url, bench.ingestToken);
  await device.ok(
    'POST',
    `/api/v1/devices/${bench.device}/preprocessed/`,
    Array.from({ length: 30 }, (_, s) => frame(s)),
  );
  await upToDate(api, timeFrame);
});

const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();

describe('an importer with its credentials in the form', () => {
  let api: Api;

  it('gets a token', async () => {
    const { status, body } = await new Api(url).call('POST', '/oauth2/token/', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      raw: form({
        username: bench.manager.username,
        password: bench.manager.password,
        client_id: credentials.client_id,
        client_secret: credentials.client_secret,
        scope: 'all',
        grant_type: 'password',
      }),
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.any(String),
      expires_in: 36_000,
      token_type: 'Bearer',
      scope: 'all',
      refresh_token: expect.any(String),
    });
    api = new Api(url, body.access_token);
  });

  const get = (path: string, redirect: 'manual' | 'follow' = 'manual') =>
    api.call('GET', path, { headers: { 'content-type': 'application/json' }, redirect });

  it('reads bare arrays of athletes and activities below /api/', async () => {
    const athletes = await get('/api/athletes/');
    expect(athletes.status).toBe(200);
    expect(athletes.body).toEqual([
      expect.objectContaining({
        id: bench.athlete,
        athlete_profile: expect.objectContaining({ first_name: 'Ada' }),
      }),
    ]);
    expect((await get('/api/activities/')).body.map(({ id }: { id: number }) => id)).toEqual([
      bench.activity,
    ]);
  });

  it('follows the redirect of a list without its slash and reads the time frames', async () => {
    const answer = await get(`/api/timeframes?&activity=${bench.activity}`);
    expect(answer.status).toBe(301);
    const { status, body } = await get(`/api/timeframes?&activity=${bench.activity}`, 'follow');
    expect(status).toBe(200);
    expect(body).toEqual([
      expect.objectContaining({
        id: timeFrame,
        athlete: bench.athlete,
        start_time: '2024-05-01T12:00:00+0000',
        end_time: '2024-05-01T12:01:00+0000',
        params: { splitName: 'first half' },
      }),
    ]);
  });

  it('iterates over the keys of computed data', async () => {
    const { status, body } = await get(`/api/timeframes/${timeFrame}/computed/`);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(
      expect.arrayContaining(['total_distance', 'max_speed', 'time_per_speed_ranges']),
    );
    expect(body.max_speed).toBe(2.5);
  });
});

describe("an account tool of the same club's", () => {
  it('reads the account and creates athletes', async () => {
    const { api } = bench.manager;
    const account = await api.ok('GET', '/api/account/');
    expect(account.manager_profile.id).toBe(bench.manager.id);
    expect(account.email).toMatch(/@example\.com$/);
    const managed = await api.call('POST', '/api/athletes/create-managed/', {
      body: {
        managed_by: account.manager_profile.id,
        athlete_profile: { first_name: 'Usain', last_name: 'Bolt', height: 195, gender: 'M' },
      },
    });
    expect(managed.status).toBe(201);
    expect(managed.body.athlete_profile.height).toBe(1.95);
    expect(managed.body.username).toMatch(/^MANAGED-/);
    expect('email' in managed.body).toBe(false);
    const name = randomUUID();
    const own = await api.call('POST', '/api/athletes/', {
      body: {
        username: name,
        email: `${name}@example.com`,
        athlete_profile: { first_name: 'Own', last_name: 'Account' },
      },
    });
    expect(own.status).toBe(201);
    expect(own.body.managed_by).toBeNull();
  });
});

describe('a dashboard with HTTP Basic client credentials', () => {
  it('finds its devices and reads what they recorded, page by page', async () => {
    const basic = Buffer.from(`${credentials.client_id}:${credentials.client_secret}`).toString('base64');
    const token = await new Api(url).call('POST', '/oauth2/token/', {
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: `Basic ${basic}` },
      raw: form({
        grant_type: 'password',
        username: bench.manager.username,
        password: bench.manager.password,
      }),
    });
    expect(token.status).toBe(200);
    const api = new Api(url, token.body.access_token);
    const devices = await api.call('GET', '/v1/devices/?current=True');
    expect(devices.body.results.map(({ id }: { id: number }) => id)).toEqual([bench.device]);
    const window = `start=2024-05-01T12:00:00%2B0000&stop=2024-05-01T12:01:00%2B0000`;
    const rows: Record<string, unknown>[] = [];
    let page: number | null = 1;
    while (page !== null) {
      const { status, body } = await api.call(
        'GET',
        `/v1/devices/${bench.device}/preprocessed/?${window}&page=${page}&limit=128`,
      );
      expect(status).toBe(200);
      rows.push(...body.results);
      page = body.next;
    }
    expect(rows).toHaveLength(300);
    expect(rows[0]).toMatchObject({
      'gnss.timestamp': start,
      'gnss.latitude': 46.5,
      'gnss.longitude': 6.6,
      'gnss.speed': 2.5,
      'gnss.altitude': null,
      'ecg.timestamp': start,
      'ecg.hr': 140,
      'pwr.timestamp': null,
    });
    expect(rows[1]?.['ecg.timestamp']).toBeNull();
  });
});
