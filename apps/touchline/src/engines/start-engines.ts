import { setTimeout as delay } from 'node:timers/promises';
import { type Door, openDoor } from '../backup/door.ts';
import { type Lock, tryLock } from '../data-directory/lock.ts';
import { type EngineKind, type RunningEngine, startEngine } from './workers.ts';

export interface RunningEngines {
  ports: Readonly<Partial<Record<EngineKind, number>>>;
  /** Rejects when an engine ends without having been told to. */
  died: Promise<never>;
  close(): Promise<void>;
}

const leftoverWaitMs = 10_000;

/**
 * Starts the named engines on their ports (0: a free one), one process at a time: engines that were orphaned end by
 * themselves, and their successors wait for it.
 *
 * @throws Error with the engines' own words when one cannot start; then none runs
 */
export async function startEngines(
  dataDir: string,
  ports: Readonly<Partial<Record<EngineKind, number>>>,
): Promise<RunningEngines> {
  const lock = await waitForLock(dataDir);
  const kinds = Object.keys(ports) as EngineKind[];
  const started = await Promise.allSettled(
    kinds.map((kind) => startEngine(kind, { dataDir, port: ports[kind] ?? 0 })),
  );
  const engines = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  let door: Door | undefined;
  const close = async () => {
    await door?.close();
    await Promise.all(engines.map((engine) => engine.close()));
    lock.release();
  };
  if (engines.length < kinds.length) {
    await close();
    const reasons = started.flatMap((result) =>
      result.status === 'rejected' ? [result.reason.message] : [],
    );
    throw new Error(reasons.join(' '));
  }
  const engineOf = (kind: EngineKind) => engines[kinds.indexOf(kind)];
  const [log, database] = [engineOf('log'), engineOf('database')];
  if (log && database) door = await openDoor(dataDir, { log, database });
  return { ports: portsOf(kinds, engines), died: Promise.race(engines.map(({ died }) => died)), close };
}

function portsOf(kinds: readonly EngineKind[], engines: readonly RunningEngine[]): RunningEngines['ports'] {
  return Object.fromEntries(kinds.map((kind, index) => [kind, engines[index]?.port]));
}

async function waitForLock(dataDir: string): Promise<Lock> {
  const endMs = performance.now() + leftoverWaitMs;
  for (;;) {
    const lock = tryLock(dataDir, 'engines');
    if (lock) return lock;
    if (performance.now() > endMs)
      throw new Error(`Other engines run on the data directory ${dataDir} and do not end.`);
    await delay(50);
  }
}
