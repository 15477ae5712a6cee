import type { ReadModelSet } from './read-model-set.ts';

interface Halt {
  halted: PromiseWithResolvers<void>;
  over: PromiseWithResolvers<void>;
}

/** The time for which one holder has the lease, with work that can be brought to a stop for a while. */
export class Tenure {
  /** Aborted when the lease is lost or given back. */
  readonly held: AbortSignal;
  /** Names this tenure in the pointer to the live set. */
  readonly writer: string;
  /** Kept up beside the live set: the one that was live a moment ago. */
  alsoFed: ReadModelSet | undefined;
  #turn = new AbortController();
  #halt: Halt | undefined;

  constructor(held: AbortSignal, writer: string) {
    this.held = held;
    this.writer = writer;
  }

  /** Does the work, which ends when its signal is aborted, again after each halt. */
  async work(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    while (!this.held.aborted) {
      this.#turn = new AbortController();
      if (!this.#halt) await work(AbortSignal.any([this.held, this.#turn.signal]));
      const halt = this.#halt;
      if (!halt) continue;
      halt.halted.resolve();
      await halt.over.promise;
    }
  }

  /**
   * Ends the work, does this instead, and lets the work begin anew. One at a time; it must end when `held` is aborted.
   *
   * @throws what `instead` throws, the reason of `held` when the tenure ends first
   */
  async halted<T>(instead: () => Promise<T>): Promise<T> {
    if (this.#halt) throw new Error('the work is halted already');
    const halt: Halt = { halted: Promise.withResolvers(), over: Promise.withResolvers() };
    this.#halt = halt;
    const lost = () => halt.halted.reject(this.held.reason as Error);
    this.held.addEventListener('abort', lost, { once: true });
    if (this.held.aborted) lost();
    this.#turn.abort();
    try {
      await halt.halted.promise;
      return await instead();
    } finally {
      this.held.removeEventListener('abort', lost);
      this.#halt = undefined;
      halt.over.resolve();
    }
  }
}
