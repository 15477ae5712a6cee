import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './commands.ts';
import { abandonReservation, eventTypes, readModels, runFile, setMade, setsOf } from './engines.ts';
import { historyTypes, writeHistory } from './history.ts';
import { newDataDir, removeDataDir, type RunningSystem, startSystem } from './system.ts';

const CONTEXTS = ['identity', 'permission', 'activity', 'telemetry', 'computation', 'webhooks'];
const dataDir = newDataDir();
let system: RunningSystem;
let computed: () => Promise<void>;
beforeAll(async () => {
  system = await startSystem(dataDir);
  computed = await writeHistory(system.url, system.credentials);
  // What a newcomer does when somebody reserved a name, paused for half a minute and never went on.
  await abandonReservation(runFile(dataDir), 'timeframe-4000000000');
  await abandonReservation(runFile(dataDir), 'user-4000000000');
});
afterAll(async () => {
  await system?.stop();
  removeDataDir(dataDir);
});

const rebuild = (...args: string[]) => runCommand('rebuild', ...args, '--data-dir', dataDir);

describe('a rebuild', () => {
  it('of every context gives every collection the same bytes, on a log with every type of event', async () => {
    const running = runFile(dataDir);
    const types = async () => [...(await eventTypes(running)).keys()].sort();
    // Erasure and the end of a manager's things follow by themselves.
    await expect
      .poll(types, { timeout: 30_000 })
      .toEqual([...historyTypes, 'log.v1.ReservationAbandoned'].sort());
    await computed();
    const before = await readModels(running, CONTEXTS);
    expect(Object.keys(before).length).toBeGreaterThan(8);
    for (const [name, documents] of Object.entries(before))
      expect([name, documents.length > 0]).toEqual([name, true]);
    const { code, out, err } = await rebuild('all').ended;
    expect([code, err]).toEqual([0, '']);
    for (const context of CONTEXTS) {
      expect(out).toMatch(new RegExp(`^${context}: [0-9]+ events in .+, set 2$`, 'm'));
      expect(await setsOf(running, context)).toEqual([2]);
    }
    expect(await readModels(running, CONTEXTS)).toEqual(before);
  });

  it('leaves the live set as it was when the process that does it is killed, and goes through after that', async () => {
    const before = await readModels(runFile(dataDir), CONTEXTS);
    const { pids } = runFile(dataDir);
    const { ended } = rebuild('computation');
    await setMade(runFile(dataDir), 'computation', 3);
    process.kill(pids['computation']!, 'SIGKILL');
    const { code, err } = await ended;
    expect(code).toBe(1);
    expect(err).toMatch(/^computation was not rebuilt: /);
    expect(await readModels(runFile(dataDir), CONTEXTS)).toEqual(before);
    expect((await rebuild('computation').ended).code).toBe(0);
    expect(await setsOf(runFile(dataDir), 'computation')).toEqual([4]);
    expect(await readModels(runFile(dataDir), CONTEXTS)).toEqual(before);
  });

  it('leaves what is read as it was when it is interrupted', async () => {
    const before = await readModels(runFile(dataDir), CONTEXTS);
    const { child, ended } = rebuild('telemetry');
    await setMade(runFile(dataDir), 'telemetry', 3);
    child.kill('SIGINT');
    const { code, err } = await ended;
    expect([code, err]).toEqual([130, expect.stringContaining('Interrupted.')]);
    expect(await readModels(runFile(dataDir), CONTEXTS)).toEqual(before);
  });

  it('starts a system that does not run, and ends it again', async () => {
    const before = await readModels(runFile(dataDir), CONTEXTS);
    expect(await system.stop()).toBe(0);
    const { code, out } = await rebuild('activity').ended;
    expect(code).toBe(0);
    expect(out).toMatch(/^activity: /m);
    system = await startSystem(dataDir);
    expect(await setsOf(runFile(dataDir), 'activity')).toEqual([3]);
    expect(await readModels(runFile(dataDir), CONTEXTS)).toEqual(before);
  });

  it('of a context that there is not names those that there are', async () => {
    const { code, err } = await rebuild('heart').ended;
    expect(code).toBe(64);
    expect(err).toMatch(/There is no context "heart"\. Name one of identity, /);
  });
});
