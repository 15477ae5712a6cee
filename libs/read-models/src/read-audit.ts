import { MongoBulkWriteError, type Collection, type Db } from 'mongodb';
import { LastUsed } from '@touchline/event-log';

/** Something that somebody reads. */
export interface Reading {
  /** Whose or of what it is: what the entries are found by. */
  readonly subject: string;
  readonly what: string;
  /** The window that was asked for, in milliseconds since the Unix epoch, where there is one. */
  readonly window?: { readonly startMs: number; readonly endMs: number };
}

/** That somebody read something. */
export interface ReadEntry {
  readonly subject: string;
  readonly what: string;
  /** The user. */
  readonly reader: number;
  readonly at: Date;
  readonly startMs?: number;
  readonly endMs?: number;
}

interface EntryDocument extends ReadEntry {
  _id: string;
}

const HOUR_MS = 3_600_000;
const MAX_REMEMBERED = 50_000;
const SUBJECTS_AT_ONCE = 500;
const DUPLICATE_KEY = 11000;

/**
 * Who read what when, in `reads` of the context's state database. What somebody reads again within the hour is one
 * entry, with the time of the first and a window that spans all: whoever looks at live data every second is no reason
 * to write every second.
 */
export class ReadAudit {
  readonly #reads: Collection<EntryDocument>;
  readonly #now: () => number;
  /** By entry, the window that is known to be in it. */
  readonly #remembered = new LastUsed<string, Pick<Reading, 'window'>>({ max: MAX_REMEMBERED });
  #indexed: Promise<unknown> | undefined;

  /** @param now milliseconds since the Unix epoch */
  constructor(state: Db, now: () => number = Date.now) {
    this.#reads = state.collection<EntryDocument>('reads');
    this.#now = now;
  }

  /** Durable when it resolves: to be awaited before an answer ends. @throws MongoError */
  async record(reader: number, readings: readonly Reading[]): Promise<void> {
    const nowMs = this.#now();
    const hour = Math.floor(nowMs / HOUR_MS);
    const fresh = readings
      .map((reading) => ({ ...reading, _id: [reading.subject, reading.what, reader, hour].join('/') }))
      .filter(({ _id, window }) => !this.#isKnown(_id, window));
    if (fresh.length === 0) return;
    await this.#index();
    const writes = fresh.map(({ _id, subject, what, window }) => ({
      updateOne: {
        filter: { _id },
        update: {
          $setOnInsert: { subject, what, reader, at: new Date(nowMs) },
          ...(window && { $min: { startMs: window.startMs }, $max: { endMs: window.endMs } }),
        },
        upsert: true,
      },
    }));
    try {
      await this.#reads.bulkWrite(writes, { ordered: false });
    } catch (error) {
      if (!(error instanceof MongoBulkWriteError) || error.code !== DUPLICATE_KEY) throw error;
      // Another instance inserted the same at the same moment: now they are there.
      await this.#reads.bulkWrite(writes, { ordered: false });
    }
    for (const { _id, window } of fresh) this.#remember(_id, window);
  }

  /** In the order of their times within each subject. @throws MongoError */
  async *of(subjects: readonly string[]): AsyncGenerator<ReadEntry, void, void> {
    for (let from = 0; from < subjects.length; from += SUBJECTS_AT_ONCE) {
      const some = subjects.slice(from, from + SUBJECTS_AT_ONCE);
      yield* this.#reads.find({ subject: { $in: some } }, { sort: { subject: 1, at: 1 } });
    }
  }

  /** @throws MongoError */
  async forget(subject: string): Promise<void> {
    await this.#reads.deleteMany({ subject });
  }

  #isKnown(id: string, window: Reading['window']): boolean {
    const known = this.#remembered.get(id);
    if (!window || !known) return known !== undefined;
    const { startMs, endMs } = known.window ?? { startMs: Infinity, endMs: -Infinity };
    return startMs <= window.startMs && window.endMs <= endMs;
  }

  #remember(id: string, window: Reading['window']): void {
    const known = this.#remembered.get(id)?.window ?? window;
    if (!window || !known) return this.#remembered.set(id, {});
    const startMs = Math.min(window.startMs, known.startMs);
    const endMs = Math.max(window.endMs, known.endMs);
    this.#remembered.set(id, { window: { startMs, endMs } });
  }

  #index(): Promise<unknown> {
    this.#indexed ??= this.#reads.createIndex({ subject: 1, at: 1 }).catch((error: unknown) => {
      this.#indexed = undefined;
      throw error;
    });
    return this.#indexed;
  }
}
