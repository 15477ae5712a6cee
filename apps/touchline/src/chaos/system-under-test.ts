import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { CommandError } from '../command-error.ts';
import { readRunFile, type RunFile } from '../data-directory/run-file.ts';

const main = path.resolve(import.meta.dirname, `../main${path.extname(import.meta.filename)}`);

/** A system of its own for the harness to harm: started as its user starts it, on the same port each time. */
export class SystemUnderTest {
  readonly dataDir: string;
  readonly #port: number;
  #child: ChildProcess | undefined;

  constructor(dataDir: string, port: number) {
    this.dataDir = dataDir;
    this.#port = port;
  }

  /** Resolves when it says that it is ready. @throws CommandError when it ends before */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [...process.execArgv, main, 'start', '--data-dir', this.dataDir], {
      env: { ...process.env, PORT: String(this.#port) },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#child = child;
    const ready = new Promise<boolean>((resolve) => {
      createInterface(child.stdout).on('line', (line) => {
        if (line.startsWith('Touchline is ready')) resolve(true);
      });
    });
    if (!(await Promise.race([ready, this.#exited().then(() => false)])))
      throw new CommandError(`Touchline did not start on ${this.dataDir}.`);
  }

  get running(): RunFile {
    const running = readRunFile(this.dataDir);
    if (!running) throw new CommandError(`There is no run.json in ${this.dataDir}.`);
    return running;
  }

  /** @throws CommandError when one of the names is none of a process that runs */
  signal(names: readonly string[], signal: NodeJS.Signals): void {
    const { pids } = this.running;
    for (const name of names) {
      const pid = pids[name];
      if (pid === undefined) throw new CommandError(`There is no process ${name}.`);
      process.kill(pid, signal);
    }
  }

  /** SIGKILL to the supervisor and all its children at once, and a new start. */
  async killAllAndStart(): Promise<void> {
    const { pids } = this.running;
    this.#child?.kill('SIGKILL');
    for (const pid of Object.values(pids)) killed(pid);
    await this.#exited();
    await this.start();
  }

  async stop(): Promise<void> {
    this.#child?.kill('SIGTERM');
    await this.#exited();
  }

  #exited(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => child.once('exit', () => resolve()));
  }
}

function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}
