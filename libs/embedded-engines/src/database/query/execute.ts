import type { Context, PlanReport } from '../commands/context.ts';
import type { Collection, ScannedDocument, StoredDocument } from '../storage/collection.ts';
import { compareValues } from '../bson/compare.ts';
import { BsonType, type RawValue } from '../bson/types.ts';
import type { Filter } from './filter.ts';
import { readIndex } from './index-scan.ts';
import { documentsOnce, inKeyOrder, ridsOf } from './key-scan.ts';
import { type IndexPlan, type Plan, planQuery } from './planner.ts';
import { pause, type Query, type Scan, scanCollection } from './scan.ts';
import { Sorter, sortKey } from './sort.ts';

type Observer = Pick<Context, 'onPlan'>;

/** The documents that a query finds, in its order and within its limits. */
export function runQuery(observer: Observer, collection: Collection, query: Query): Scan {
  const ids = query.hint === undefined && query.skip === 0 ? wantedIds(query.filter) : undefined;
  const inOrder = query.sort === undefined || ids?.length === 1;
  return ids !== undefined && ids.length > 0 && inOrder
    ? byIds(observer, collection, query, ids)
    : runPlanned(observer, collection, query);
}

function* byIds(observer: Observer, collection: Collection, query: Query, ids: readonly RawValue[]): Scan {
  const seen = { examined: 0, returned: 0 };
  try {
    for (const id of ids) {
      const found = collection.findById(id);
      if (found === undefined) continue;
      seen.examined += 1;
      if (!query.match(found.document)) continue;
      seen.returned += 1;
      yield found;
      if (seen.returned === query.limit) return;
    }
  } finally {
    observer.onPlan?.({ namespace: collection.namespace, plan: '_id_', sortedInMemory: false, ...seen });
  }
}

const fewIds = 100;

/** The ids of which a document must have one, when the filter names a few. */
function wantedIds(filter: Filter): readonly RawValue[] | undefined {
  const fields = filter.kind === 'and' ? filter.filters : [filter];
  for (const field of fields) {
    if (field.kind !== 'field' || field.path.text !== '_id' || field.condition.kind !== 'test') continue;
    const { test } = field.condition;
    if (test.op === 'eq' && isPossible(test.operand)) return [test.operand];
    if (test.op !== 'in' || test.regexes.length > 0 || test.operands.length > fewIds) continue;
    if (test.operands.every(isPossible)) return distinctInOrder(test.operands);
  }
  return undefined;
}

function isPossible(id: RawValue): boolean {
  return id.type !== BsonType.array && id.type !== BsonType.undefined;
}

function distinctInOrder(ids: readonly RawValue[]): readonly RawValue[] {
  return ids.toSorted(compareValues).filter((id, i, all) => i === 0 || compareValues(id, all[i - 1]) !== 0);
}

function* runPlanned(observer: Observer, collection: Collection, query: Query): Scan {
  const plan = planQuery(collection, query);
  const seen = { examined: 0, returned: 0 };
  const { skip, limit, sort } = query;
  const inOrder = sort === undefined || (plan.kind === 'index' && plan.sorted);
  const isInOrderSoon = inOrder || (plan.kind === 'index' && plan.keySort !== undefined);
  const skipsKeys =
    isInOrderSoon && plan.kind === 'index' && plan.exact && (isByKeys(plan) || !plan.repeats) ? skip : 0;
  const found =
    plan.kind === 'index' && isByKeys(plan)
      ? throughKeys(collection, plan, query, seen, skipsKeys)
      : matching(collection, plan, query, seen, skipsKeys);
  const source = isInOrderSoon ? found : sorted(found, query, sort);
  let skipped = skipsKeys;
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

/** Whether the keys are looked through before any document is read. */
function isByKeys({ keyTests, keySort }: IndexPlan): boolean {
  return keyTests.length > 0 || keySort !== undefined;
}

function* sorted(source: Scan, query: Query, sort: NonNullable<Query['sort']>): Scan {
  const sorter = new Sorter<StoredDocument>(lastWanted(query));
  for (const found of source) {
    if (found === pause) yield pause;
    else sorter.add(sortKey(sort, found.document), found, found.document.end - found.document.start);
  }
  yield* sorter.finish();
}

function lastWanted({ skip, limit }: Query): number {
  return limit === 0 ? Infinity : skip + limit;
}

/** The documents that keys tell, `skip` of them later; those that must be looked at besides are. */
function* throughKeys(collection: Collection, plan: IndexPlan, query: Query, seen: Seen, skip: number): Scan {
  const { index, exact, keySort } = plan;
  const { changes } = index;
  let left = skip;
  for (const rid of keySort === undefined ? ridsOf(plan) : inKeyOrder(plan, keySort, lastWanted(query))) {
    if (rid === pause) yield pause;
    else if (left > 0) left -= 1;
    else {
      const document = collection.read(rid);
      if (document === undefined) continue;
      seen.examined += 1;
      // What was written since the keys were read may have changed what they said.
      if ((exact && index.changes === changes) || query.match(document)) yield { rid, document };
    }
  }
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

/** Numbers whose sum is that of the documents that a query finds; by keys alone where they tell it. */
export function* countQuery(observer: Observer, collection: Collection, query: Query): Scan<number> {
  const isAll = query.filter.kind === 'and' && query.filter.filters.length === 0;
  const plan =
    isAll && query.hint === undefined
      ? undefined
      : planQuery(collection, { ...query, sort: undefined, skip: 0, limit: 0 }, true);
  if (plan !== undefined && !(plan.kind === 'index' && plan.exact)) {
    const unordered = { ...query, sort: undefined };
    for (const found of runQuery(observer, collection, unordered)) yield found === pause ? pause : 1;
    return;
  }
  let n = 0;
  for (const found of plan === undefined ? [collection.count] : countKeys(plan)) {
    if (found === pause) yield pause;
    else n += found;
  }
  if (plan !== undefined)
    observer.onPlan?.({
      namespace: collection.namespace,
      plan: plan.index.name,
      sortedInMemory: false,
      examined: 0,
      returned: n,
    });
  const left = Math.max(n - query.skip, 0);
  yield query.limit === 0 ? left : Math.min(left, query.limit);
}

function* countKeys(plan: IndexPlan): Scan<number> {
  if (plan.keyTests.length === 0 && !plan.repeats)
    for (const { ranges } of plan.streams) for (const range of ranges) yield plan.index.count(range);
  else for (const found of documentsOnce(plan)) yield found === pause ? pause : found.keys.length;
}
