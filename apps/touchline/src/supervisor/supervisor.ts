import { type ChildSpec, SupervisedChild } from './supervised-child.ts';

export interface SupervisorOptions {
  dataDir: string;
  /** In the order in which they are drained: each group ends before the next is asked to. */
  groups: readonly { children: readonly ChildSpec[]; graceMs: number }[];
  /** For the operator: a line. */
  say(line: string): void;
  /** A child became ready, for the first time or again. */
  changed?(): void;
}

const patienceMs = 10_000;

/** Starts all children at once and keeps them running until it is drained. */
export class Supervisor {
  readonly #groups: readonly { children: readonly SupervisedChild[]; graceMs: number }[];
  readonly #children: readonly SupervisedChild[];
  readonly #say: (line: string) => void;
  /** Rejects when a child is given up. */
  readonly failed: Promise<never>;
  /** Resolves when every child has been ready at the same time. */
  readonly ready: Promise<void>;

  constructor({ dataDir, groups, say, changed }: SupervisorOptions) {
    this.#say = say;
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => undefined);
    this.failed = failed.promise;
    const ready = Promise.withResolvers<void>();
    this.ready = ready.promise;
    const events = {
      say,
      givenUp: (child: SupervisedChild, lastWords: readonly string[]) => {
        for (const line of lastWords) say(`  ${line}`);
        failed.reject(new Error(`${child.name} was given up.`));
      },
      ready: () => {
        if (this.#children.every((child) => child.isReady)) ready.resolve();
        changed?.();
      },
    };
    this.#groups = groups.map(({ children, graceMs }) => ({
      children: children.map((spec) => new SupervisedChild(spec, dataDir, events)),
      graceMs,
    }));
    this.#children = this.#groups.flatMap(({ children }) => children);
  }

  /** Process ids by name. */
  get pids(): Record<string, number> {
    return Object.fromEntries(
      this.#children.flatMap(({ name, pid }) => (pid === undefined ? [] : [[name, pid]])),
    );
  }

  start(): void {
    // What is drained last is needed first.
    for (const child of this.#children.toReversed()) child.start();
    const reminder = setInterval(() => {
      const waiting = this.#children.filter((child) => !child.isReady).map((child) => child.name);
      if (waiting.length > 0) this.#say(`Still waiting for ${waiting.join(', ')}.`);
    }, patienceMs);
    reminder.unref();
    void Promise.race([this.ready, this.failed.catch(() => undefined)]).then(() => clearInterval(reminder));
  }

  /** Ends all children, group by group. */
  async drain(): Promise<void> {
    for (const { children, graceMs } of this.#groups)
      await Promise.all(children.map((child) => child.drain(graceMs)));
  }
}
