import type { Position } from '@touchline/event-log';

interface Waiter {
  position: Position;
  resolve(): void;
}

/** Those who wait until a position has been passed. */
export class Waiters {
  readonly #waiters = new Set<Waiter>();
  #passed: Position = '';

  get size(): number {
    return this.#waiters.size;
  }

  get passed(): Position {
    return this.#passed;
  }

  /** Positions only grow; an older one changes nothing. */
  advance(position: Position): void {
    if (position <= this.#passed) return;
    this.#passed = position;
    for (const waiter of this.#waiters) {
      if (waiter.position > position) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  /** @throws the signal's reason when it is aborted first */
  wait(position: Position, signal: AbortSignal): Promise<void> {
    if (position <= this.#passed) return Promise.resolve();
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const abandon = () => {
        this.#waiters.delete(waiter);
        reject(signal.reason as Error);
      };
      const waiter: Waiter = {
        position,
        resolve: () => {
          signal.removeEventListener('abort', abandon);
          resolve();
        },
      };
      signal.addEventListener('abort', abandon, { once: true });
      this.#waiters.add(waiter);
    });
  }
}
