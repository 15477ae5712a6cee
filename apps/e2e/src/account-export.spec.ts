import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { Api, type Bench, newBench, newManager, signIn, signInAdmin, upToDate } from './api.ts';
import { framesFrom } from './history.ts';

const [url, credentials] = [inject('url'), inject('credentials')];
const START_MS = Date.UTC(2024, 4, 4, 13);
const iso = (seconds: number): string => new Date(START_MS + seconds * 1000).toISOString();
const path = '/api/v1/account/export/';

interface Own {
  readonly id: number;
  readonly username: string;
  readonly password: string;
  readonly api: Api;
}

async function newAthlete(): Promise<Own> {
  const username = `athlete-${randomUUID()}`;
  const password = `password-of-${randomUUID()}`;
  const account = { username, email: `${randomUUID()}@example.com` };
  const profile = { first_name: 'Ona', last_name: 'Own', birth_date: '2001-02-03' };
  const { id } = await new Api(url).ok('POST', '/api/v1/athletes/', {
    ...account,
    password,
    athlete_profile: profile,
  });
  const api = await signIn(url, credentials, username, password);
  await api.ok('PUT', `/api/v1/athletes/${id}/`, { ...account, athlete_profile: { ...profile, weight: 70 } });
  return { id, username, password, api };
}

let bench: Bench;
let athlete: Own;
let frame: { id: number };

async function grant(own: Own): Promise<void> {
  for (const permission of ['READ', 'WRITE'])
    await own.api.ok('POST', `/api/v1/athletes/${own.id}/permissions/${bench.manager.id}/`, {
      permission,
      start_time: iso(-3600),
    });
}

const wears = (who: number, from: number, to: number) =>
  bench.manager.api.ok('POST', '/api/v1/timeframes/', {
    start_time: iso(from),
    end_time: iso(to),
    params: { splitName: 'first half' },
    device: bench.device,
    activity: bench.activity,
    athlete: who,
  });

beforeAll(async () => {
  bench = await newBench(url, credentials, { ownedFrom: iso(-3600) });
  athlete = await newAthlete();
  await grant(athlete);
  frame = await wears(athlete.id, 0, 60);
  await wears(bench.athlete, 60, 120);
  await new Api(url, bench.ingestToken).ok(
    'POST',
    `/api/v1/devices/${bench.device}/preprocessed/`,
    framesFrom(START_MS - 10_000, 200),
  );
});

const samples = (from: number, to: number) =>
  bench.manager.api.ok(
    'GET',
    `/api/v1/devices/${bench.device}/preprocessed/?start=${iso(from)}&stop=${iso(to)}`,
  );

describe('the export of an account', () => {
  it('holds all that is stored about the athlete and nothing of others', async () => {
    const all = await athlete.api.ok('GET', path);
    const computed = await upToDate(bench.manager.api, frame.id);
    expect(all.account).toMatchObject({ id: athlete.id, role: 'ATHLETE', athlete_profile: { weight: 70 } });
    expect(all.history).toMatchObject([
      { event: 'AthleteCreated', username: athlete.username, athlete_profile: { weight: null } },
      { event: 'AthleteProfileChanged', athlete_profile: { weight: 70 } },
    ]);
    expect(JSON.stringify(all)).not.toContain('argon2');
    expect(all.sessions).toMatchObject([{ client_id: credentials.client_id, revoked: false }]);
    const permissions = all.permissions.map((one: { permission: string }) => one.permission);
    expect(permissions.sort()).toEqual(['READ', 'WRITE']);
    expect(all.timeframes).toHaveLength(1);
    expect(all.timeframes[0]).toMatchObject({
      id: frame.id,
      device: bench.device,
      athlete: athlete.id,
      params: { splitName: 'first half' },
      computed: { total_distance: computed.total_distance },
    });
    // 60 s with five positions each, the heart rate beside the first of them.
    expect(all.samples).toHaveLength(300);
    for (const { device, 'gnss.timestamp': ms } of all.samples) {
      expect(device).toBe(bench.device);
      expect(ms >= START_MS && ms < START_MS + 60_000).toBe(true);
    }
  });

  it('tells who read what when, each once within the hour', async () => {
    const { manager } = bench;
    const admin = await signInAdmin(url, credentials);
    await upToDate(manager.api, frame.id);
    await upToDate(manager.api, frame.id);
    await manager.api.ok('GET', `/api/v1/activities/${bench.activity}/computed/`);
    await manager.api.ok('GET', `/api/v1/athletes/${athlete.id}/`);
    await manager.api.ok('GET', '/api/v1/athletes/');
    await admin.ok('GET', `/api/v1/athletes/${athlete.id}/`);
    await athlete.api.ok('GET', `/api/v1/athletes/${athlete.id}/`);
    // The one before he wore it, the other from when another one did.
    await samples(-10, 0);
    await samples(50, 70);
    const stranger = await newManager(url, credentials);
    await stranger.api.call('GET', `/api/v1/athletes/${athlete.id}/`);
    const { reads } = await athlete.api.ok('GET', path);
    const times = reads.map(({ at }: { at: string }) => Date.parse(at));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(Math.abs(Date.now() - times.at(-1)!)).toBeLessThan(3_600_000);
    const told = new Map<string, number>();
    for (const { reader, what, timeframe, device } of reads) {
      const entry = [reader, what, timeframe ?? '-', device ?? '-'].join(' ');
      told.set(entry, (told.get(entry) ?? 0) + 1);
    }
    const { id: adminId } = await admin.ok('GET', '/api/v1/account/');
    expect([...told.keys()].sort()).toEqual(
      [
        `${manager.id} athlete_profile - -`,
        `${adminId} athlete_profile - -`,
        `${manager.id} computed_data ${frame.id} -`,
        `${manager.id} samples - ${bench.device}`,
      ].sort(),
    );
    // Two where an hour ended meanwhile.
    for (const count of told.values()) expect(count).toBeLessThanOrEqual(2);
  });

  it('tells who was shown him in the place of his id', async () => {
    const shown = await newAthlete();
    await grant(shown);
    const { id } = await wears(shown.id, 200, 260);
    const readers = async () =>
      (await shown.api.ok('GET', path)).reads.map(({ reader }: { reader: number }) => reader);
    expect(await readers()).toEqual([]);
    await bench.manager.api.ok('GET', `/api/v1/timeframes/${id}/?with_athlete=true`);
    expect(await readers()).toEqual([bench.manager.id]);
  });

  it('is for athletes alone, and ends with the account', async () => {
    const admin = await signInAdmin(url, credentials);
    for (const api of [admin, bench.manager.api]) expect((await api.call('GET', path)).status).toBe(403);
    expect((await new Api(url).call('GET', path)).status).toBe(401);
    const gone = await newAthlete();
    await gone.api.ok('GET', path);
    await gone.api.ok('DELETE', `/api/v1/athletes/${gone.id}/`);
    expect((await gone.api.call('GET', path)).status).toBe(401);
  });
});
