import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { findOrStartSystem } from '../client/system.ts';
import { freePorts } from '../start/free-ports.ts';
import { engineFaults } from './engine-faults.ts';
import { EnginesApart } from './engines-apart.ts';
import { type Fault, Faults } from './faults.ts';
import { settled } from './invariants.ts';
import { logFaults } from './log-faults.ts';
import { rebuildDifferences } from './rebuild-differences.ts';
import { SmallDisk } from './small-disk.ts';
import { prepare } from './subject.ts';
import { SystemUnderTest } from './system-under-test.ts';
import type { Row } from './table.ts';
import { Trial } from './trial.ts';
import { writeAgain } from './write-again.ts';

export interface SceneOptions {
  readonly directory: string;
  readonly quick: boolean;
  /** Faults whose names do not hold it are left out. */
  readonly only: string;
  readonly seed: number;
  /** @param otherWork the share of the machine that others used before or after */
  over(row: Row, otherWork: number): void;
  say(line: string): void;
}

/** The system as its user starts it. @returns what is wrong at the end, beside the rows */
export async function wholeSystem(options: SceneOptions): Promise<string[]> {
  const { directory, quick, seed, say } = options;
  const dataDir = path.join(directory, 'whole');
  const disk = quick ? undefined : SmallDisk.mount(dataDir);
  if (!quick && !disk) say('full disk: left out, since none can be mounted in memory here.');
  const clock = path.join(directory, 'clock');
  const preload = path.join(import.meta.dirname, `shifted-clock${path.extname(import.meta.filename)}`);
  const env = quick ? {} : { CHAOS_CLOCK: clock, NODE_OPTIONS: `--import=${preload}` };
  const [port = 0] = await freePorts(1);
  const system = new SystemUnderTest(dataDir, port, env);
  const faults = new Faults(system);
  try {
    return await harm(system, quick ? faults.quick : faults.full(seed, clock, disk), options);
  } finally {
    await system.stop();
    disk?.unmount();
  }
}

/** The engines a process of their own, with proxies between them and the services. */
export async function withEnginesApart(options: SceneOptions): Promise<string[]> {
  const directory = path.join(options.directory, 'apart');
  mkdirSync(directory);
  const engines = new EnginesApart(path.join(directory, 'engines'));
  await engines.listen();
  const [port = 0] = await freePorts(1);
  const system = new SystemUnderTest(path.join(directory, 'system'), port, engines.env);
  try {
    await engines.start();
    return await harm(system, engineFaults(system, engines), options);
  } finally {
    await system.stop();
    await engines.stop();
  }
}

async function harm(
  system: SystemUnderTest,
  faults: readonly Fault[],
  { only, quick, over, say }: SceneOptions,
): Promise<string[]> {
  const wanted = faults.filter(({ name }) => name.includes(only));
  if (wanted.length === 0) return [];
  await system.start();
  const subject = await prepare(await findOrStartSystem(system.dataDir));
  const trial = new Trial(system, subject);
  for (const fault of wanted) {
    const { row, otherWork } = await trial.undergo(fault);
    over(row, otherWork);
  }
  const halves = trial.halves.map((name) => `Half there: ${name}.`);
  const { tried, complaints } = await writeAgain(subject, trial.absent, !quick);
  say(`${tried} of ${trial.absent.length} writes that had failed were sent again.`);
  complaints.push(...halves);
  const { running } = system;
  complaints.push(...(await logFaults(subject, running.eventstore_url)).map((fault) => `The log: ${fault}.`));
  await settled(subject);
  const different = await rebuildDifferences(running, system.dataDir);
  if (different.length > 0)
    complaints.push(`These read models differ from a rebuild: ${different.join(', ')}.`);
  return complaints;
}
