import { setTimeout as delay } from 'node:timers/promises';
import type { EngineProxy, Trap } from './engine-proxy.ts';
import type { EnginesApart } from './engines-apart.ts';
import type { Fault } from './faults.ts';
import type { SystemUnderTest } from './system-under-test.ts';

const SLOW_BY_MS = 500;
const SLOW_FOR_MS = 10_000;
const RESETS = 10;
const RESET_EVERY_MS = 400;
const ENGINES_LATE_BY_MS = 15_000;

/** What happens between the services and their engines. */
export function engineFaults(system: SystemUnderTest, engines: EnginesApart): readonly Fault[] {
  const { log, database } = engines;
  const killAt = (name: string, where: string, proxy: EngineProxy, trap: Trap): Fault => ({
    name: `kill -9 ${name} ${where}`,
    async strike() {
      await proxy.cutAt(trap);
      system.signal([name], 'SIGKILL');
    },
  });
  const beforeAppend = (type: string): Trap => ({ matches: (said) => said.includes(type), cut: 'question' });
  const afterAppend = (type: string): Trap => ({ matches: (said) => said.includes(type), cut: 'answer' });
  const slow = (what: string, ...proxies: EngineProxy[]): Fault => ({
    name: `${what} slow by ${SLOW_BY_MS} ms for ${SLOW_FOR_MS / 1000} s`,
    async strike() {
      for (const proxy of proxies) proxy.delayMs = SLOW_BY_MS;
      await delay(SLOW_FOR_MS);
      for (const proxy of proxies) proxy.delayMs = 0;
    },
  });
  return [
    killAt('identity', 'between reservation and creation', log, beforeAppend('identity.v1.AthleteCreated')),
    killAt('activity', 'between reservation and creation', log, beforeAppend('activity.v1.TimeFrameCreated')),
    killAt('identity', 'between append and answer', log, afterAppend('identity.v1.AthleteCreated')),
    killAt('permission', 'between append and answer', log, afterAppend('permission.v1.PermissionGranted')),
    killAt('activity', 'between append and answer', log, afterAppend('activity.v1.ActivityCreated')),
    killAt('telemetry', 'between append and answer', log, afterAppend('telemetry.v1.FramesIngested')),
    ...['identity', 'permission', 'activity', 'telemetry'].map((name) =>
      killAt(name, 'between documents and checkpoint', database, {
        matches: (said) => updates(said, name, 'checkpoint.'),
        cut: 'question',
      }),
    ),
    killAt('activity', 'between read and documents', database, {
      matches: (said) => updates(said, 'activity', 'time-frames.'),
      cut: 'question',
    }),
    killAt('computation', 'between computing and document', database, {
      matches: (said) => updates(said, 'computation', 'computed.'),
      cut: 'question',
    }),
    slow('log', log),
    slow('database', database),
    {
      name: `connections reset ${RESETS} times`,
      async strike() {
        for (let i = 0; i < RESETS; i += 1) {
          log.reset();
          database.reset();
          await delay(RESET_EVERY_MS);
        }
      },
    },
    {
      name: 'engines start last',
      async strike() {
        await Promise.all([system.killAll(), engines.kill()]);
        const started = system.start();
        await delay(ENGINES_LATE_BY_MS);
        await engines.start();
        await started;
      },
    },
  ];
}

/** Whether it is a command of MongoDB's wire protocol that writes to such a collection of the database. */
function updates(said: Buffer, database: string, collection: string): boolean {
  return (
    (said.includes('update\0') || said.includes('insert\0')) &&
    said.includes(collection) &&
    said.includes(
      Buffer.concat([Buffer.from('$db\0'), int32(database.length + 1), Buffer.from(`${database}\0`)]),
    )
  );
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
