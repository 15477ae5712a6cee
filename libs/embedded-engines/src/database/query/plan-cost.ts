import type { Collection } from '../storage/collection.ts';
import type { IndexPlan } from './planner.ts';
import type { Query } from './scan.ts';

const estimateLimit = 1_000;
/** What is supposed of more keys than are looked at. */
const manyKeys = 4 * estimateLimit;
/** What looking at a key costs, when reading a document is 1; and to put it in order. */
const keyCost = 0.05;
const keySortCost = 0.1;

/** Looks at a limited number of keys of each candidate, to take the one that reads least. */
export function cheapest(
  collection: Collection,
  query: Query,
  plans: readonly IndexPlan[],
  counts: boolean,
): IndexPlan | undefined {
  if (plans.length <= 1) return plans[0];
  const wanted = query.limit === 0 ? Infinity : query.limit + query.skip;
  const same = plans.map(sameKeys);
  const estimates = new Map<string, number>();
  // Plans whose keys are as many differ in what they do with them.
  if (same.every((keys) => keys === same[0])) estimates.set(same[0]!, manyKeys);
  let best: { plan: IndexPlan; cost: number } | undefined;
  for (const [i, plan] of plans.entries()) {
    const keys = estimates.get(same[i]!) ?? estimate(collection, plan);
    estimates.set(same[i]!, keys);
    const cost =
      (counts && plan.exact ? countCost(plan, keys) : readCost(plan, keys, wanted)) -
      plan.boundFields * 0.01 -
      (plan.exact ? 0.1 : 0);
    if (best === undefined || cost < best.cost) best = { plan, cost };
  }
  return best?.plan;
}

function countCost(plan: IndexPlan, keys: number): number {
  return plan.keyTests.length > 0 || plan.repeats ? keys * keyCost : 0;
}

function readCost({ keyTests, keySort, sorted, exact }: IndexPlan, keys: number, wanted: number): number {
  const looked = sorted ? Math.min(keys, wanted * 8) : keys;
  const tested = keyTests.length > 0 ? looked * keyCost : 0;
  if (sorted) return tested + (exact ? Math.min(keys, wanted) : looked);
  return tested + (keySort === undefined ? keys * 1.5 : keys * keySortCost + Math.min(keys, wanted));
}

/** Indexes whose bounded fields are the same have the same number of keys within the bounds, but for some options. */
function sameKeys({ index: { spec, repeats }, boundFields }: IndexPlan): string {
  const options = spec.sparse || spec.partial !== undefined || repeats ? spec.name : '';
  return [options, ...spec.fields.slice(0, boundFields).map(({ path }) => path.text)].join('\0');
}

function estimate(collection: Collection, plan: IndexPlan): number {
  const all = () => collection.count * (plan.repeats ? 2 : 1);
  if (plan.boundFields === 0) return all();
  const ranges = plan.streams.flatMap((stream) => stream.ranges);
  let keys = 0;
  for (const [i, range] of ranges.slice(0, 8).entries()) {
    const counted = plan.index.counted(range);
    keys += counted ?? plan.index.countUpTo(range, Math.max(estimateLimit - keys, 0));
    if (counted !== undefined || keys < estimateLimit) continue;
    const guess = (manyKeys * ranges.length) / (i + 1);
    // The collection is not counted for a guess that is usual.
    return ranges.length === 1 ? guess : Math.min(guess, all());
  }
  return ranges.length > 8 ? (keys * ranges.length) / 8 : keys;
}
