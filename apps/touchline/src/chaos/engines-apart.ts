import { type ChildProcess, spawn } from 'node:child_process';
import { CommandError } from '../command-error.ts';
import { EngineProxy } from './engine-proxy.ts';
import { main } from './system-under-test.ts';

/** The engines as a process of their own, each behind a proxy whose port stays. */
export class EnginesApart {
  readonly log = new EngineProxy();
  readonly database = new EngineProxy();
  readonly #dataDir: string;
  #child: ChildProcess | undefined;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** Where the services find them. */
  get env(): Record<string, string> {
    return {
      EVENTSTORE_URL: `esdb://127.0.0.1:${this.log.port}?tls=false`,
      MONGODB_URL: `mongodb://127.0.0.1:${this.database.port}/`,
    };
  }

  async listen(): Promise<void> {
    await Promise.all([this.log.listen(), this.database.listen()]);
  }

  /** @throws CommandError with what they said when they do not start */
  async start(): Promise<void> {
    const child = spawn(
      process.execPath,
      [...process.execArgv, main, 'engines', '--data-dir', this.#dataDir],
      // The channel ends them with this process.
      { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
    );
    this.#child = child;
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new CommandError(`The engines did not start: ${said}`)));
      child.stdout?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const [, log, database] = /:([0-9]+)\?tls=false\n.*:([0-9]+)\/\n/.exec(said) ?? [];
        if (log === undefined || database === undefined) return;
        this.log.target = { host: '127.0.0.1', port: Number(log) };
        this.database.target = { host: '127.0.0.1', port: Number(database) };
        resolve();
      });
    });
  }

  async kill(): Promise<void> {
    this.log.target = this.database.target = undefined;
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    await Promise.all([this.log.close(), this.database.close()]);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  }
}
