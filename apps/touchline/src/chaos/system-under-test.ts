import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { CommandError } from '../command-error.ts';
import { readRunFile, type RunFile } from '../data-directory/run-file.ts';

export const main = path.resolve(import.meta.dirname, `../main${path.extname(import.meta.filename)}`);

/** A system of its own for the harness to harm: started as its user starts it, on the same port each time. */
export class SystemUnderTest {
  readonly dataDir: string;
  readonly url: string;
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #mayEnd = false;

  constructor(dataDir: string, port: number, env: Readonly<Record<string, string>> = {}) {
    this.dataDir = dataDir;
    this.url = `http://127.0.0.1:${port}`;
    this.#env = { ...env, PORT: String(port) };
  }

  /** Resolves when it says that it is ready. @throws CommandError when it ends before */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [...process.execArgv, main, 'start', '--data-dir', this.dataDir], {
      env: { ...process.env, ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ready = new Promise<boolean>((resolve) => {
      createInterface(child.stdout).on('line', (line) => {
        if (line.startsWith('Touchline is ready')) resolve(true);
      });
    });
    if (!(await Promise.race([ready, this.#exited().then(() => false)])))
      throw new CommandError(`Touchline did not start on ${this.dataDir}: ${said}`);
    said = '';
    void this.#exited().then(() => {
      if (!this.#mayEnd) process.stderr.write(`Touchline ended by itself: ${said}\n`);
    });
  }

  get running(): RunFile {
    const running = readRunFile(this.dataDir);
    if (!running) throw new CommandError(`There is no run.json in ${this.dataDir}.`);
    return running;
  }

  /** Those of the processes that run get it. */
  signal(names: readonly string[], signal: NodeJS.Signals): void {
    const { pids } = this.running;
    for (const name of names) signalled(pids[name], signal);
  }

  /** SIGKILL to the supervisor and all its children at once. */
  async killAll(): Promise<void> {
    const { pids } = this.running;
    this.#mayEnd = true;
    this.#child?.kill('SIGKILL');
    for (const pid of Object.values(pids)) signalled(pid, 'SIGKILL');
    await this.#exited();
    this.#mayEnd = false;
  }

  async stop(): Promise<void> {
    this.#mayEnd = true;
    this.#child?.kill('SIGTERM');
    await this.#exited();
  }

  #exited(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => child.once('exit', () => resolve()));
  }
}

function signalled(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(pid, signal);
  } catch {
    // It ended meanwhile.
  }
}
