import type { SQLInputValue } from 'node:sqlite';
import {
  type Collection,
  type Index,
  type ScannedDocument,
  toBuffer,
  toDocument,
} from '../storage/collection.ts';
import { arraysElsewhere, maxIndexFields } from '../storage/index-keys.ts';
import { type IndexSpec, idIndex } from '../storage/index-spec.ts';
import type { PagePart, Place } from '../storage/key-pages.ts';
import type { Bound } from './bounds.ts';
import type { KeyRange } from './interval.ts';

export interface RangeRead {
  readonly range: KeyRange;
  readonly backwards: boolean;
  /** Where a scan goes on: behind this key and document. */
  readonly after: Place | undefined;
  readonly skip: number;
  readonly count: number;
}

/** The keys of one index of a collection, that of `_id` among them, in the order of their bytes. */
export class IndexSource {
  readonly spec: IndexSpec;
  readonly #index: Index | undefined;
  readonly #collection: Collection;
  readonly #keys: string;
  readonly #key: string;
  readonly #rid: string;

  /** Without an index that of `_id` is meant, whose keys lie beside the documents. */
  constructor(collection: Collection, index?: Index) {
    this.#collection = collection;
    this.#index = index;
    this.spec = index?.spec ?? idIndex;
    this.#key = index ? 'i.key' : 'd.id_key';
    this.#rid = index ? 'i.rid' : 'd.rid';
    this.#keys = index ? `${index.table} i` : `${collection.table} d`;
  }

  /** Some document has several keys. */
  get repeats(): boolean {
    return (this.#multikey & ~arraysElsewhere) !== 0;
  }

  /** As `Index.multikey`, which grows. */
  get #multikey(): number {
    return this.#index?.multikey ?? 0;
  }

  /** Whether keys can be looked through in memory. */
  get paged(): boolean {
    return this.#index !== undefined;
  }

  isOf(collection: Collection): boolean {
    return this.#collection === collection;
  }

  get name(): string {
    return this.spec.name;
  }

  /** The place of the bound's path among the index's fields, -1 when it is not there. */
  fieldOf(bound: Pick<Bound, 'path'>): number {
    return this.spec.fields.findIndex(({ path }) => path.text === bound.path.text);
  }

  isMultikey(field: number): boolean {
    return field >= 0 && (this.#multikey & (1 << field)) !== 0;
  }

  /** Each key of a field such as `readers.manager` is of one document in one array, in all documents that have the field. */
  get isOfElements(): boolean {
    return (this.#multikey & arraysElsewhere) === 0;
  }

  /** More than one array lies on the field's path in some document. */
  isDeep(field: number): boolean {
    return (this.#multikey & (1 << (maxIndexFields + field))) !== 0;
  }

  /** The number of keys in a range, but no more than `limit`. */
  countUpTo(range: KeyRange, limit: number): number {
    const row = this.#collection.get(
      `SELECT count(*) FROM (SELECT 1 FROM ${this.#keys} WHERE ${this.#key} >= ? AND ${this.#key} < ? LIMIT ?)`,
      range.start,
      range.end,
      limit,
    );
    return Number(row![0]);
  }

  count(range: KeyRange): number {
    const row = this.#collection.get(
      `SELECT count(*) FROM ${this.#keys} WHERE ${this.#key} >= ? AND ${this.#key} < ?`,
      range.start,
      range.end,
    );
    return Number(row![0]);
  }

  /** The next documents of a range with their keys; fewer than asked for only at its end. */
  read({ range, backwards, after, skip, count }: RangeRead): {
    documents: ScannedDocument[];
    ended: boolean;
  } {
    const parameters: SQLInputValue[] = [];
    const direction = backwards ? 'DESC' : 'ASC';
    let where: string;
    if (after === undefined) {
      where = `${this.#key} >= ? AND ${this.#key} < ?`;
      parameters.push(range.start, range.end);
    } else {
      where = backwards
        ? `(${this.#key}, ${this.#rid}) < (?, ?) AND ${this.#key} >= ?`
        : `(${this.#key}, ${this.#rid}) > (?, ?) AND ${this.#key} < ?`;
      parameters.push(after.key, after.rid, backwards ? range.start : range.end);
    }
    // Keys that are skipped must not cost a look at their documents: the limit comes before the join.
    const keys = `SELECT ${this.#key} AS key, ${this.#rid} AS rid FROM ${this.#keys} WHERE ${where}
      ORDER BY ${this.#key} ${direction}, ${this.#rid} ${direction} LIMIT ? OFFSET ?`;
    const sql = `SELECT k.key, k.rid, d.document FROM (${keys}) k CROSS JOIN ${this.#collection.table} d ON d.rid = k.rid`;
    const { rows, ended } = this.#collection.chunk(sql, count, ...parameters, count, skip);
    return {
      documents: rows.map((row) => ({
        key: toBuffer(row[0]),
        rid: row[1] as number,
        document: toDocument(row[2]),
      })),
      ended,
    };
  }

  /** Grows with every change of a key. */
  get changes(): number {
    return this.#index?.pages.changes ?? 0;
  }

  /** The next keys of a range. */
  page(from: Place, end: Buffer): PagePart {
    const { table, pages } = this.#index!;
    const sql = `SELECT rid, key FROM ${table} WHERE (key, rid) >= (?, ?) AND key <= ? AND (key, rid) < (?, ?) ORDER BY key, rid LIMIT ?`;
    return pages.read(from, end, (low, high, count) =>
      this.#collection.chunk(sql, count, low.key, low.rid, high.key, high.key, high.rid, count),
    );
  }
}

const sources = new WeakMap<Collection | Index, IndexSource>();

export function indexSources(collection: Collection): IndexSource[] {
  return [sourceOf(collection), ...collection.indexes.map((index) => sourceOf(collection, index))];
}

function sourceOf(collection: Collection, index?: Index): IndexSource {
  let source = sources.get(index ?? collection);
  if (source === undefined || !source.isOf(collection))
    sources.set(index ?? collection, (source = new IndexSource(collection, index)));
  return source;
}
