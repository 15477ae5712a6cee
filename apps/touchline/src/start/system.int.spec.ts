import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunFile } from '../data-directory/run-file.ts';
import { freePorts } from './free-ports.ts';

const driver = path.join(import.meta.dirname, 'fixtures/tiny-system.ts');
const started: ChildProcess[] = [];
const directories: string[] = [];

afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function newDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'touchline-system-'));
  directories.push(directory);
  return directory;
}

async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

async function until<Value>(what: string, look: () => Value | undefined | false): Promise<Value> {
  const endMs = performance.now() + 50_000;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > endMs) throw new Error(`It never came: ${what}`);
    await delay(20);
  }
}

interface System {
  child: ChildProcess;
  dataDir: string;
  port: number;
  output: { out: string; err: string };
  exited: Promise<number | null>;
  stops: string;
  ready(): Promise<RunFile>;
}

async function launch(
  behaviours: Record<string, string> = {},
  { dataDir = newDirectory(), port = 0, detached = false, ipc = false, env = {} } = {},
): Promise<System> {
  const gatewayPort = port || (await freePort());
  const stops = path.join(newDirectory(), 'stops');
  const children = Object.entries(behaviours).map(([name, does]) => [`CHILD_${name}`, does]);
  const child = spawn(
    process.execPath,
    ['--conditions=touchline-source', driver, dataDir, String(gatewayPort)],
    {
      env: { PATH: process.env['PATH'], CHILD_STOPS: stops, ...Object.fromEntries(children), ...env },
      stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
      detached,
    },
  );
  started.push(child);
  const output = { out: '', err: '' };
  child.stdout?.on('data', (chunk) => (output.out += chunk));
  child.stderr?.on('data', (chunk) => (output.err += chunk));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ready = async () => {
    const line = `Touchline is ready at http://127.0.0.1:${gatewayPort}\n`;
    await until(`${line} in ${output.out} ${output.err}`, () => output.out.includes(line));
    return runFile(dataDir);
  };
  return { child, dataDir, port: gatewayPort, output, exited, stops, ready };
}

const runFile = (dataDir: string): RunFile =>
  JSON.parse(readFileSync(path.join(dataDir, 'run.json'), 'utf8')) as RunFile;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const names = [
  'activity',
  'computation',
  'engines',
  'gateway',
  'identity',
  'permission',
  'telemetry',
  'webhooks',
];

describe('the system', () => {
  it('says when it is ready, can be found, and drains from the outside in at SIGTERM', async () => {
    const system = await launch();
    const { pid, pids, url } = await system.ready();
    expect(pid).toBe(system.child.pid);
    expect(url).toBe(`http://127.0.0.1:${system.port}`);
    expect(Object.keys(pids).sort()).toEqual(names);
    system.child.kill('SIGTERM');
    system.child.kill('SIGTERM');
    expect(await system.exited).toBe(0);
    const stops = readFileSync(system.stops, 'utf8').trim().split('\n');
    expect(stops[0]).toBe('gateway');
    expect(stops.at(-1)).toBe('engines');
    expect([...stops].sort()).toEqual(names);
    expect(existsSync(path.join(system.dataDir, 'run.json'))).toBe(false);
    expect(Object.values(pids).filter(isAlive)).toEqual([]);
  });

  it('drains when a terminal interrupts all its processes at once', async () => {
    const system = await launch({}, { detached: true });
    await system.ready();
    process.kill(-(system.child.pid ?? 0), 'SIGINT');
    expect(await system.exited).toBe(0);
    expect(readFileSync(system.stops, 'utf8').trim().split('\n').sort()).toEqual(names);
    expect(system.output.err).not.toContain('died');
  });

  it('can be ended while it starts', async () => {
    const system = await launch({ identity: 'never-ready' });
    await until('the first child', () => existsSync(path.join(system.dataDir, 'logs/engines.log')));
    system.child.kill('SIGTERM');
    expect(await system.exited).toBe(0);
    expect(system.output.out).not.toContain('ready');
  });

  it('ends with a child that does not, within ten seconds', async () => {
    const system = await launch({ gateway: 'slow-stop', activity: 'slow-stop', engines: 'slow-stop' });
    await system.ready();
    const startMs = performance.now();
    system.child.kill('SIGTERM');
    expect(await system.exited).toBe(0);
    expect(performance.now() - startMs).toBeLessThan(10_000);
  });

  it('ends with the parent that opened a channel to it', async () => {
    const system = await launch({}, { ipc: true });
    await system.ready();
    system.child.disconnect();
    expect(await system.exited).toBe(0);
  });

  it('leaves no orphan when the supervisor is killed', async () => {
    const system = await launch();
    const { pids } = await system.ready();
    system.child.kill('SIGKILL');
    await until('the end of all children', () => !Object.values(pids).some(isAlive));
    const again = await launch({}, { dataDir: system.dataDir });
    await again.ready();
  });
});

describe('a child that dies', () => {
  it('is named and comes back on its port', async () => {
    const system = await launch();
    const { pids, services } = await system.ready();
    process.kill(pids['activity'] ?? 0, 'SIGKILL');
    await until('the return', () => system.output.err.includes('activity is back.'));
    const [, port] = (services['activity'] ?? '').split(':');
    expect(system.output.err).toContain(
      `activity died (signal SIGKILL); it is started again on port ${port}.`,
    );
    const after = await until('the new process id', () => {
      const content = runFile(system.dataDir);
      return content.pids['activity'] !== pids['activity'] && content;
    });
    expect(after.services).toEqual(services);
    expect(isAlive(after.pids['activity'] ?? 0)).toBe(true);
  });

  it('at once again and again is given up with its last words, and the rest ends', async () => {
    const system = await launch({ activity: 'dies-at-once' });
    expect(await system.exited).toBe(1);
    expect(system.output.err).toContain(
      'activity died again and again (status 3) and is given up. Its last words:',
    );
    expect(system.output.err).toContain('  There is no place for activity.');
    expect(system.output.err).toContain('Touchline has ended: activity was given up.');
    expect(system.output.out).not.toContain('Touchline is ready');
  });

  it('is not tried again when it is the engines, whose files do not heal', async () => {
    const system = await launch({ engines: 'fails' });
    expect(await system.exited).toBe(1);
    expect(system.output.err).toContain('engines could not start: The file x.sqlite is damaged.');
    expect(system.output.err).not.toContain('started again');
  });
});

describe('what is in the way', () => {
  it('of a second start on the directory is named, and the first goes on', async () => {
    const system = await launch();
    const { pid, url } = await system.ready();
    const second = await launch({}, { dataDir: system.dataDir });
    expect(await second.exited).toBe(1);
    expect(second.output.err).toBe(
      `Touchline runs already on the data directory ${system.dataDir} (process ${pid}, ${url}). Stop it first, or choose another with --data-dir.\n`,
    );
    expect(system.child.exitCode).toBeNull();
  });

  it('of a start while another drains is waited for', async () => {
    const first = await launch({ gateway: 'slow-stop' });
    await first.ready();
    first.child.kill('SIGTERM');
    await until('the drain', () => !existsSync(path.join(first.dataDir, 'run.json')));
    expect(first.child.exitCode).toBeNull();
    const second = await launch({}, { dataDir: first.dataDir });
    const { pid } = await second.ready();
    expect(pid).toBe(second.child.pid);
    expect(await first.exited).toBe(0);
    expect(second.output.err).not.toContain('runs already');
  });

  it('of two directories side by side is nothing', async () => {
    const systems = await Promise.all([launch(), launch()]);
    await Promise.all(systems.map((system) => system.ready()));
  });

  it('of a port that is taken is named', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    const system = await launch({}, { port });
    expect(await system.exited).toBe(1);
    expect(system.output.err).toBe(
      `Port ${port} cannot be used: something else listens on it. Choose another, such as PORT=8080.\n`,
    );
    other.close();
  });
});

describe('the first start', () => {
  it('tells where the credentials are, and hands them to identity only', async () => {
    const system = await launch({}, { env: { TOUCHLINE_ADMIN_USERNAME: 'root' } });
    await system.ready();
    const file = path.join(system.dataDir, 'credentials.json');
    expect(system.output.out).toContain(`The first ADMIN and OAuth client are in ${file}\n`);
    const { admin_username: name, admin_password: password } = JSON.parse(
      readFileSync(file, 'utf8'),
    ) as Record<string, string>;
    expect(name).toBe('root');
    expect(password).toMatch(/^[\w-]{20,}$/);
    const again = system.output.out + system.output.err;
    expect(again).not.toContain(password);
  });
});
