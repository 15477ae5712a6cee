import { EventEmitter } from 'node:events';
import { backup, type DatabaseSync } from 'node:sqlite';

import { LogCallError } from '../errors.ts';
import type { ExpectedRevision } from './append-decision.ts';
import { openDatabase, sqliteCode, storageMessage } from './database-file.ts';
import { GroupCommit } from './group-commit.ts';
import { LogReader } from './log-reader.ts';
import { LogWriter, type WriteOutcome } from './log-writer.ts';
import type { ProposedEvent } from './records.ts';
import { StreamCatalog } from './stream-catalog.ts';

/** What EventStoreDB allows by default for the events of one append together. */
export const MAX_APPEND_BYTES = 1_048_576;

/** A deletion writes little; the figure only weighs it among the others of its group. */
const DELETION_BYTES = 512;

/** 2 MB: a step holds up appends. */
const COPIED_PAGES_AT_ONCE = 256;

/** The size that counts against the limit of one append. */
export function eventBytes(event: ProposedEvent): number {
  return event.data.length + event.metadata.length + 2 * event.type.length;
}

/** The log on the disk. Appends are acknowledged when they are durable; reads see what was committed. */
export class LogStore {
  readonly file: string;
  readonly reader: LogReader;
  readonly #database: DatabaseSync;
  readonly #writer: LogWriter;
  readonly #commits: GroupCommit;
  readonly #committed = new EventEmitter().setMaxListeners(0);
  #lastCommitted: number;

  private constructor(database: DatabaseSync, file: string) {
    this.file = file;
    this.#database = database;
    const catalog = new StreamCatalog(database);
    this.#writer = new LogWriter(database, catalog);
    this.#lastCommitted = this.#writer.lastPosition;
    this.reader = new LogReader(database, catalog, () => this.#lastCommitted);
    this.#commits = new GroupCommit(database, {
      committed: () => {
        if (this.#lastCommitted === this.#writer.lastPosition) return;
        this.#lastCommitted = this.#writer.lastPosition;
        this.#committed.emit('committed');
      },
      rolledBack: () => {
        catalog.clear();
        this.#writer.reset();
      },
    });
  }

  /** @throws EngineError when the data directory or the database in it cannot be used. */
  static open(dataDir: string): LogStore {
    const { database, file } = openDatabase(dataDir);
    return new LogStore(database, file);
  }

  append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly ProposedEvent[],
  ): Promise<WriteOutcome> {
    const bytes = events.reduce((sum, event) => sum + eventBytes(event), 0);
    if (bytes > MAX_APPEND_BYTES)
      return Promise.reject(new LogCallError({ code: 'append-too-large', limitBytes: MAX_APPEND_BYTES }));
    return this.#submit(bytes, () => this.#writer.append(stream, expected, events));
  }

  softDelete(stream: string, expected: ExpectedRevision): Promise<WriteOutcome> {
    return this.#submit(DELETION_BYTES, () => this.#writer.softDelete(stream, expected));
  }

  tombstone(stream: string, expected: ExpectedRevision): Promise<WriteOutcome> {
    return this.#submit(DELETION_BYTES, () => this.#writer.tombstone(stream, expected));
  }

  /** The position of the last event that is on the disk; 0 when there is none. */
  get lastCommitted(): number {
    return this.#lastCommitted;
  }

  /** Copies the log while it goes on. @returns pages */
  copyTo(file: string): Promise<number> {
    return backup(this.#database, file, { rate: COPIED_PAGES_AT_ONCE });
  }

  /** Calls back after every commit that added events. @returns how to stop it. */
  onCommitted(listener: () => void): () => void {
    this.#committed.on('committed', listener);
    return () => this.#committed.off('committed', listener);
  }

  /** Writes what was submitted, then lets go of the file. */
  close(): void {
    this.#commits.flush();
    this.#database.close();
  }

  /** A failure of the database, with the file it is and what to do; any other error as it came. */
  explain(error: unknown, doing: 'read' | 'write'): unknown {
    if (sqliteCode(error) === 0) return error;
    return new LogCallError(
      { code: 'storage-failed', message: storageMessage(this.file, error, doing) },
      error,
    );
  }

  async #submit(bytes: number, run: () => WriteOutcome): Promise<WriteOutcome> {
    try {
      return await this.#commits.submit(bytes, run);
    } catch (error) {
      throw this.explain(error, 'write');
    }
  }
}
