import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Api, newBench, signIn, upToDate } from './api.ts';
import { runCommand } from './commands.ts';
import { readModels, runFile } from './engines.ts';
import { framesFrom } from './history.ts';
import { newDataDir, removeDataDir, type RunningSystem, startSystem } from './system.ts';

const CONTEXTS = ['identity', 'permission', 'activity', 'telemetry', 'computation'];
const KICK_OFF_MS = Date.UTC(2024, 4, 4, 13, 0, 0);
const iso = (ms: number): string => new Date(ms).toISOString();
const [dataDir, elsewhere] = [newDataDir(), newDataDir()];
const systems: RunningSystem[] = [];
const start = async (directory: string) => {
  const system = await startSystem(directory);
  systems.push(system);
  return system;
};
afterAll(async () => {
  for (const system of systems) if (system.child.exitCode === null) await system.kill();
  for (const directory of [dataDir, elsewhere]) removeDataDir(directory);
});

it('a backup taken under load and restored has every write acknowledged before it, and its read models equal a rebuild', async () => {
  const system = await start(dataDir);
  const { url, credentials } = system;
  const bench = await newBench(url, credentials, { ownedFrom: iso(KICK_OFF_MS), birthDate: '1990-04-01' });
  const { api, id: owner, username, password } = bench.manager;
  const timeFrame = await api.ok('POST', '/api/v1/timeframes/', {
    start_time: iso(KICK_OFF_MS),
    end_time: iso(KICK_OFF_MS + 3_600_000),
    device: bench.device,
    activity: bench.activity,
    athlete: bench.athlete,
  });
  const acknowledged = { activities: [] as number[], athletes: [] as number[], seconds: 0 };
  let writing = true;
  const again = async (write: (n: number) => Promise<void>) => {
    for (let n = 0; writing; n++) await write(n);
  };
  const device = new Api(url, bench.ingestToken);
  const load = Promise.all([
    again(async (n) => {
      const name = `Activity ${n}`;
      const body = { name, json: { sport: 'soccer' }, json_schema: 1, owner };
      acknowledged.activities.push((await api.ok('POST', '/api/v1/activities/', body)).id);
    }),
    again(async (n) => {
      const athlete_profile = { first_name: 'Ada', last_name: `Athlete ${n}` };
      const body = { managed_by: owner, athlete_profile };
      acknowledged.athletes.push((await api.ok('POST', '/api/v1/athletes/create-managed/', body)).id);
    }),
    again(async (n) => {
      const frames = framesFrom(KICK_OFF_MS + n * 1000, 1);
      const answer = await device.call('POST', `/api/v1/devices/${bench.device}/preprocessed/`, {
        body: frames,
      });
      expect(answer.status).toBe(202);
      acknowledged.seconds = n + 1;
    }),
  ]);
  while (
    acknowledged.activities.length < 20 ||
    acknowledged.athletes.length < 20 ||
    acknowledged.seconds < 20
  )
    await new Promise((resolve) => setTimeout(resolve, 20));
  const before = structuredClone(acknowledged);
  const target = path.join(elsewhere, 'backup');
  const backedUp = await runCommand('backup', target, '--data-dir', dataDir).ended;
  expect([backedUp.code, backedUp.err]).toEqual([0, '']);
  writing = false;
  await load;
  expect(acknowledged.activities.length).toBeGreaterThan(before.activities.length);
  expect(await system.stop()).toBe(0);

  const restoredDir = path.join(elsewhere, 'restored');
  const restored = await runCommand('restore', target, '--data-dir', restoredDir).ended;
  expect([restored.code, restored.err]).toEqual([0, '']);
  const copy = await start(restoredDir);
  expect(copy.credentials).toEqual(credentials);
  const reader = await signIn(copy.url, credentials, username, password);
  for (const id of before.activities) await reader.ok('GET', `/api/v1/activities/${id}/`);
  for (const id of before.athletes) {
    const { athlete_profile } = await reader.ok('GET', `/api/v1/athletes/${id}/`);
    expect(athlete_profile.first_name).toBe('Ada');
  }
  const document = await upToDate(reader, timeFrame.id);
  expect(document.extensions.quality.gnss_samples).toBeGreaterThanOrEqual(before.seconds * 5);

  const found = await readModels(runFile(restoredDir), CONTEXTS);
  const { code, err } = await runCommand('rebuild', 'all', '--data-dir', restoredDir).ended;
  expect([code, err]).toEqual([0, '']);
  expect(await readModels(runFile(restoredDir), CONTEXTS)).toEqual(found);
  expect(await copy.stop()).toBe(0);
});
