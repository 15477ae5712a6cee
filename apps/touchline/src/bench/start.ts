import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Figure } from './bench.ts';

const RUNS = 5;
const MAIN = path.resolve(import.meta.dirname, `../main${path.extname(import.meta.filename)}`);

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
const exit = (child: ChildProcess): Promise<unknown> =>
  child.exitCode === null ? new Promise((resolve) => child.once('exit', resolve)) : Promise.resolve();

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No free port.');
  return address.port;
}

/** The process and all below it, from /proc; just itself where there is no /proc. */
async function family(pid: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const entry of await readdir('/proc').catch(() => [])) {
    const stat = /^\d+$/.test(entry) && (await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => ''));
    const parent = stat && Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    if (parent) parents.set(Number(entry), parent);
  }
  const members = [pid];
  for (const member of members)
    for (const [child, parent] of parents) if (parent === member) members.push(child);
  return members;
}

/** Memory that belongs to the processes alone or in shares (PSS), in MB. */
async function memoryMb(pids: readonly number[]): Promise<number> {
  const sizes = await Promise.all(
    pids.map(async (pid) => {
      const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
      return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
    }),
  );
  return sizes.reduce((a, b) => a + b, 0) / 1024;
}

async function startOnce(
  dataDir: string,
): Promise<{ seconds: number; megabytes: number; processes: number }> {
  const started = performance.now();
  const child = spawn(process.execPath, [...process.execArgv, MAIN, 'start', '--data-dir', dataDir], {
    env: { ...process.env, PORT: String(await freePort()) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = new Promise<void>((resolve) =>
    createInterface(child.stdout).on(
      'line',
      (line) => line.startsWith('Touchline is ready at ') && resolve(),
    ),
  );
  await Promise.race([ready, exit(child).then(() => Promise.reject(new Error('Touchline did not start.')))]);
  const seconds = (performance.now() - started) / 1000;
  const pids = await family(child.pid ?? 0);
  const megabytes = await memoryMb(pids);
  child.kill('SIGTERM');
  await exit(child);
  return { seconds, megabytes, processes: pids.length };
}

/** Seconds that so many empty Node processes take to start and end, all at once, and their memory while they idle. */
async function emptyProcesses(count: number): Promise<{ seconds: number; megabytes: number }> {
  const started = performance.now();
  await Promise.all(Array.from({ length: count }, () => exit(spawn(process.execPath, ['-e', '0']))));
  const seconds = (performance.now() - started) / 1000;
  const idle = Array.from({ length: count }, () =>
    spawn(process.execPath, ['-e', 'process.send(1); process.on("message", () => {})'], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    }),
  );
  await Promise.all(idle.map((child) => new Promise((resolve) => child.once('message', resolve))));
  const megabytes = await memoryMb(idle.map(({ pid }) => pid ?? 0));
  idle.forEach((child) => child.kill('SIGKILL'));
  await Promise.all(idle.map(exit));
  return { seconds, megabytes };
}

/** From the command to the line `Touchline is ready`, warm (the first start is not counted), and the memory at rest. */
export async function* benchStart(): AsyncIterable<Figure> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'touchline-bench-'));
  try {
    const { processes } = await startOnce(dataDir);
    const runs = [];
    for (let i = 0; i < RUNS; i += 1) runs.push(await startOnce(dataDir));
    const empty = [];
    for (let i = 0; i < RUNS; i += 1) empty.push(await emptyProcesses(processes));
    const seconds = median(runs.map((run) => run.seconds));
    const emptySeconds = median(empty.map((run) => run.seconds));
    yield {
      name: `start, against ${processes} empty Node processes`,
      value: seconds,
      unit: 's',
      baseline: emptySeconds,
      ratio: seconds / emptySeconds,
      goal: '<= 8 s, aim 5 s',
      met: seconds <= 8,
    };
    const megabytes = median(runs.map((run) => run.megabytes));
    const emptyMegabytes = median(empty.map((run) => run.megabytes));
    yield {
      name: `memory at rest, against ${processes} empty Node processes`,
      value: megabytes,
      unit: 'MB',
      baseline: emptyMegabytes,
      ratio: megabytes / emptyMegabytes,
      goal: '<= 900 MB',
      met: megabytes <= 900,
    };
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
