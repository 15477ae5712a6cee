import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { encodeKey } from '../bson/key.ts';
import { findElement, rawDocument, sliceOf } from '../bson/reader.ts';
import type { RawValue } from '../bson/types.ts';
import { duplicateKey } from './duplicate-key.ts';
import { type IndexEntries, indexEntries } from './index-keys.ts';
import type { IndexSpec } from './index-spec.ts';
import { KeyPages } from './key-pages.ts';

export const idName = Buffer.from('_id');
/** Above every key. */
export const endOfKeys = Buffer.from([0xff]);
const maxChunkBytes = 4 * 1024 * 1024;
const noEntries: IndexEntries = { entries: [], multikey: 0, present: false };

export interface StoredDocument {
  readonly rid: number;
  readonly document: RawValue;
}

/** A row of an index scan; the document is read with it. */
export interface ScannedDocument extends StoredDocument {
  /** Undefined when it was not asked for. */
  readonly key: Buffer | undefined;
}

/** One index of a collection, whose keys lie in a table of its own. */
export class Index {
  readonly id: number;
  readonly spec: IndexSpec;
  /** As `IndexEntries.multikey`, of all documents so far. */
  multikey: number;
  readonly pages: KeyPages;
  /** Made once, since prepared statements are found by their text. */
  readonly sql: Readonly<Record<'add' | 'remove' | 'other', string>>;

  constructor(id: number, spec: IndexSpec, multikey: number) {
    this.id = id;
    this.spec = spec;
    this.multikey = multikey;
    this.pages = new KeyPages(spec.fields);
    this.sql = {
      add: `INSERT INTO ${this.table} (key, rid) VALUES (?, ?)`,
      remove: `DELETE FROM ${this.table} WHERE key = ? AND rid = ?`,
      other: `SELECT 1 FROM ${this.table} WHERE key = ? AND rid <> ? LIMIT 1`,
    };
  }

  get table(): string {
    return `index_${this.id}`;
  }

  entries(document: RawValue): IndexEntries {
    if (this.spec.partial && !this.spec.partial.match(document)) return noEntries;
    const found = indexEntries(this.spec.fields, document);
    return this.spec.sparse && !found.present ? noEntries : found;
  }
}

/** The documents of one collection and the keys of its indexes. Every change belongs into a transaction of the store. */
export class Collection {
  readonly id: number;
  readonly database: string;
  readonly name: string;
  readonly options: Buffer;
  readonly indexes: Index[];
  dropped = false;
  readonly #file: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #sql: Readonly<Record<'byId' | 'byRid' | 'insert' | 'update' | 'remove', string>>;
  #count: number | undefined;

  constructor(
    file: DatabaseSync,
    id: number,
    database: string,
    name: string,
    options: Buffer,
    indexes: Index[],
  ) {
    this.#file = file;
    this.id = id;
    this.database = database;
    this.name = name;
    this.options = options;
    this.indexes = indexes;
    this.#sql = {
      byId: `SELECT rid, document FROM ${this.table} WHERE id_key = ?`,
      byRid: `SELECT document FROM ${this.table} WHERE rid = ?`,
      insert: `INSERT OR IGNORE INTO ${this.table} (id_key, document) VALUES (?, ?)`,
      update: `UPDATE ${this.table} SET document = ? WHERE rid = ?`,
      remove: `DELETE FROM ${this.table} WHERE rid = ?`,
    };
  }

  get namespace(): string {
    return `${this.database}.${this.name}`;
  }

  get table(): string {
    return `collection_${this.id}`;
  }

  /** Rows as arrays; statements are prepared once for each text. */
  all(sql: string, ...parameters: SQLInputValue[]): SQLOutputValue[][] {
    return this.#prepare(sql).all(...parameters) as unknown as SQLOutputValue[][];
  }

  get(sql: string, ...parameters: SQLInputValue[]): SQLOutputValue[] | undefined {
    return this.#prepare(sql).get(...parameters) as unknown as SQLOutputValue[] | undefined;
  }

  /**
   * At most `count` rows, but no more than a few megabytes of them at a time.
   * `ended` says that there are no others.
   */
  chunk(
    sql: string,
    count: number,
    ...parameters: SQLInputValue[]
  ): { rows: SQLOutputValue[][]; ended: boolean } {
    const rows: SQLOutputValue[][] = [];
    let bytes = 0;
    for (const row of this.#prepare(sql).iterate(...parameters) as unknown as Iterable<SQLOutputValue[]>) {
      rows.push(row);
      bytes += (row.at(-1) as Uint8Array).length;
      if (bytes > maxChunkBytes) return { rows, ended: false };
    }
    return { rows, ended: rows.length < count };
  }

  #run(sql: string, ...parameters: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...parameters).changes);
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#file.prepare(sql, { returnArrays: true });
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** The number of documents; counted once and then kept. */
  get count(): number {
    this.#count ??= Number(this.get(`SELECT count(*) FROM ${this.table}`)![0]);
    return this.#count;
  }

  findById(id: RawValue): StoredDocument | undefined {
    const row = this.get(this.#sql.byId, encodeKey(id));
    return row && { rid: row[0] as number, document: toDocument(row[1]) };
  }

  read(rid: number): RawValue | undefined {
    const row = this.get(this.#sql.byRid, rid);
    return row && toDocument(row[0]);
  }

  /** Throws DuplicateKey, and then has changed nothing. */
  insert(document: RawValue): void {
    const entries = this.indexes.map((index) => index.entries(document));
    const id = findElement(document.bytes, document.start, idName);
    const idKey = encodeKey(id);
    const duplicateId = () =>
      duplicateKey(this.namespace, '_id_', [{ name: '_id', descending: false, value: id }]);
    if (
      this.indexes.some(({ spec }) => spec.unique) &&
      this.get(`SELECT 1 FROM ${this.table} WHERE id_key = ?`, idKey)
    )
      throw duplicateId();
    entries.forEach(({ entries: added }, i) => this.#refuseDuplicates(this.indexes[i]!, added, -1));
    const result = this.#prepare(this.#sql.insert).run(idKey, sliceOf(document));
    if (result.changes === 0) throw duplicateId();
    const rid = Number(result.lastInsertRowid);
    entries.forEach(({ entries: added, multikey }, i) => {
      for (const { key } of added) this.#addKey(this.indexes[i]!, key, rid);
      this.#setMultikey(this.indexes[i]!, multikey);
    });
    if (this.#count !== undefined) this.#count += 1;
  }

  /** Puts another document with the same `_id` in a document's place. Throws DuplicateKey, and then has changed nothing. */
  replace(rid: number, before: RawValue, after: RawValue): void {
    const changes = this.indexes.map((index) => {
      const old = index.entries(before);
      const fresh = index.entries(after);
      return {
        index,
        multikey: fresh.multikey,
        added: without(fresh.entries, old.entries),
        removed: without(old.entries, fresh.entries),
      };
    });
    for (const { index, added } of changes) this.#refuseDuplicates(index, added, rid);
    this.#run(this.#sql.update, sliceOf(after), rid);
    for (const { index, added, removed, multikey } of changes) {
      for (const { key } of removed) this.#removeKey(index, key, rid);
      for (const { key } of added) this.#addKey(index, key, rid);
      this.#setMultikey(index, multikey);
    }
  }

  remove(rid: number, document: RawValue): void {
    for (const index of this.indexes)
      for (const { key } of index.entries(document).entries) this.#removeKey(index, key, rid);
    this.#run(this.#sql.remove, rid);
    if (this.#count !== undefined) this.#count -= 1;
  }

  /** Removes all documents at once. */
  clear(): void {
    for (const index of this.indexes) {
      this.#run(`DELETE FROM ${index.table}`);
      index.pages.clear();
    }
    this.#run(`DELETE FROM ${this.table}`);
    this.#count = 0;
  }

  /** Fills a new index; throws DuplicateKey, after which the transaction's savepoint must be rolled back. */
  fill(index: Index): void {
    let multikey = 0;
    for (let last = -1; ;) {
      const rows = this.all(
        `SELECT rid, document FROM ${this.table} WHERE rid > ? ORDER BY rid LIMIT 500`,
        last,
      );
      for (const row of rows) {
        const rid = row[0] as number;
        const found = index.entries(toDocument(row[1]));
        this.#refuseDuplicates(index, found.entries, rid);
        for (const { key } of found.entries) this.#addKey(index, key, rid);
        multikey |= found.multikey;
        last = rid;
      }
      if (rows.length === 0) break;
    }
    this.#setMultikey(index, multikey);
  }

  #addKey(index: Index, key: Buffer, rid: number): void {
    this.#run(index.sql.add, key, rid);
    index.pages.changed(key, rid, 1);
  }

  #removeKey(index: Index, key: Buffer, rid: number): void {
    if (this.#run(index.sql.remove, key, rid) > 0) index.pages.changed(key, rid, -1);
  }

  #setMultikey(index: Index, multikey: number): void {
    if ((index.multikey | multikey) === index.multikey) return;
    index.multikey |= multikey;
    this.#run('UPDATE indexes SET multikey = ? WHERE id = ?', index.multikey, index.id);
  }

  #refuseDuplicates(index: Index, added: IndexEntries['entries'], rid: number): void {
    if (!index.spec.unique) return;
    for (const { key, values } of added)
      if (this.get(index.sql.other, key, rid))
        throw duplicateKey(
          this.namespace,
          index.spec.name,
          index.spec.fields.map(({ path, descending }, i) => ({
            name: path.text,
            descending,
            value: values[i],
          })),
        );
  }
}

/** The entries whose keys are not among the others'. */
function without(entries: IndexEntries['entries'], others: IndexEntries['entries']): IndexEntries['entries'] {
  const [entry, ...more] = entries;
  if (entry === undefined) return entries;
  if (more.length === 0) return others.some(({ key }) => key.equals(entry.key)) ? [] : entries;
  const keys = new Set(others.map(({ key }) => key.toString('latin1')));
  return entries.filter(({ key }) => !keys.has(key.toString('latin1')));
}

export function toDocument(column: SQLOutputValue | undefined): RawValue {
  const bytes = column as Uint8Array;
  return rawDocument(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export function toBuffer(column: SQLOutputValue | undefined): Buffer {
  const bytes = column as Uint8Array;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
