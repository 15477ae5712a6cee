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
import type { CountKeys, FindPlace, PagePart, Place } from '../storage/key-pages.ts';
import type { Bound } from './bounds.ts';
import type { KeyRange } from './interval.ts';

export interface RangeRead {
  readonly range: KeyRange;
  readonly backwards: boolean;
  /** Where a scan goes on: behind this key and document. */
  readonly after: Place | undefined;
  readonly skip: number;
  readonly count: number;
  /** Whether the documents' keys are wanted. */
  readonly keyed: boolean;
}

/** The keys of one index of a collection, that of `_id` among them, in the order of their bytes. */
export class IndexSource {
  readonly spec: IndexSpec;
  readonly #index: Index | undefined;
  readonly #collection: Collection;
  readonly #sql: Statements;

  /** Without an index that of `_id` is meant, whose keys lie beside the documents. */
  constructor(collection: Collection, index?: Index) {
    this.#collection = collection;
    this.#index = index;
    this.spec = index?.spec ?? idIndex;
    this.#sql = statementsOf(collection, index);
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
    return Number(this.#collection.get(this.#sql.countUpTo, range.start, range.end, limit)![0]);
  }

  count({ start, end }: KeyRange): number {
    if (this.#index === undefined) return Number(this.#collection.get(this.#sql.count, start, end)![0]);
    return this.#index.pages.count(start, end, this.#countKeys);
  }

  /** As `count`, undefined when it would have to look at keys. */
  counted({ start, end }: KeyRange): number | undefined {
    return this.#index?.pages.counted(start, end);
  }

  /** The next documents of a range; fewer than asked for only at its end. */
  read({ range, backwards, after: given, skip, count, keyed }: RangeRead): {
    documents: ScannedDocument[];
    /** Where the range goes on, undefined at its end. */
    after: Place | undefined;
  } {
    const jumps = skip > 0 && this.paged;
    const after = jumps ? this.#behind(range, backwards, skip) : given;
    if (jumps && after === undefined) return { documents: [], after: undefined };
    const { forwards, forwardsAfter, backwards: back, backwardsAfter } = this.#sql;
    const sql =
      after === undefined ? (backwards ? back : forwards) : backwards ? backwardsAfter : forwardsAfter;
    const from: SQLInputValue[] =
      after === undefined
        ? [range.start, range.end]
        : [after.key, after.rid, backwards ? range.start : range.end];
    const left = jumps ? 0 : skip;
    const { rows, ended } = this.#collection.chunk(
      keyed ? sql.keyed : sql.plain,
      count,
      ...from,
      count,
      left,
    );
    const documents = rows.map(([rid, key, document]) => ({
      key: keyed ? toBuffer(key) : undefined,
      rid: rid as number,
      document: toDocument(document),
    }));
    const last = ended ? undefined : this.#collection.get(sql.place, ...from, 1, left + rows.length - 1);
    return { documents, after: last && { rid: last[0] as number, key: toBuffer(last[1]) } };
  }

  /** Where a scan goes on that has passed over the first keys of a range; undefined when there are no others. */
  #behind(range: KeyRange, backwards: boolean, skip: number): Place | undefined {
    const left = this.count(range) - skip;
    if (left <= 0) return undefined;
    const { pages } = this.#index!;
    const preceding = backwards ? left : skip;
    const { key, rid } = pages.placeBehind(range.start, preceding, this.#countKeys, this.#findPlace);
    return { key, rid: backwards ? rid : rid - 1 };
  }

  readonly #countKeys: CountKeys = (from, to) =>
    Number(this.#collection.get(this.#sql.countBetween, from.key, from.rid, to.key, to.key, to.rid)![0]);

  readonly #findPlace: FindPlace = (from, preceding) => {
    const row = this.#collection.get(this.#sql.place, from.key, from.rid, preceding)!;
    return { key: toBuffer(row[0]), rid: row[1] as number };
  };

  /** Grows with every change of a key. */
  get changes(): number {
    return this.#index?.pages.changes ?? 0;
  }

  /** The next keys of a range. */
  page(from: Place, end: Buffer): PagePart {
    const { pages } = this.#index!;
    const sql = this.#sql.page;
    return pages.read(from, end, (low, high, count) =>
      this.#collection.chunk(sql, count, low.key, low.rid, high.key, high.key, high.rid, count),
    );
  }
}

/** Made once: looking for a prepared statement by a text that was just put together takes longer than many a statement. */
interface Statements {
  readonly count: string;
  readonly countUpTo: string;
  readonly countBetween: string;
  readonly place: string;
  readonly forwards: RangeStatements;
  readonly forwardsAfter: RangeStatements;
  readonly backwards: RangeStatements;
  readonly backwardsAfter: RangeStatements;
  readonly page: string;
}

/** Rows of rid, key and document. To hand out a key costs as much as to hand out the document. */
interface RangeStatements {
  readonly keyed: string;
  /** With null in the place of the key. */
  readonly plain: string;
  /** Without the documents. */
  readonly place: string;
}

function statementsOf(collection: Collection, index: Index | undefined): Statements {
  const key = index ? 'i.key' : 'd.id_key';
  const rid = index ? 'i.rid' : 'd.rid';
  const keys = index ? `${index.table} i` : `${collection.table} d`;
  const inRange = `${keys} WHERE ${key} >= ? AND ${key} < ?`;
  const between = `${keys} WHERE (${key}, ${rid}) >= (?, ?) AND ${key} <= ? AND (${key}, ${rid}) < (?, ?)`;
  // Keys that are skipped must not cost a look at their documents: the limit comes before the join.
  const documents = (where: string, direction: string): RangeStatements => {
    const place = `SELECT ${rid} AS rid, ${key} AS key FROM ${where} ORDER BY ${key} ${direction}, ${rid} ${direction} LIMIT ? OFFSET ?`;
    const from = (column: string) =>
      `SELECT k.rid, ${column}, d.document FROM (${place}) k CROSS JOIN ${collection.table} d ON d.rid = k.rid`;
    return { keyed: from('k.key'), plain: from('NULL'), place };
  };
  return {
    count: `SELECT count(*) FROM ${inRange}`,
    countUpTo: `SELECT count(*) FROM (SELECT 1 FROM ${inRange} LIMIT ?)`,
    forwards: documents(inRange, 'ASC'),
    forwardsAfter: documents(`${keys} WHERE (${key}, ${rid}) > (?, ?) AND ${key} < ?`, 'ASC'),
    backwards: documents(inRange, 'DESC'),
    backwardsAfter: documents(`${keys} WHERE (${key}, ${rid}) < (?, ?) AND ${key} >= ?`, 'DESC'),
    countBetween: `SELECT count(*) FROM ${between}`,
    place: `SELECT ${key}, ${rid} FROM ${keys} WHERE (${key}, ${rid}) >= (?, ?) ORDER BY ${key}, ${rid} LIMIT 1 OFFSET ?`,
    page: `SELECT ${rid}, ${key} FROM ${between} ORDER BY ${key}, ${rid} LIMIT ?`,
  };
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
