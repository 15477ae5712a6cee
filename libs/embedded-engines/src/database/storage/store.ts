import { mkdirSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { rawDocument } from '../bson/reader.ts';
import { encodeDocument } from '../bson/writer.ts';
import { DatabaseError } from '../errors.ts';
import { Collection, Index, toBuffer } from './collection.ts';
import { copyCollections } from './copy.ts';
import { describeFileError, sqliteCorrupt } from './file-error.ts';
import { arraysElsewhere } from './index-keys.ts';
import { type IndexSpec, parseIndexSpec } from './index-spec.ts';

export const fileName = 'database.sqlite';
const formatVersion = 2;
const maxCheckedBytes = 64 * 1024 * 1024;
const noOptions = encodeDocument({});

const schema = `
  CREATE TABLE collections (id INTEGER PRIMARY KEY AUTOINCREMENT, database TEXT NOT NULL, name TEXT NOT NULL, options BLOB NOT NULL, UNIQUE (database, name));
  CREATE TABLE indexes (id INTEGER PRIMARY KEY AUTOINCREMENT, collection INTEGER NOT NULL, spec BLOB NOT NULL, multikey INTEGER NOT NULL);
  PRAGMA user_version = ${formatVersion};
`;

/** The first format did not note where arrays lie. */
const upgrade = `
  UPDATE indexes SET multikey = multikey | ${arraysElsewhere};
  PRAGMA user_version = ${formatVersion};
`;

/** The one file in which all databases lie, with the list of what is in it. */
export class Store {
  readonly filePath: string;
  readonly #file: DatabaseSync;
  #log: Promise<FileHandle> | undefined;
  #untidy = false;
  #databases = new Map<string, Map<string, Collection>>();

  /** Throws a `DatabaseFileError` that names the file when it cannot be used. */
  constructor(dataDir: string) {
    this.filePath = path.resolve(dataDir, fileName);
    let file: DatabaseSync | undefined;
    try {
      mkdirSync(dataDir, { recursive: true });
      file = new DatabaseSync(this.filePath);
      this.#file = file;
      this.#prepareFile();
      this.#readCatalog();
    } catch (error) {
      if (file?.isOpen) file.close();
      throw describeFileError(this.filePath, error);
    }
  }

  #prepareFile(): void {
    this.#file.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA secure_delete = ON;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA wal_autocheckpoint = 4000;
      PRAGMA journal_size_limit = 33554432;
      PRAGMA cache_size = -131072;
    `);
    this.#refuseDamage();
    const version = Number(this.#file.prepare('PRAGMA user_version').get()!['user_version']);
    if (version === 0) this.#file.exec(`BEGIN IMMEDIATE; ${schema} COMMIT;`);
    else if (version === 1) this.#file.exec(`BEGIN IMMEDIATE; ${upgrade} COMMIT;`);
    else if (version === formatVersion) this.#file.exec('BEGIN IMMEDIATE; COMMIT');
    else throw new Error(`it has format ${version}, this program writes format ${formatVersion}`);
  }

  /** A greater file is not read as a whole, which would hold up the start: there, damage shows where it is met. */
  #refuseDamage(): void {
    if (statSync(this.filePath).size > maxCheckedBytes) return;
    const [result] = this.#file.prepare('PRAGMA quick_check(1)').all();
    const verdict = String(result?.['quick_check']);
    if (verdict !== 'ok') throw Object.assign(new Error(verdict), { errcode: sqliteCorrupt });
  }

  #readCatalog(): void {
    this.#databases = new Map();
    const indexes = this.#file
      .prepare('SELECT id, collection, spec, multikey FROM indexes ORDER BY id')
      .all();
    for (const row of this.#file
      .prepare('SELECT id, database, name, options FROM collections ORDER BY id')
      .all()) {
      const own = indexes.filter((index) => index['collection'] === row['id']);
      this.#add(
        new Collection(
          this.#file,
          Number(row['id']),
          String(row['database']),
          String(row['name']),
          toBuffer(row['options']),
          own.map(
            (index) =>
              new Index(
                Number(index['id']),
                parseIndexSpec(rawDocument(toBuffer(index['spec']))),
                Number(index['multikey']),
              ),
          ),
        ),
      );
    }
  }

  #add(collection: Collection): void {
    const { database, name } = collection;
    let collections = this.#databases.get(database);
    if (collections === undefined) this.#databases.set(database, (collections = new Map()));
    collections.set(name, collection);
  }

  get inTransaction(): boolean {
    return this.#file.isTransaction;
  }

  /** Opens the transaction that all writes of a turn share, unless it is open. */
  begin(): void {
    if (!this.#file.isTransaction) this.#file.exec('BEGIN IMMEDIATE');
  }

  /** When it returns, what was written outlives the process, and the machine's power after the next `sync`. */
  commit(): void {
    this.#file.exec('COMMIT');
    this.#untidy = true;
  }

  /**
   * Puts on disk what was committed before, as `synchronous = FULL` would within each commit; there, everybody would wait
   * for the disk.
   */
  async sync(): Promise<void> {
    this.#log ??= open(`${this.filePath}-wal`, 'r+');
    await (await this.#log).datasync();
  }

  rollback(): void {
    if (this.#file.isTransaction) this.#file.exec('ROLLBACK');
    this.#readCatalog();
  }

  /** Moves what lies in the write-ahead log into the file and empties it, so that deleted bytes do not stay there. */
  tidy(): void {
    if (!this.#untidy || this.#file.isTransaction) return;
    this.#file.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    this.#untidy = false;
  }

  async close(): Promise<void> {
    await (await this.#log)?.close();
    this.#log = undefined;
    if (this.#file.isOpen) this.#file.close();
  }

  /** Copies whole databases into a new file, as of one moment. Outside of any transaction only. */
  copyTo(target: string, wanted: (database: string) => boolean, atThatMoment: () => void): void {
    const found = this.databaseNames().flatMap((name) => (wanted(name) ? this.collections(name) : []));
    const tables = found.flatMap(({ table, indexes }) => [table, ...indexes.map((index) => index.table)]);
    const collections = found.map(({ id }) => id);
    copyCollections(this.#file, target, { collections, tables, formatVersion }, atThatMoment);
  }

  databaseNames(): string[] {
    return [...this.#databases.keys()].sort();
  }

  collections(database: string): Collection[] {
    return [...(this.#databases.get(database)?.values() ?? [])];
  }

  find(database: string, name: string): Collection | undefined {
    return this.#databases.get(database)?.get(name);
  }

  findOrCreate(database: string, name: string): Collection {
    return this.find(database, name) ?? this.create(database, name);
  }

  create(database: string, name: string, options = noOptions): Collection {
    checkNamespace(database, name);
    this.begin();
    const { lastInsertRowid } = this.#file
      .prepare('INSERT INTO collections (database, name, options) VALUES (?, ?, ?)')
      .run(database, name, options);
    const collection = new Collection(this.#file, Number(lastInsertRowid), database, name, options, []);
    this.#file.exec(
      `CREATE TABLE ${collection.table} (rid INTEGER PRIMARY KEY, id_key BLOB NOT NULL UNIQUE, document BLOB NOT NULL)`,
    );
    this.#add(collection);
    return collection;
  }

  drop(collection: Collection): void {
    this.begin();
    for (const index of [...collection.indexes]) this.dropIndex(collection, index);
    this.#file.prepare('DELETE FROM collections WHERE id = ?').run(collection.id);
    this.#file.exec(`DROP TABLE ${collection.table}`);
    this.#forget(collection);
    collection.dropped = true;
  }

  #forget({ database, name }: Collection): void {
    const collections = this.#databases.get(database);
    collections?.delete(name);
    if (collections?.size === 0) this.#databases.delete(database);
  }

  /** The collection takes another name, and maybe another database, with all that it holds. */
  rename(collection: Collection, database: string, name: string): void {
    checkNamespace(database, name);
    this.begin();
    this.#file
      .prepare('UPDATE collections SET database = ?, name = ? WHERE id = ?')
      .run(database, name, collection.id);
    this.#forget(collection);
    this.#add(
      new Collection(this.#file, collection.id, database, name, collection.options, collection.indexes),
    );
    collection.dropped = true;
  }

  /** Throws DuplicateKey when the documents contradict a unique index, which then is not made. */
  createIndex(collection: Collection, spec: IndexSpec): void {
    this.begin();
    this.#file.exec('SAVEPOINT create_index');
    try {
      const { lastInsertRowid } = this.#file
        .prepare('INSERT INTO indexes (collection, spec, multikey) VALUES (?, ?, 0)')
        .run(collection.id, spec.document);
      const index = new Index(Number(lastInsertRowid), spec, 0);
      this.#file.exec(
        `CREATE TABLE ${index.table} (key BLOB NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY (key, rid)) WITHOUT ROWID`,
      );
      collection.fill(index);
      collection.indexes.push(index);
    } catch (error) {
      this.#file.exec('ROLLBACK TO create_index');
      throw error;
    } finally {
      this.#file.exec('RELEASE create_index');
    }
  }

  dropIndex(collection: Collection, index: Index): void {
    this.begin();
    this.#file.prepare('DELETE FROM indexes WHERE id = ?').run(index.id);
    this.#file.exec(`DROP TABLE ${index.table}`);
    index.pages.clear();
    collection.indexes.splice(collection.indexes.indexOf(index), 1);
  }
}

const maxNamespaceBytes = 255;

function checkNamespace(database: string, name: string): void {
  checkDatabaseName(database);
  if (name === '' || name.startsWith('.') || name.endsWith('.') || name.includes('$') || name.includes('\0'))
    throw new DatabaseError('InvalidNamespace', `Invalid collection name: '${name}'`);
  if (Buffer.byteLength(`${database}.${name}`) > maxNamespaceBytes)
    throw new DatabaseError(
      'InvalidNamespace',
      `Fully qualified namespace is too long. Max: ${maxNamespaceBytes} bytes`,
    );
}

export function checkDatabaseName(database: string): void {
  if (database === '' || Buffer.byteLength(database) > 63 || /[\0/\\. "$]/.test(database))
    throw new DatabaseError('InvalidNamespace', `Invalid database name: '${database}'`);
}
