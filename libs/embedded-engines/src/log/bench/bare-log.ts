import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

const PAGE = 256;

/** The same events in a table of SQLite, with nothing around it: what the disk and SQLite alone allow. */
export class BareLog {
  readonly #database: DatabaseSync;
  #count = 0;

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec(`
      PRAGMA page_size = 8192;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA secure_delete = ON;
      CREATE TABLE events (position INTEGER PRIMARY KEY, stream INTEGER, revision INTEGER, id BLOB, type TEXT, metadata BLOB, data BLOB) STRICT;
      CREATE UNIQUE INDEX events_of_stream ON events (stream, revision);
    `);
  }

  get count(): number {
    return this.#count;
  }

  append(
    count: number,
    perCommit: number,
    typeOf: (number: number) => string,
    { data, metadata }: { data: Uint8Array; metadata: Uint8Array },
  ): void {
    const insert = this.#database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)');
    for (let written = 0; written < count;) {
      this.#database.exec('BEGIN');
      for (let k = 0; k < perCommit && written < count; k += 1, written += 1) {
        this.#count += 1;
        insert.run(this.#count, k, this.#count, randomBytes(16), typeOf(written), metadata, data);
      }
      this.#database.exec('COMMIT');
    }
  }

  /** @returns how many there were. */
  readAll(): number {
    return this.#read('position > ?');
  }

  readOfType(type: string): number {
    return this.#read('position > ? AND type = ?', type);
  }

  close(): void {
    this.#database.close();
  }

  #read(condition: string, ...parameters: string[]): number {
    const page = this.#database.prepare(
      `SELECT * FROM events WHERE ${condition} ORDER BY position LIMIT ${PAGE}`,
    );
    let read = 0;
    for (let after = 0; ;) {
      const rows = page.all(after, ...parameters);
      read += rows.length;
      if (rows.length < PAGE) return read;
      after = Number(rows.at(-1)?.['position']);
    }
  }
}
