import { type ChildProcess, spawn } from 'node:child_process';
import { isToSupervisor, type ToChild } from '@touchline/runtime/ipc';
import { ChildLog } from './child-log.ts';
import { RestartPolicy } from './restart-policy.ts';

export interface ChildSpec {
  name: string;
  /** The module that it runs. */
  entry: string;
  env: Readonly<Record<string, string>>;
  /** Shown when it is restarted. */
  port?: number;
  /** Whether a start that it says failed is tried again when it has never been ready. */
  retriesFirstStart: boolean;
}

export interface ChildEvents {
  /** For the operator: a line. */
  say(line: string): void;
  /** It will not be started again. */
  givenUp(child: SupervisedChild, lastWords: readonly string[]): void;
  /** It runs (again) and is ready. */
  ready(child: SupervisedChild): void;
}

const exitConfig = 78;
const killSlackMs = 200;
const channelSlackMs = 200;

/** One process that is started again, on the same port, whenever it dies, until it is drained. */
export class SupervisedChild {
  readonly name: string;
  readonly #spec: ChildSpec;
  readonly #dataDir: string;
  readonly #events: ChildEvents;
  readonly #policy = new RestartPolicy();
  #process: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #restart: NodeJS.Timeout | undefined;
  #draining = false;
  #isReady = false;
  #wasReady = false;

  constructor(spec: ChildSpec, dataDir: string, events: ChildEvents) {
    this.name = spec.name;
    this.#spec = spec;
    this.#dataDir = dataDir;
    this.#events = events;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(): void {
    const log = ChildLog.open(this.#dataDir, this.name);
    let failure: string | undefined;
    let readySinceMs: number | undefined;
    const child = spawn(process.execPath, [...process.execArgv, this.#spec.entry], {
      env: this.#spec.env,
      stdio: ['ignore', log.descriptor, log.descriptor, 'ipc'],
    });
    this.#process = child;
    child.on('message', (message: unknown) => {
      if (!isToSupervisor(message)) return;
      if (message.type === 'failed') failure = message.message;
      else {
        readySinceMs = performance.now();
        this.#becameReady();
      }
    });
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) => {
        // Never started; there is no exit event then.
        failure = error.message;
        if (child.pid === undefined) ended(null, null);
      });
      let hasEnded = false;
      const ended = (code: number | null, signal: NodeJS.Signals | null) => {
        if (hasEnded) return;
        hasEnded = true;
        const lastWords = failure === undefined ? log.lastWords() : failure.split('\n');
        log.close();
        const readyForMs = readySinceMs === undefined ? 0 : performance.now() - readySinceMs;
        this.#isReady = false;
        this.#process = undefined;
        resolve();
        if (!this.#draining)
          this.#died({ code, signal, failed: failure !== undefined, lastWords, readyForMs });
      };
      child.once('exit', (code, signal) => {
        if (!child.connected) return ended(code, signal);
        // Its last message may still be in the channel.
        const late = setTimeout(ended, channelSlackMs, code, signal);
        child.once('disconnect', () => {
          clearTimeout(late);
          ended(code, signal);
        });
      });
    });
  }

  /** Asks it to end, waits, and kills it when its time is over. */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    clearTimeout(this.#restart);
    const child = this.#process;
    if (!child) return;
    const message: ToChild = { type: 'drain', graceMs };
    // It may die at this very moment; its exit is waited for all the same.
    if (child.connected) child.send(message, () => undefined);
    const kill = setTimeout(() => child.kill('SIGKILL'), graceMs + killSlackMs);
    await this.#exited;
    clearTimeout(kill);
  }

  #becameReady(): void {
    if (this.#wasReady) this.#events.say(`${this.name} is back.`);
    this.#isReady = true;
    this.#wasReady = true;
    this.#events.ready(this);
  }

  #died(death: {
    code: number | null;
    signal: NodeJS.Signals | null;
    failed: boolean;
    lastWords: readonly string[];
    readyForMs: number;
  }): void {
    const how = death.signal === null ? `status ${death.code}` : `signal ${death.signal}`;
    const hopeless =
      death.code === exitConfig || (death.failed && !this.#wasReady && !this.#spec.retriesFirstStart);
    const verdict = hopeless ? 'give-up' : this.#policy.died(death.readyForMs);
    if (verdict === 'give-up') {
      this.#events.say(
        hopeless
          ? `${this.name} cannot run:`
          : `${this.name} died again and again (${how}) and is given up. Its last words:`,
      );
      this.#events.givenUp(this, death.lastWords);
      return;
    }
    const where = this.#spec.port === undefined ? '' : ` on port ${this.#spec.port}`;
    // Said when it is done: a signal to the whole process group may kill a child that still loads its modules.
    this.#restart = setTimeout(() => {
      this.#events.say(`${this.name} died (${how}); it is started again${where}.`);
      this.start();
    }, verdict.restartInMs);
  }
}
