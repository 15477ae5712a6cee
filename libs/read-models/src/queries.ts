import type { Filter, Sort } from 'mongodb';
import { fold } from '@touchline/event-log';
import type { ReadModelCollection, ReadModelDocument, Stored } from './read-model.ts';

/** Fields (dotted paths) or operators; looser than the driver's type, which wants ids to be its own. */
export type QueryFilter = Readonly<Record<string, unknown>>;

/** Deleted documents keep their id and position; no reader wants them. */
export function live(filter: QueryFilter = {}): QueryFilter {
  return { $and: [filter, { gone: { $exists: false } }] };
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
  return { $and: terms.map((term) => ({ $or: fields.map((field) => foldedContains(field, term)) })) };
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
  { filter = {}, sort = {}, page, limit }: PageOptions,
): Promise<Page<D>> {
  const wanted = live(filter) as Filter<Stored<D>>;
  const order: Sort = '_id' in sort ? { ...sort } : { ...sort, _id: 1 };
  const [count, rows] = await Promise.all([
    collection.countDocuments(wanted),
    collection
      .find(wanted)
      .sort(order)
      .skip((page - 1) * limit)
      .limit(limit)
      .toArray(),
  ]);
  return { count, rows: rows as Stored<D>[] };
}

/** The document that matches and is not deleted; the first by `_id` when several do. @throws MongoError */
export async function findLive<D extends ReadModelDocument>(
  collection: ReadModelCollection<D>,
  filter: QueryFilter,
): Promise<Stored<D> | undefined> {
  const found = await collection.findOne(live(filter) as Filter<Stored<D>>, { sort: { _id: 1 } });
  return (found as Stored<D> | null) ?? undefined;
}
