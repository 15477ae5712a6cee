import { compareValues } from '../bson/compare.ts';
import { encodeKey } from '../bson/key.ts';
import { forEachValue, readValues } from '../bson/reader.ts';
import { BsonType, type RawValue, typeName } from '../bson/types.ts';
import type { Encodable } from '../bson/writer.ts';
import { DatabaseError } from '../errors.ts';
import { countQuery, runQuery } from '../query/execute.ts';
import { parsePath, someAtPath } from '../query/path.ts';
import { type Project, parseProjection } from '../query/projection.ts';
import { pause, type Scan } from '../query/scan.ts';
import type { Collection, StoredDocument } from '../storage/collection.ts';
import type { Context, Handler } from './context.ts';
import { forEachUnhurried } from './cursors.ts';
import { readQuery } from './queries.ts';

export const find: Handler = (context, { database, args }) => {
  args.allow(
    'filter',
    'projection',
    'sort',
    'skip',
    'limit',
    'batchSize',
    'singleBatch',
    'hint',
    'noCursorTimeout',
    'allowPartialResults',
  );
  const name = args.string('find');
  const collection = context.store.find(database, name);
  const limit = args.count('limit') ?? 0;
  const query = { ...readQuery(args, collection, 'filter'), skip: args.count('skip') ?? 0, limit };
  const project = parseProjection(args.optionalDocument('projection'));
  const documents =
    collection === undefined ? nothing() : projected(runQuery(context, collection, query), project);
  const batch = { batchSize: args.count('batchSize'), singleBatch: args.boolean('singleBatch'), limit };
  return context.cursors.first(`${database}.${name}`, collection, documents, batch);
};

export function* nothing(): Scan<never> {
  return;
}

export function* projected(found: Scan<StoredDocument>, project: Project | undefined): Scan<RawValue> {
  for (const one of found) yield one === pause ? pause : project ? project(one.document) : one.document;
}

export const getMore: Handler = (context, { database, args }) => {
  args.allow('collection', 'batchSize', 'term', 'lastKnownCommittedOpTime');
  const id = cursorId(args.get('getMore'), 'getMore.getMore');
  return context.cursors.next(id, `${database}.${args.string('collection')}`, args.count('batchSize'));
};

function cursorId(value: RawValue | undefined, name: string): bigint {
  if (value?.type !== BsonType.int64)
    throw new DatabaseError(
      'TypeMismatch',
      `BSON field '${name}' is the wrong type '${typeName(value)}', expected type 'long'`,
    );
  return value.bytes.readBigInt64LE(value.start);
}

export const killCursors: Handler = (context, { args }) => {
  args.allow('cursors');
  const list = args.get('cursors');
  if (list?.type !== BsonType.array)
    throw new DatabaseError('TypeMismatch', "BSON field 'killCursors.cursors' must be an array");
  const cursorsKilled: bigint[] = [];
  const cursorsNotFound: bigint[] = [];
  for (const item of readValues(list)) {
    const id = cursorId(item, 'killCursors.cursors');
    (context.cursors.kill(id) ? cursorsKilled : cursorsNotFound).push(id);
  }
  return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [], ok: 1 };
};

export const count: Handler = async (context, { database, args }) => {
  args.allow('query', 'limit', 'skip', 'hint', 'fields');
  const collection = context.store.find(database, args.string('count'));
  const query = readQuery(args, collection, 'query');
  if (collection === undefined) return { n: 0, ok: 1 };
  const limit = Math.abs(args.integer('limit') ?? 0);
  return {
    n: await countDocuments(context, collection, { ...query, skip: args.count('skip') ?? 0, limit }),
    ok: 1,
  };
};

export async function countDocuments(
  context: Context,
  collection: Collection,
  query: Parameters<typeof countQuery>[2],
): Promise<number> {
  let n = 0;
  await forEachUnhurried(countQuery(context, collection, query), (found) => (n += found));
  return n;
}

export const distinct: Handler = async (context, { database, args }) => {
  args.allow('key', 'query', 'hint');
  const collection = context.store.find(database, args.string('distinct'));
  const path = parsePath(args.string('key'));
  const query = readQuery(args, collection, 'query');
  const values = new Map<string, RawValue>();
  const take = (value: RawValue | undefined) => {
    const key = value && encodeKey(value).toString('latin1');
    if (key !== undefined && !values.has(key)) values.set(key, value!);
    return false;
  };
  if (collection !== undefined)
    await forEachUnhurried(runQuery(context, collection, query), ({ document }) => {
      someAtPath(document, path, false, (value) =>
        value?.type === BsonType.array ? forEachValue(value.bytes, value.start, take) : take(value),
      );
    });
  return { values: [...values.values()].sort(compareValues) as Encodable[], ok: 1 };
};
