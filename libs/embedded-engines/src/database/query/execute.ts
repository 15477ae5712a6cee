import type { Context, PlanReport } from '../commands/context.ts';
import type { Collection, ScannedDocument, StoredDocument } from '../storage/collection.ts';
import { BsonType, type RawValue } from '../bson/types.ts';
import type { Filter } from './filter.ts';
import { readIndex } from './index-scan.ts';
import { type IndexPlan, type Plan, planQuery } from './planner.ts';
import { pause, type Query, type Scan, scanCollection } from './scan.ts';
import { Sorter, sortKey } from './sort.ts';

type Observer = Pick<Context, 'onPlan'>;

/** The documents that a query finds, in its order and within its limits. */
export function runQuery(observer: Observer, collection: Collection, query: Query): Scan {
  const id = query.hint === undefined && query.skip === 0 ? equalId(query.filter) : undefined;
  return id === undefined ? runPlanned(observer, collection, query) : byId(observer, collection, query, id);
}

function* byId(observer: Observer, collection: Collection, query: Query, id: RawValue): Scan {
  const found = collection.findById(id);
  const matches = found !== undefined && query.match(found.document);
  observer.onPlan?.({
    namespace: collection.namespace,
    plan: '_id_',
    sortedInMemory: false,
    examined: found ? 1 : 0,
    returned: matches ? 1 : 0,
  });
  if (matches) yield found;
}

/** The `_id` that a document must have, when the filter names one. */
function equalId(filter: Filter): RawValue | undefined {
  const fields = filter.kind === 'and' ? filter.filters : [filter];
  for (const field of fields) {
    if (field.kind !== 'field' || field.path.text !== '_id' || field.condition.kind !== 'test') continue;
    const { test } = field.condition;
    if (test.op === 'eq' && test.operand.type !== BsonType.array && test.operand.type !== BsonType.undefined)
      return test.operand;
  }
  return undefined;
}

function* runPlanned(observer: Observer, collection: Collection, query: Query): Scan {
  const plan = planQuery(collection, query);
  const seen = { examined: 0, returned: 0 };
  const { skip, limit, sort } = query;
  const inOrder = sort === undefined || (plan.kind === 'index' && plan.sorted);
  const skipsKeys = inOrder && plan.kind === 'index' && plan.exact && !plan.repeats;
  const source = inOrder
    ? matching(collection, plan, query, seen, skipsKeys ? skip : 0)
    : sorted(collection, plan, query, sort, seen);
  let skipped = skipsKeys ? skip : 0;
  try {
    for (const found of source) {
      if (found === pause) yield pause;
      else if (skipped < skip) skipped += 1;
      else {
        seen.returned += 1;
        yield found;
        if (seen.returned === limit) return;
      }
    }
  } finally {
    observer.onPlan?.({
      namespace: collection.namespace,
      plan: nameOf(plan),
      sortedInMemory: !inOrder,
      ...seen,
    });
  }
}

function nameOf(plan: Plan): PlanReport['plan'] {
  switch (plan.kind) {
    case 'scan':
      return 'COLLSCAN';
    case 'index':
      return plan.index.name;
    case 'union':
      return `OR(${plan.plans.map(({ index }) => index.name).join(', ')})`;
    default:
      return plan satisfies never;
  }
}

interface Seen {
  examined: number;
}

function* sorted(
  collection: Collection,
  plan: Plan,
  query: Query,
  sort: NonNullable<Query['sort']>,
  seen: Seen,
): Scan {
  const sorter = new Sorter<StoredDocument>(query.limit === 0 ? Infinity : query.skip + query.limit);
  for (const found of matching(collection, plan, query, seen, 0)) {
    if (found === pause) yield pause;
    else sorter.add(sortKey(sort, found.document), found, found.document.end - found.document.start);
  }
  yield* sorter.finish();
}

/** The documents that meet the filter, each once. `skip` keys are passed over unread. */
function* matching(collection: Collection, plan: Plan, query: Query, seen: Seen, skip: number): Scan {
  const source = scanOf(collection, plan, query, skip);
  const exact = plan.kind === 'index' && plan.exact;
  const once =
    plan.kind === 'union' || (plan.kind === 'index' && plan.repeats) ? new Set<number>() : undefined;
  for (const found of source) {
    if (found === pause) {
      yield pause;
      continue;
    }
    if (once?.has(found.rid)) continue;
    once?.add(found.rid);
    seen.examined += 1;
    if (exact || query.match(found.document)) yield found;
  }
}

function scanOf(
  collection: Collection,
  plan: Plan,
  query: Query,
  skip: number,
): Scan<ScannedDocument | StoredDocument> {
  switch (plan.kind) {
    case 'scan':
      return scanCollection(collection);
    case 'index':
      return readIndex(plan, skip, expected(plan, query, skip));
    case 'union':
      return union(plan.plans);
    default:
      return plan satisfies never;
  }
}

const usualChunk = 128;

/** How many documents are worth reading at first. */
function expected(plan: IndexPlan, query: Query, skipped: number): number {
  if (query.limit === 0 || !plan.sorted) return usualChunk;
  const wanted = query.limit + query.skip - skipped;
  return plan.exact ? Math.min(wanted, 1_024) : Math.max(16, Math.min(wanted * 2, usualChunk));
}

function* union(plans: readonly IndexPlan[]): Scan<ScannedDocument> {
  for (const plan of plans) yield* readIndex(plan, 0, usualChunk);
}

/** The number of documents where keys alone tell it; undefined where documents must be looked at. */
export function countQuery(observer: Observer, collection: Collection, query: Query): number | undefined {
  const n = countAll(observer, collection, query);
  if (n === undefined) return undefined;
  const left = Math.max(n - query.skip, 0);
  return query.limit === 0 ? left : Math.min(left, query.limit);
}

function countAll(observer: Observer, collection: Collection, query: Query): number | undefined {
  if (query.filter.kind === 'and' && query.filter.filters.length === 0 && query.hint === undefined)
    return collection.count;
  const plan = planQuery(collection, { ...query, sort: undefined });
  if (plan.kind !== 'index' || !plan.exact || plan.repeats) return undefined;
  const ranges = plan.streams.flatMap((stream) => stream.ranges);
  const n = ranges.reduce((sum, range) => sum + plan.index.count(range), 0);
  observer.onPlan?.({
    namespace: collection.namespace,
    plan: plan.index.name,
    sortedInMemory: false,
    examined: 0,
    returned: n,
  });
  return n;
}
