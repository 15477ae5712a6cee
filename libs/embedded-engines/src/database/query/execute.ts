import { BsonType } from '../bson/types.ts';
import { type Collection, type StoredDocument } from '../storage/collection.ts';
import { type Filter } from './filter.ts';
import { pause, type Query, type Scan, scanCollection } from './scan.ts';
import { Sorter, sortKey } from './sort.ts';

/** The documents that a query finds, in its order and within its limits. */
export function* runQuery(_observer: unknown, collection: Collection, query: Query): Scan {
  const { skip, limit, sort } = query;
  let skipped = 0;
  let given = 0;
  const source = sort ? sorted(collection, query, sort) : matching(collection, query);
  for (const found of source) {
    if (found === pause) yield pause;
    else if (skipped < skip) skipped += 1;
    else {
      yield found;
      given += 1;
      if (given === limit) return;
    }
  }
}

function* sorted(collection: Collection, query: Query, sort: NonNullable<Query['sort']>): Scan {
  const sorter = new Sorter<StoredDocument>(query.limit === 0 ? Infinity : query.skip + query.limit);
  for (const found of matching(collection, query)) {
    if (found === pause) yield pause;
    else sorter.add(sortKey(sort, found.document), found, found.document.end - found.document.start);
  }
  yield* sorter.finish();
}

function* matching(collection: Collection, query: Query): Scan {
  const id = equalId(query.filter);
  if (id !== undefined) {
    const found = collection.findById(id);
    if (found && query.match(found.document)) yield found;
    return;
  }
  for (const found of scanCollection(collection))
    if (found === pause || query.match(found.document)) yield found;
}

function equalId(filter: Filter) {
  const fields = filter.kind === 'and' ? filter.filters : [filter];
  for (const field of fields) {
    if (field.kind !== 'field' || field.path.text !== '_id' || field.condition.kind !== 'test') continue;
    const { test } = field.condition;
    if (test.op === 'eq' && test.operand.type !== BsonType.array && test.operand.type !== BsonType.undefined)
      return test.operand;
  }
  return undefined;
}

/** The number of documents where it is known without reading them. */
export function countQuery(_observer: unknown, collection: Collection, query: Query): number | undefined {
  if (query.filter.kind !== 'and' || query.filter.filters.length > 0) return undefined;
  const left = Math.max(collection.count - query.skip, 0);
  return query.limit === 0 ? left : Math.min(left, query.limit);
}
