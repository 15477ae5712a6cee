import type { DatabaseSync } from 'node:sqlite';

import { LogCallError } from '../errors.ts';
import { GroupPatience } from './group-patience.ts';

interface Work {
  readonly run: () => unknown;
  readonly bytes: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

export interface CommitHooks {
  /** The group is on the disk. */
  readonly committed: () => void;
  /** The group was undone: whatever is known of the tables from memory is void. */
  readonly rolledBack: () => void;
}

const MAX_GROUP = 512;
const MAX_GROUP_BYTES = 8 * 1024 * 1024;
/** Below, a timer is too coarse: the loop turns until then. */
const MIN_TIMER_MS = 1;

/**
 * Puts writes that arrive together into one transaction, so that they share one fsync. A write is acknowledged only after
 * the commit. A write that throws `LogCallError` must not have written anything yet; it fails alone. Any other failure
 * undoes the group, and each of its writes is then tried by itself.
 */
export class GroupCommit {
  readonly #begin;
  readonly #commit;
  readonly #rollback;
  readonly #hooks: CommitHooks;
  readonly #patience = new GroupPatience();
  #queue: Work[] = [];
  #scheduled = false;

  constructor(database: DatabaseSync, hooks: CommitHooks) {
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#rollback = () => {
      if (database.isTransaction) database.exec('ROLLBACK');
    };
    this.#hooks = hooks;
  }

  /** @param bytes about what `run` will write; bounds the group. */
  submit<T>(bytes: number, run: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ run, bytes, resolve: resolve as (value: never) => void, reject });
      this.#schedule();
    });
  }

  /** Writes what is waiting. Later submissions are the caller's to prevent. */
  flush(): void {
    while (this.#queue.length > 0) this.#runGroup(this.#takeGroup());
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const sinceMs = performance.now();
    const attempt = (): void => {
      const waitMs = this.#patience.waitMs(this.#queue.length, performance.now() - sinceMs);
      if (waitMs >= MIN_TIMER_MS) setTimeout(attempt, MIN_TIMER_MS);
      else if (waitMs > 0) setImmediate(attempt);
      else this.#runNext();
    };
    setImmediate(attempt);
  }

  #runNext(): void {
    this.#scheduled = false;
    if (this.#queue.length === 0) return;
    const startMs = performance.now();
    const group = this.#takeGroup();
    this.#runGroup(group);
    this.#patience.committed(group.length, performance.now() - startMs);
    if (this.#queue.length > 0) this.#schedule();
  }

  #takeGroup(): Work[] {
    let count = 0;
    for (
      let bytes = 0;
      count < this.#queue.length && count < MAX_GROUP && bytes < MAX_GROUP_BYTES;
      count += 1
    ) {
      bytes += this.#queue[count]?.bytes ?? 0;
    }
    return this.#queue.splice(0, count);
  }

  #runGroup(group: readonly Work[]): void {
    const settle: (() => void)[] = [];
    try {
      this.#begin.run();
      for (const work of group) settle.push(this.#attempt(work));
      this.#commit.run();
    } catch (error) {
      this.#undo();
      if (group.length > 1) for (const work of group) this.#runGroup([work]);
      else group[0]?.reject(error);
      return;
    }
    for (const done of settle) done();
    this.#hooks.committed();
  }

  #attempt({ run, resolve, reject }: Work): () => void {
    try {
      const value = run();
      return () => resolve(value as never);
    } catch (error) {
      if (!(error instanceof LogCallError)) throw error;
      return () => reject(error);
    }
  }

  #undo(): void {
    try {
      this.#rollback();
    } catch {
      // Then every later BEGIN fails and says so; there is nobody else to tell here.
    }
    this.#hooks.rolledBack();
  }
}
