import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findOrStartSystem } from '../client/system.ts';
import { CommandError } from '../command-error.ts';
import { freePorts } from '../start/free-ports.ts';
import { type Fault, faults } from './faults.ts';
import { check, samplesOf } from './invariants.ts';
import { type Kind, kinds, Load, prepare, type Subject } from './load.ts';
import { rebuildDifferences } from './rebuild-differences.ts';
import { SystemUnderTest } from './system-under-test.ts';
import { printRows, type Row } from './table.ts';

const HELP = `Usage: npm run chaos -- [--quick] [--json]

Runs a system of its own under a load of writes, harms it, and checks after each fault that every acknowledged write is
there once and no other twice; at the end, that the read models equal a rebuild. Ends with 1 when something is lost or
doubled or when writes are refused for more than 10 s after a fault.

  --quick   each process killed once, some together, all, one paused: about a minute
  --json    one JSON object a line: fault, acknowledged, lost, doubled, longest_refusal_s
`;

const WARM_UP_MS = 500;
const RECOVERY_AT_MOST_MS = 60_000;
const LONGEST_REFUSAL_S = 10;
const POLL_MS = 20;

/** `touchline chaos [--quick] [--json]` */
export async function chaos(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return;
  }
  const { values } = parseArgs({
    args: [...args],
    options: { quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
  });
  const dataDir = await mkdtemp(path.join(tmpdir(), 'touchline-chaos-'));
  const [port = 0] = await freePorts(1);
  const system = new SystemUnderTest(dataDir, port);
  try {
    await system.start();
    const subject = await prepare(await findOrStartSystem(dataDir));
    const names = Object.keys(system.running.pids);
    const counts = new Map<Kind, number>();
    const rows: Row[] = [];
    for (const fault of faults(names, values.quick)) {
      const row = await undergo(fault, system, subject, counts);
      rows.push(row);
      if (values.json) process.stdout.write(`${JSON.stringify(row)}\n`);
      else process.stderr.write(`${row.fault}: over\n`);
    }
    if (!values.json) printRows(rows);
    const wrong = rows.filter(
      (row) => row.lost > 0 || row.doubled > 0 || row.longest_refusal_s > LONGEST_REFUSAL_S,
    );
    const different = await rebuildDifferences(system.running, dataDir);
    if (different.length > 0)
      throw new CommandError(`These read models differ from a rebuild: ${different.join(', ')}.`);
    if (wrong.length > 0)
      throw new CommandError(`Not survived: ${wrong.map(({ fault }) => fault).join(', ')}.`);
  } finally {
    await system.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function undergo(
  fault: Fault,
  system: SystemUnderTest,
  subject: Subject,
  counts: Map<Kind, number>,
): Promise<Row> {
  const samplesBefore = await samplesOf(subject.manager.api, subject.timeFrame);
  const load = new Load(system.running.url, subject, counts);
  await delay(WARM_UP_MS);
  await fault.strike(system);
  const overMs = performance.now();
  await recovered(load, overMs);
  await load.stop();
  const refusalsMs = kinds.map((kind) => (load.firstAfter(kind, overMs) ?? Infinity) - overMs);
  const { lost, doubled } = await check(subject, load.operations, samplesBefore);
  return {
    fault: fault.name,
    acknowledged: load.operations.filter(({ acknowledged }) => acknowledged).length,
    lost,
    doubled,
    longest_refusal_s: Math.round(Math.max(...refusalsMs) / 10) / 100,
  };
}

/** Every kind of write is acknowledged again that was sent after the fault was over. */
async function recovered(load: Load, overMs: number): Promise<void> {
  const untilMs = performance.now() + RECOVERY_AT_MOST_MS;
  while (kinds.some((kind) => load.firstAfter(kind, overMs) === undefined)) {
    if (performance.now() > untilMs) return;
    await delay(POLL_MS);
  }
}
