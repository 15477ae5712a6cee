import type { Filter } from 'mongodb';
import { fold } from '@touchline/event-log';
import { findStored, type QueryFilter, type StoredQuery } from './find-stored.ts';

export type { QueryFilter };
import type { ReadModelCollection, ReadModelDocument, Stored } from './read-model.ts';

/**
 * Deleted documents keep their id and position; no reader wants them. A filter that asks for any other field leaves them
 * out by itself, and then can be answered from the keys of an index, which do not tell what is missing.
 */
export function live(filter: QueryFilter = {}): QueryFilter {
  return asksForAField(filter) ? filter : { $and: [filter, { gone: { $exists: false } }] };
}

const KEPT = new Set(['_id', 'position', 'gone']);

/** Whether a document must have a field that deleted ones have not. */
function asksForAField(filter: QueryFilter): boolean {
  return Object.entries(filter).some(([field, condition]) => {
    if (field === '$and') return (condition as QueryFilter[]).some(asksForAField);
    if (field === '$or') return (condition as QueryFilter[]).every(asksForAField);
    return !field.startsWith('$') && !KEPT.has(field) && !mayBeMissing(condition);
  });
}

const MET_BY_A_VALUE_ONLY = new Set(['$gt', '$gte', '$lt', '$lte', '$regex', '$elemMatch']);

function mayBeMissing(condition: unknown): boolean {
  if (typeof condition !== 'object') return condition === undefined;
  if (condition === null) return true;
  return !Object.entries(condition).some(
    ([operator, operand]) => MET_BY_A_VALUE_ONLY.has(operator) && operand !== null && operand !== undefined,
  );
}

/** The folded field contains the text, taken literally. */
export function foldedContains(field: string, text: string): QueryFilter {
  // A regular expression cannot hold NUL; no stored text has one.
  if (text.includes('\0')) return { _id: { $in: [] } };
  return { [field]: { $regex: fold(text).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') } };
}

/** Each whitespace-separated term occurs in at least one of the folded fields. */
export function foldedSearch(fields: readonly string[], text: string): QueryFilter {
  const terms = text.split(/\s+/u).filter((term) => term !== '');
  if (terms.length === 0) return {};
  return { $and: terms.map((term) => containedInOne(fields, term)) };
}

function containedInOne(fields: readonly string[], term: string): QueryFilter {
  const [first, ...others] = fields.map((field) => foldedContains(field, term));
  return first !== undefined && others.length === 0 ? first : { $or: [first, ...others] };
}

export interface PageOptions {
  filter?: QueryFilter;
  /** Fields in the order in which they count; ties are broken by `_id`. */
  sort?: Readonly<Record<string, 1 | -1>>;
  /** From 1. */
  page: number;
  limit: number;
}

export interface Page<D extends ReadModelDocument> {
  /** Of all that match. */
  count: number;
  /** Empty past the end. */
  rows: Stored<D>[];
}

/** @throws MongoError */
export async function listPage<D extends ReadModelDocument>(
  collection: ReadModelCollection<D>,
  options: PageOptions,
): Promise<Page<D>> {
  const { filter, sort, skip, limit } = storedQuery(options);
  const wanted = filter as Filter<Stored<D>>;
  const [count, rows] = await Promise.all([
    collection.countDocuments(wanted),
    // The driver's default of 101 would be two calls for a usual page.
    collection.find(wanted, { sort: { ...sort }, skip, limit, batchSize: limit + 1 }).toArray(),
  ]);
  return { count, rows: rows as Stored<D>[] };
}

/** Some rows of a page of documents as they are stored: in BSON, for a `RowEncoder`. */
export interface StoredRows {
  /** Of all that match. */
  count: number;
  rows: Buffer[];
}

/** As `listPage`, as the rows are read: at least once some, hardly ever twice. @throws MongoError */
export async function* listStored<D extends ReadModelDocument>(
  collection: ReadModelCollection<D>,
  options: PageOptions & Pick<StoredQuery, 'without'>,
): AsyncGenerator<StoredRows, void, void> {
  const query = { ...storedQuery(options), without: options.without ?? [] };
  const counting = collection.countDocuments(query.filter as Filter<Stored<D>>);
  // Its failure is told where it is awaited.
  counting.catch(() => undefined);
  for await (const rows of findStored(collection, query)) yield { count: await counting, rows };
}

function storedQuery({ filter = {}, sort = {}, page, limit }: PageOptions): StoredQuery {
  const order = '_id' in sort ? sort : ({ ...sort, _id: 1 } as const);
  return { filter: live(filter), sort: order, skip: (page - 1) * limit, limit };
}

/** The document that matches and is not deleted; the first by `_id` when several do. @throws MongoError */
export async function findLive<D extends ReadModelDocument>(
  collection: ReadModelCollection<D>,
  filter: QueryFilter,
): Promise<Stored<D> | undefined> {
  const found = await collection.findOne(live(filter) as Filter<Stored<D>>, { sort: { _id: 1 } });
  return (found as Stored<D> | null) ?? undefined;
}
