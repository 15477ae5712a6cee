import type { Collection } from '../storage/collection.ts';
import { type Bound, boundsOf } from './bounds.ts';
import { type IndexSource, indexSources } from './index-source.ts';
import { allKeys, contains, intersect, type Interval, isPoint, type KeyRange, pointOf } from './interval.ts';
import type { Filter } from './filter.ts';
import { joinRanges } from './join-ranges.ts';
import { holdsText, type KeySortField, type KeyTest, liesWithin } from './key-tests.ts';
import { cheapest } from './plan-cost.ts';
import type { Query } from './scan.ts';
import type { SortField } from './sort.ts';

/** How an index serves a query. */
export interface IndexPlan {
  readonly kind: 'index';
  readonly index: IndexSource;
  /** Groups of ranges, each in the order of keys; with several, their documents must be merged by what follows `prefixLength`. */
  readonly streams: readonly Stream[];
  readonly backwards: boolean;
  /** The documents come in the order that the query wants. */
  readonly sorted: boolean;
  /** Every document whose keys are in the ranges and pass the tests meets the filter. */
  readonly exact: boolean;
  /** A document may come more than once. */
  readonly repeats: boolean;
  /** What else the keys in the ranges must meet. Then there is one stream, forwards. */
  readonly keyTests: readonly KeyTest[];
  /** The keys tell the order that the query wants, though they are not in it: by these fields. */
  readonly keySort: readonly KeySortField[] | undefined;
  readonly boundFields: number;
}

export interface Stream {
  readonly ranges: readonly KeyRange[];
  readonly prefixLength: number;
}

export type Plan =
  IndexPlan | { readonly kind: 'union'; readonly plans: readonly IndexPlan[] } | { readonly kind: 'scan' };

const maxRanges = 2_000;
const maxStreams = 128;

/** Chooses how to find a query's documents, or how to count them. */
export function planQuery(collection: Collection, query: Query, counts = false): Plan {
  if (query.hint === '$natural') return { kind: 'scan' };
  const sources = indexSources(collection);
  const { bounds, complete, alternatives } = boundsOf(query.filter);
  const considered =
    query.hint === undefined
      ? sources.filter((index) => isUsable(index, bounds, query.filter))
      : sources.filter(({ name }) => name === query.hint);
  const candidates = considered.map((index) => planIndex(index, bounds, complete, query.sort));
  if (query.hint !== undefined) return candidates[0] ?? { kind: 'scan' };
  const useful = candidates.filter(
    (plan) => plan.boundFields > 0 || plan.keyTests.length > 0 || (plan.sorted && query.sort !== undefined),
  );
  const bounded = useful.some((plan) => plan.boundFields > 0);
  if (!bounded) {
    const union = planUnion(collection, query, alternatives);
    if (union !== undefined) return union;
  }
  return cheapest(collection, query, useful, counts) ?? { kind: 'scan' };
}

function planUnion(
  collection: Collection,
  query: Query,
  alternatives: readonly (readonly Filter[])[],
): Plan | undefined {
  for (const branches of alternatives) {
    const plans = branches.map((filter) => planQuery(collection, { ...query, filter, sort: undefined }));
    const indexed = plans.filter((plan) => plan.kind === 'index');
    if (indexed.length === plans.length) return { kind: 'union', plans: indexed };
  }
  return undefined;
}

/** A sparse or partial index serves only queries that ask for nothing outside of it. */
function isUsable(index: IndexSource, bounds: readonly Bound[], filter: Filter): boolean {
  const { spec } = index;
  if (spec.sparse && !bounds.some((bound) => index.fieldOf(bound) >= 0 && !mayBeMissing(bound.intervals)))
    return false;
  return spec.partial === undefined || implies(filter, bounds, spec.partial.filter);
}

function mayBeMissing(intervals: readonly Interval[]): boolean {
  return contains(intervals, [nullPoint]);
}
const nullPoint = pointOf(undefined);

/** Whether what the query asks for certainly meets the filter of a partial index. */
function implies(query: Filter, bounds: readonly Bound[], partial: Filter): boolean {
  if (partial.kind === 'and') return partial.filters.every((one) => implies(query, bounds, one));
  if (partial.kind !== 'field' || partial.condition.kind !== 'test') return false;
  const { path, condition } = partial;
  const mine = bounds.filter((bound) => bound.path.text === path.text && !bound.inElement);
  if (condition.test.op === 'exists') return mine.some((bound) => !mayBeMissing(bound.intervals));
  const wanted = boundsOf(partial);
  return wanted.complete && mine.some((bound) => contains(wanted.bounds[0]!.intervals, bound.intervals));
}

/** The intervals of each field of the index that the query's bounds allow, and whether they say all of the filter. */
function planIndex(
  index: IndexSource,
  bounds: readonly Bound[],
  complete: boolean,
  sort: readonly SortField[] | undefined,
): IndexPlan {
  const choices = scopesOf(index, bounds).map((scope) => fieldIntervals(index, bounds, scope));
  const [best] = choices.sort((a, b) => boundCount(b) - boundCount(a));
  return buildPlan(index, best!, bounds, complete, sort);
}

/** Of an array's fields one element's bounds are used together: of which, is to be chosen. */
function scopesOf(index: IndexSource, bounds: readonly Bound[]): (object | undefined)[] {
  const scopes = new Set<object>();
  for (const bound of bounds) if (index.isMultikey(index.fieldOf(bound))) scopes.add(bound.scope);
  return scopes.size === 0 ? [undefined] : [...scopes];
}

interface FieldIntervals {
  readonly intervals: readonly (readonly Interval[])[];
  readonly used: ReadonlySet<Bound>;
}

function fieldIntervals(
  index: IndexSource,
  bounds: readonly Bound[],
  scope: object | undefined,
): FieldIntervals {
  const used = new Set<Bound>();
  const intervals = index.spec.fields.map((_, field) => {
    let allowed: readonly Interval[] = [allKeys];
    let taken = 0;
    for (const bound of bounds) {
      if (index.fieldOf(bound) !== field) continue;
      const shared = index.isMultikey(field);
      if (shared && (bound.scope !== scope || (taken > 0 && index.isDeep(field)))) continue;
      allowed = taken === 0 ? bound.intervals : intersect(allowed, bound.intervals);
      taken += 1;
      used.add(bound);
    }
    return allowed;
  });
  return { intervals, used };
}

/** The number of leading fields whose bounds make the ranges; a field after a stretch of keys is of no use. */
function boundCount({ intervals }: FieldIntervals): number {
  let ranges = 1;
  for (const [field, allowed] of intervals.entries()) {
    if (allowed[0] === allKeys) return field;
    ranges *= allowed.length;
    if (ranges > maxRanges && field > 0) return field;
    if (!allowed.every(isPoint)) return field + 1;
  }
  return intervals.length;
}

function buildPlan(
  index: IndexSource,
  chosen: FieldIntervals,
  bounds: readonly Bound[],
  complete: boolean,
  sort: readonly SortField[] | undefined,
): IndexPlan {
  const { fields } = index.spec;
  const boundFields = boundCount(chosen);
  const order = sort && sortOrder(index, chosen.intervals, boundFields, sort);
  const splitAt = order?.from ?? 0;
  let streams = joinRanges(
    fields.map(({ descending }) => descending),
    chosen.intervals,
    boundFields,
    splitAt,
  );
  const merges = order !== undefined && streams.length > 1;
  const sorted = sort === undefined || (order !== undefined && (!merges || streams.length <= maxStreams));
  const ranges = [{ ranges: streams.flatMap((stream) => stream.ranges), prefixLength: 0 }];
  const keyTests = index.paged ? keyTestsOf(index, chosen, boundFields) : [];
  const told = complete && bounds.every((bound) => isTold(index, chosen, bound));
  const keySort = told && index.paged ? keySortOf(index, sort) : undefined;
  const common = { kind: 'index', index, repeats: index.repeats, boundFields } as const;
  const inOrder = sorted && !merges && !order?.backwards;
  if (inOrder || !sorted || (keyTests.length > 0 && keySort !== undefined))
    return {
      ...common,
      streams: ranges,
      backwards: false,
      sorted: inOrder,
      exact: told,
      keyTests,
      keySort: inOrder ? undefined : keySort,
    };
  if (!merges) streams = ranges;
  return {
    ...common,
    streams: order?.backwards ? streams.map(reversed) : streams,
    backwards: order?.backwards ?? false,
    sorted,
    exact: told && keyTests.length === 0,
    keyTests: [],
    keySort: undefined,
  };
}

/** Whether a key tells that its document, or the element of which it is, meets the condition. */
function isTold(index: IndexSource, { used }: FieldIntervals, bound: Bound): boolean {
  if (!used.has(bound) || (bound.holds !== undefined && !index.paged)) return false;
  return !bound.inElement || (index.isOfElements && !index.isDeep(index.fieldOf(bound)));
}

/** What the fields' bounds ask for beyond the ranges. */
function keyTestsOf(
  index: IndexSource,
  { intervals, used }: FieldIntervals,
  boundFields: number,
): readonly KeyTest[] {
  return index.spec.fields.flatMap(({ descending }, field): KeyTest[] => {
    const allowed = intervals[field]!;
    const held = [...used].filter((bound) => bound.holds !== undefined && index.fieldOf(bound) === field);
    return [
      ...(field < boundFields || allowed[0] === allKeys ? [] : [liesWithin(field, allowed, descending)]),
      ...held.map((bound) => holdsText(field, bound.holds!, descending)),
    ];
  });
}

function keySortOf(index: IndexSource, sort: readonly SortField[] | undefined): IndexPlan['keySort'] {
  const fields = sort?.map(({ path, descending }) => {
    const field = index.fieldOf({ path });
    return { field, inverted: field >= 0 && index.spec.fields[field]!.descending !== descending };
  });
  return fields?.every(({ field }) => field >= 0 && !index.isMultikey(field)) ? fields : undefined;
}

function reversed(stream: Stream): Stream {
  return { ...stream, ranges: stream.ranges.toReversed() };
}

/** Whether the index's order is the wanted one or its reverse, and from which field on it is. */
function sortOrder(
  index: IndexSource,
  intervals: FieldIntervals['intervals'],
  boundFields: number,
  sort: readonly SortField[],
): { from: number; backwards: boolean } | undefined {
  const { fields } = index.spec;
  const isConstant = (field: number) =>
    intervals[field]!.length === 1 && isPoint(intervals[field]![0]!) && !index.isMultikey(field);
  const constants = new Set(fields.filter((_, i) => isConstant(i)).map(({ path }) => path.text));
  const open = sort.filter(({ path }) => !constants.has(path.text));
  const pointsOnly = (field: number) => field < boundFields && intervals[field]!.every(isPoint);
  let from: number | undefined;
  let backwards: boolean | undefined;
  let next = 0;
  for (let field = 0; field < fields.length && next < open.length; field += 1) {
    const { path, descending } = fields[field]!;
    const wanted = open[next]!;
    const single = pointsOnly(field) && intervals[field]!.length === 1;
    if (path.text === wanted.path.text && !index.isMultikey(field)) {
      const opposite = descending !== wanted.descending;
      if (backwards !== undefined && backwards !== opposite) return undefined;
      backwards = opposite;
      from ??= field;
      next += 1;
    } else if (from !== undefined ? !single : !pointsOnly(field)) return undefined;
  }
  return next === open.length ? { from: from ?? 0, backwards: backwards ?? false } : undefined;
}
