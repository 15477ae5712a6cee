import { readElements, readString } from '../bson/reader.ts';
import { BsonType, type RawElement, type RawValue } from '../bson/types.ts';
import { toSafeInteger } from '../bson/numbers.ts';
import { DatabaseError } from '../errors.ts';
import { runQuery } from '../query/execute.ts';
import { type Filter, parseFilter } from '../query/filter.ts';
import { Grouping, groupDocument } from '../query/group.ts';
import { compileFilter } from '../query/match.ts';
import { parseProjection } from '../query/projection.ts';
import { pause, type Query, type Scan } from '../query/scan.ts';
import { parseSort, Sorter, sortKey } from '../query/sort.ts';
import type { Collection } from '../storage/collection.ts';
import { cursorBatchSize } from './catalog.ts';
import type { Context, Handler } from './context.ts';
import { resolveHint } from './queries.ts';
import { countDocuments, nothing, projected } from './read.ts';

type Stage =
  | { readonly kind: 'match'; readonly filter: Filter }
  | { readonly kind: 'sort'; readonly sort: NonNullable<Query['sort']> }
  | { readonly kind: 'skip' | 'limit'; readonly count: number }
  | { readonly kind: 'project'; readonly project: NonNullable<ReturnType<typeof parseProjection>> }
  | { readonly kind: 'group'; readonly grouping: Grouping };

export const aggregate: Handler = async (context, { database, args }) => {
  args.allow('pipeline', 'cursor', 'explain', 'hint', 'allowDiskUse');
  if (args.boolean('explain'))
    throw new DatabaseError('CommandNotSupported', "the option 'explain' is not supported by this server");
  const target = args.get('aggregate');
  if (target?.type !== BsonType.string)
    throw new DatabaseError(
      'CommandNotSupported',
      'aggregations on a whole database are not supported by this server',
    );
  const name = readString(target);
  const stages = args.documents('pipeline').map(parseStage);
  if (args.optionalDocument('cursor') === undefined)
    throw new DatabaseError(
      'FailedToParse',
      "The 'cursor' option is required, except for aggregate with the explain argument",
    );
  const collection = context.store.find(database, name);
  const hint = args.get('hint');
  const hinted = hint === undefined ? undefined : resolveHint(collection, hint);
  const documents = collection === undefined ? nothing() : await run(context, collection, stages, hinted);
  return context.cursors.first(`${database}.${name}`, collection, documents, {
    batchSize: cursorBatchSize(args),
  });
};

function parseStage(stage: RawValue): Stage {
  const elements = readElements(stage.bytes, stage.start);
  const [first] = elements;
  if (first === undefined || elements.length !== 1)
    throw new DatabaseError(
      'Location40323',
      'A pipeline stage specification object must contain exactly one field.',
    );
  switch (first.name) {
    case '$match':
      if (first.value.type !== BsonType.object)
        throw new DatabaseError('Location15959', 'the match filter must be an expression in an object');
      return { kind: 'match', filter: parseFilter(first.value) };
    case '$sort':
      return { kind: 'sort', sort: parseStageSort(first.value) };
    case '$skip':
      return { kind: 'skip', count: parseCount(first, 0) };
    case '$limit':
      return { kind: 'limit', count: parseCount(first, 1) };
    case '$project':
      return { kind: 'project', project: parseStageProjection(first.value) };
    case '$group':
      return { kind: 'group', grouping: new Grouping(first.value) };
    default:
      throw new DatabaseError('Location40324', `Unrecognized pipeline stage name: '${first.name}'`);
  }
}

function parseStageSort(value: RawValue): NonNullable<Query['sort']> {
  if (value.type !== BsonType.object)
    throw new DatabaseError('Location15973', 'the $sort key specification must be an object');
  const sort = parseSort(value);
  if (sort === undefined)
    throw new DatabaseError('Location15976', '$sort stage must have at least one sort key');
  return sort;
}

function parseStageProjection(value: RawValue): NonNullable<ReturnType<typeof parseProjection>> {
  if (value.type !== BsonType.object)
    throw new DatabaseError('Location15969', '$project specification must be an object');
  const project = parseProjection(value);
  if (project === undefined)
    throw new DatabaseError(
      'Location51272',
      'Invalid $project :: caused by :: projection specification must have at least one field',
    );
  return project;
}

function parseCount({ name, value }: RawElement, least: number): number {
  const count = toSafeInteger(value);
  if (count === undefined || count < 0)
    throw new DatabaseError(
      'Location5107200',
      `invalid argument to ${name} stage: Expected a non-negative integer`,
    );
  if (count < least) throw new DatabaseError('Location15958', 'the limit must be positive');
  return count;
}

/** The first stages, as far as a query can do them, go to the indexes; the others work on what comes out. */
async function run(
  context: Context,
  collection: Collection,
  stages: readonly Stage[],
  hint: string | undefined,
): Promise<Scan<RawValue>> {
  const { query, rest } = splitQuery(stages, hint);
  const [next, ...others] = rest;
  if (next?.kind === 'group' && next.grouping.counts && others.length === 0) {
    const { name, id } = next.grouping.counts;
    const n = await countDocuments(context, collection, query);
    return n === 0 ? nothing() : single(groupDocument(id, [[name, n]]));
  }
  let documents = projected(runQuery(context, collection, query), undefined);
  for (const stage of rest) documents = apply(stage, documents);
  return documents;
}

function* single(document: RawValue): Scan<RawValue> {
  yield document;
}

function splitQuery(
  stages: readonly Stage[],
  hint: string | undefined,
): { query: Query; rest: readonly Stage[] } {
  const filters: Filter[] = [];
  let at = 0;
  let sort: Query['sort'];
  let skip = 0;
  let limit = 0;
  for (; at < stages.length; at += 1) {
    const stage = stages[at]!;
    if (stage.kind === 'match' && skip === 0 && limit === 0) filters.push(stage.filter);
    else if (stage.kind === 'sort' && skip === 0 && limit === 0) sort = stage.sort;
    else if (stage.kind === 'skip' && limit === 0) skip += stage.count;
    else if (stage.kind === 'limit') limit = limit === 0 ? stage.count : Math.min(limit, stage.count);
    else break;
  }
  const filter: Filter = filters.length === 1 ? filters[0]! : { kind: 'and', filters };
  return { query: { filter, match: compileFilter(filter), sort, skip, limit, hint }, rest: stages.slice(at) };
}

function apply(stage: Stage, documents: Scan<RawValue>): Scan<RawValue> {
  switch (stage.kind) {
    case 'match':
      return filtered(documents, compileFilter(stage.filter));
    case 'sort':
      return sorted(documents, stage.sort);
    case 'skip':
      return window(documents, stage.count, Infinity);
    case 'limit':
      return window(documents, 0, stage.count);
    case 'project':
      return mapped(documents, stage.project);
    case 'group':
      return grouped(documents, stage.grouping);
    default:
      return stage satisfies never;
  }
}

function* filtered(documents: Scan<RawValue>, match: (document: RawValue) => boolean): Scan<RawValue> {
  for (const document of documents) if (document === pause || match(document)) yield document;
}

function* mapped(documents: Scan<RawValue>, project: (document: RawValue) => RawValue): Scan<RawValue> {
  for (const document of documents) yield document === pause ? pause : project(document);
}

function* window(documents: Scan<RawValue>, skip: number, limit: number): Scan<RawValue> {
  let place = 0;
  for (const document of documents) {
    if (document === pause) yield pause;
    else {
      if (place >= skip) yield document;
      place += 1;
      if (place - skip >= limit) return;
    }
  }
}

function* sorted(documents: Scan<RawValue>, sort: NonNullable<Query['sort']>): Scan<RawValue> {
  const sorter = new Sorter<RawValue>(Infinity);
  for (const document of documents) {
    if (document === pause) yield pause;
    else sorter.add(sortKey(sort, document), document, document.end - document.start);
  }
  yield* sorter.finish();
}

function* grouped(documents: Scan<RawValue>, grouping: Grouping): Scan<RawValue> {
  for (const document of documents) {
    if (document === pause) yield pause;
    else grouping.add(document);
  }
  yield* grouping.finish();
}
