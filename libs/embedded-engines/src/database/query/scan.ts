import { type Collection, type StoredDocument, toDocument } from '../storage/collection.ts';
import type { Filter } from './filter.ts';
import type { Match } from './match.ts';
import type { SortField } from './sort.ts';

/** Handed out between documents, where a long scan may let others have their turn. */
export const pause = Symbol('pause');
export type Scan<T = StoredDocument> = Generator<T | typeof pause, void, undefined>;

const firstChunk = 128;
const greatestChunk = 1024;

export function* scanCollection(collection: Collection): Scan {
  let last = -1;
  for (let size = firstChunk; ; size = Math.min(size * 2, greatestChunk)) {
    const rows = collection.all(
      `SELECT rid, document FROM ${collection.table} WHERE rid > ? ORDER BY rid LIMIT ?`,
      last,
      size,
    );
    for (const row of rows) {
      last = row[0] as number;
      yield { rid: last, document: toDocument(row[1]) };
    }
    if (rows.length < size) return;
    yield pause;
  }
}

export interface Query {
  readonly filter: Filter;
  readonly match: Match;
  readonly sort: readonly SortField[] | undefined;
  readonly skip: number;
  /** 0 for no limit. */
  readonly limit: number;
  readonly hint: string | undefined;
}
