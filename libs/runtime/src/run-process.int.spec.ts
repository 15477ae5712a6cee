import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { exitCodes, isToSupervisor, type ToSupervisor } from './index.ts';

const fixture = path.join(import.meta.dirname, 'fixtures/process.ts');
const hasFullDevice = existsSync('/dev/full');
if (!hasFullDevice) console.log('run-process: no test of a full disk, since there is no /dev/full here');
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

interface Exit {
  code: number | null;
  signal: string | null;
}

interface Run {
  child: ChildProcess;
  messages: ToSupervisor[];
  output: { out: string; err: string };
  exited: Promise<Exit>;
  /** When all that it wrote and said has arrived, too. */
  closed: Promise<Exit>;
  /** Resolves when the text is in what it wrote to stdout. */
  wrote(text: string): Promise<void>;
}

function run(behaviour: string, { supervised = true, env = {}, args = [] as string[] } = {}): Run {
  const child = spawn(process.execPath, ['--conditions=touchline-source', fixture, ...args], {
    env: { PATH: process.env['PATH'], BEHAVIOUR: behaviour, FIXTURE_SECRET: 'hunter2', ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(supervised ? (['ipc'] as const) : [])],
  });
  started.push(child);
  const messages: ToSupervisor[] = [];
  const output = { out: '', err: '' };
  child.on('message', (message) => isToSupervisor(message) && messages.push(message));
  child.stdout?.on('data', (chunk) => (output.out += chunk));
  child.stderr?.on('data', (chunk) => (output.err += chunk));
  const ended = (event: 'exit' | 'close') =>
    new Promise<Exit>((resolve) => child.once(event, (code, signal) => resolve({ code, signal })));
  const exited = ended('exit');
  const closed = ended('close');
  const wrote = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => output.out.includes(text) && resolve();
      look();
      child.stdout?.on('data', look);
      child.once('close', () => reject(new Error(`It never wrote ${text}: ${output.out}${output.err}`)));
    });
  return { child, messages, output, exited, closed, wrote };
}

describe('a process under a supervisor', () => {
  it('says that it is ready, with its port, and drains when told to', async () => {
    const { child, messages, closed, wrote } = run('good');
    await wrote('"msg":"ready"');
    child.send({ type: 'drain', graceMs: 5000 });
    expect(await closed).toEqual({ code: exitCodes.ok, signal: null });
    expect(messages).toEqual([{ type: 'ready', port: 7 }]);
    await wrote('stopping');
  });

  it.runIf(hasFullDevice)('goes on when its lines find the disk full', async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, ['--conditions=touchline-source', fixture], {
      env: { PATH: process.env['PATH'], FIXTURE_SECRET: 'hunter2' },
      stdio: ['ignore', full, full, 'ipc'],
    });
    closeSync(full);
    started.push(child);
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.on('message', (said) => isToSupervisor(said) && resolve(said)));
    child.send({ type: 'drain', graceMs: 5000 });
    expect(await exited).toBe(exitCodes.ok);
  });

  it('ignores signals: a terminal sends them to all processes at once', async () => {
    const { child, exited, wrote } = run('good');
    await wrote('"msg":"ready"');
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) child.kill(signal);
    child.send({ type: 'drain', graceMs: 5000 });
    expect(await exited).toEqual({ code: exitCodes.ok, signal: null });
    await wrote('stopping');
  });

  it('exits when the supervisor is gone', async () => {
    const { child, exited, wrote } = run('good');
    await wrote('"msg":"ready"');
    child.disconnect();
    expect(await exited).toEqual({ code: exitCodes.failed, signal: null });
  });

  it('leaves work undone when its time is over', async () => {
    const { child, exited, wrote } = run('slow-stop');
    await wrote('"msg":"ready"');
    child.send({ type: 'drain', graceMs: 100 });
    expect(await exited).toEqual({ code: exitCodes.ok, signal: null });
    await wrote('draining took too long');
  });

  it.each(['slow-start', 'slow-ready'])('can be drained before it is ready: %s', async (behaviour) => {
    const { child, messages, closed } = run(behaviour);
    child.send({ type: 'drain', graceMs: 5000 });
    expect(await closed).toEqual({ code: exitCodes.ok, signal: null });
    expect(messages).toEqual([]);
  });

  it('tells its last words when it cannot start', async () => {
    const { messages, closed, wrote } = run('fails');
    expect(await closed).toEqual({ code: exitCodes.failed, signal: null });
    expect(messages).toEqual([
      { type: 'failed', message: 'fixture could not start: There is no such engine.' },
    ]);
    await wrote('"level":"fatal"');
  });

  it.each([
    ['uncaught', 'nobody catches this'],
    ['unhandled', 'nobody handles this'],
  ])('ends at an error of which nobody knows what it left behind: %s', async (behaviour, message) => {
    const { messages, closed } = run(behaviour);
    expect(await closed).toEqual({ code: exitCodes.uncaught, signal: null });
    expect(messages.at(-1)).toEqual({
      type: 'failed',
      message: `fixture met an error that nothing caught: ${message}`,
    });
  });

  it('stops at a wrong configuration with a line for each mistake', async () => {
    const { output, messages, closed } = run('wild', { env: { FIXTURE_SECRET: '' } });
    expect(await closed).toEqual({ code: exitCodes.config, signal: null });
    expect(output.err.trim().split('\n')).toEqual([
      expect.stringMatching(/^fixture: BEHAVIOUR is wrong: expected good, fails, .*, got "wild"/),
      expect.stringMatching(/^fixture: FIXTURE_SECRET is missing/),
    ]);
    expect(messages).toEqual([{ type: 'failed', message: expect.stringContaining('BEHAVIOUR is wrong') }]);
  });
});

describe('a process on its own', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'drains at %s, and a second one is harmless',
    async (signal) => {
      const { child, exited, wrote } = run('good', { supervised: false });
      await wrote('"msg":"ready"');
      child.kill(signal);
      child.kill(signal);
      expect(await exited).toEqual({ code: exitCodes.ok, signal: null });
      await wrote('stopping');
    },
  );

  it('prints its settings for --help, and no secret', async () => {
    const { output, closed } = run('good', { supervised: false, args: ['--help'] });
    expect(await closed).toEqual({ code: 0, signal: null });
    expect(output.out).toMatch(/BEHAVIOUR +good/);
    expect(output.out).toMatch(/TOUCHLINE_INSTANCE/);
    expect(output.out).not.toContain('hunter2');
  });
});
