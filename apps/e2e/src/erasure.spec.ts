import { EventStoreDBClient } from '@eventstore/db-client';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api, type Bench, newBench, signInAdmin, upToDate } from './api.ts';
import { runCommand } from './commands.ts';
import { eventTypes, readModels, runFile } from './engines.ts';
import { framesFrom } from './history.ts';
import { newDataDir, removeDataDir, type RunningSystem, startSystem } from './system.ts';

const START_MS = Date.UTC(2024, 4, 4, 13);
const iso = (seconds: number): string => new Date(START_MS + seconds * 1000).toISOString();
const dataDir = newDataDir();
let system: RunningSystem;
let admin: Api;
let bench: Bench;
beforeAll(async () => {
  system = await startSystem(dataDir);
  admin = await signInAdmin(system.url, system.credentials);
  bench = await newBench(system.url, system.credentials, { ownedFrom: iso(-3600) });
});
afterAll(async () => {
  await system?.stop();
  removeDataDir(dataDir);
});

const wears = (athlete: number, from: number, to: number) =>
  bench.manager.api.ok('POST', '/api/v1/timeframes/', {
    start_time: iso(from),
    end_time: iso(to),
    device: bench.device,
    activity: bench.activity,
    athlete,
  });

const ingest = (from: number, seconds: number) =>
  new Api(system.url, bench.ingestToken).ok(
    'POST',
    `/api/v1/devices/${bench.device}/preprocessed/`,
    framesFrom(START_MS + from * 1000, seconds),
  );

/** Seconds of the heart rates that can be read. */
async function heartRates(): Promise<number[]> {
  const window = `start=${iso(-600)}&stop=${iso(3600)}&limit=25000`;
  const { results } = await bench.manager.api.ok(
    'GET',
    `/api/v1/devices/${bench.device}/preprocessed/?${window}`,
  );
  return (results as { 'ecg.timestamp': number | null }[]).flatMap(({ 'ecg.timestamp': ms }) =>
    ms === null ? [] : [(ms - START_MS) / 1000],
  );
}

const ready = async () => (await new Api(system.url).call('GET', '/readyz')).status;

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** What the state says of the keys of the day, in their order. */
async function dayKeys(): Promise<Record<string, unknown>[]> {
  const client = new MongoClient(runFile(dataDir).mongodb_url);
  try {
    return await client
      .db('telemetry-state')
      .collection<{ _id: string }>('keys')
      .find({ _id: { $gte: `telemetry-${bench.device}-`, $lt: `telemetry-${bench.device}.` } })
      .sort({ _id: 1 })
      .toArray();
  } finally {
    await client.close();
  }
}

async function dayEvents(): Promise<string[]> {
  const client = EventStoreDBClient.connectionString(runFile(dataDir).eventstore_url);
  const types: string[] = [];
  try {
    for await (const { event } of client.readStream(`telemetry-${bench.device}-20240504`)) {
      if (event) types.push(event.type);
    }
  } finally {
    await client.dispose();
  }
  return types;
}

describe('the deletion of an athlete whose device another one wore the same day', () => {
  let first: { id: number };
  let second: { id: number };
  let before: unknown;

  it('erases his samples, also when the process that does it is killed, and changes nothing of the other', async () => {
    const { api } = bench.manager;
    const other = await api.ok('POST', '/api/v1/athletes/create-managed/', {
      managed_by: bench.manager.id,
      athlete_profile: { first_name: 'Bea', last_name: 'Athlete' },
    });
    first = await wears(bench.athlete, 0, 60);
    second = await wears(other.id, 60, 120);
    // One request spans both.
    await ingest(-10, 100);
    await ingest(90, 60);
    expect((await upToDate(api, first.id)).total_distance).toBeGreaterThan(0);
    before = await upToDate(api, second.id);
    await api.ok('DELETE', `/api/v1/athletes/${bench.athlete}/delete-managed/`);
    process.kill(runFile(dataDir).pids['telemetry']!, 'SIGKILL');
    await expect.poll(ready, { timeout: 60_000 }).toBe(200);
    while (!(await eventTypes(runFile(dataDir))).has('telemetry.v1.DayErased'));
    // His grants went with him.
    expect(await upToDate(admin, first.id)).toMatchObject({ total_distance: 0, first_timestamp: null });
    expect(await upToDate(api, second.id)).toEqual(before);
    expect(await heartRates()).toEqual([...range(-10, 0), ...range(60, 150)]);
  });

  it('leaves nothing that his samples could be opened with', async () => {
    const stream = `telemetry-${bench.device}-20240504`;
    const [old, kept, ...more] = await dayKeys();
    expect(old).toEqual({ _id: `${stream}.1`, destroyed: true });
    expect(kept).toMatchObject({ _id: `${stream}.2`, wrapped: expect.anything() as unknown });
    expect(more).toEqual([]);
    expect((await dayEvents()).at(-1)).toBe('telemetry.v1.DayErased');
  });

  it('lets ingest go on, without taking again what was erased', async () => {
    expect(await ingest(-10, 100)).toMatchObject({ accepted: 0, duplicates: 600 });
    expect(await ingest(150, 10)).toMatchObject({ accepted: 60, duplicates: 0 });
    expect(await heartRates()).toEqual([...range(-10, 0), ...range(60, 160)]);
    expect(await upToDate(bench.manager.api, second.id)).toEqual(before);
  });

  it('is the same after a rebuild', async () => {
    // What came last is in every document, his own empty one included.
    for (const { id } of [first, second]) await upToDate(admin, id);
    const contexts = ['telemetry', 'computation'];
    const live = await readModels(runFile(dataDir), contexts);
    const rebuilds = contexts.map((context) => runCommand('rebuild', context, '--data-dir', dataDir).ended);
    for (const { code, err } of await Promise.all(rebuilds)) expect([code, err]).toEqual([0, '']);
    expect(await readModels(runFile(dataDir), contexts)).toEqual(live);
    expect(await upToDate(bench.manager.api, second.id)).toEqual(before);
    expect(await upToDate(admin, first.id)).toMatchObject({ first_timestamp: null });
    expect((await dayEvents()).filter((type) => type === 'telemetry.v1.DayErased')).toHaveLength(1);
  });
});
