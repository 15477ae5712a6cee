import { findElement, readElements } from '../bson/reader.ts';
import type { RawValue } from '../bson/types.ts';
import type { EncodableDocument } from '../bson/writer.ts';
import { DatabaseError } from '../errors.ts';
import { runQuery } from '../query/execute.ts';
import { pause, type Query } from '../query/scan.ts';
import { type Collection, idName, type StoredDocument } from '../storage/collection.ts';
import { documentToInsert } from '../update/stored-document.ts';
import { applyUpdate, parseUpdate, type Update, upsertDocument } from '../update/update.ts';
import { maxWriteBatchSize } from '../wire/limits.ts';
import { Arguments } from './arguments.ts';
import type { Context, Handler } from './context.ts';
import { readQuery } from './queries.ts';

export const insert: Handler = (context, { database, args }) => {
  args.allow('documents', 'ordered');
  const documents = batchOf(args, 'documents');
  const name = args.string('insert');
  let n = 0;
  const writeErrors = inTurn(args, documents, (document) => {
    const ready = documentToInsert(document);
    context.store.findOrCreate(database, name).insert(ready);
    n += 1;
  });
  return { n, ...writeErrors, ok: 1 };
};

function batchOf(args: Arguments, name: string): readonly RawValue[] {
  const batch = args.documents(name);
  if (batch.length === 0 || batch.length > maxWriteBatchSize)
    throw new DatabaseError(
      'InvalidLength',
      `Write batch sizes must be between 1 and ${maxWriteBatchSize}. Got ${batch.length} operations.`,
    );
  return batch;
}

/** Does one statement after the other; an ordered batch stops at the first error, another one goes on. */
function inTurn<T>(
  args: Arguments,
  statements: readonly T[],
  execute: (statement: T, index: number) => void,
): { writeErrors?: EncodableDocument[] } {
  const ordered = args.boolean('ordered', true);
  const writeErrors: EncodableDocument[] = [];
  for (const [index, statement] of statements.entries()) {
    try {
      execute(statement, index);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      writeErrors.push({ index, code: error.code, errmsg: error.message, ...error.details });
      if (ordered) break;
    }
  }
  return writeErrors.length === 0 ? {} : { writeErrors };
}

export const update: Handler = (context, { database, args }) => {
  args.allow('updates', 'ordered');
  const name = args.string('update');
  const statements = batchOf(args, 'updates').map((statement) =>
    statementArguments('update.updates', statement).allow(
      'q',
      'u',
      'multi',
      'upsert',
      'arrayFilters',
      'hint',
    ),
  );
  let n = 0;
  let nModified = 0;
  const upserted: EncodableDocument[] = [];
  const writeErrors = inTurn(args, statements, (statement, index) => {
    const result = updateStatement(context, database, name, statement);
    n += result.matched + (result.upsertedId ? 1 : 0);
    nModified += result.modified;
    if (result.upsertedId) upserted.push({ index, _id: result.upsertedId });
  });
  return { n, nModified, ...(upserted.length > 0 && { upserted }), ...writeErrors, ok: 1 };
};

function statementArguments(owner: string, statement: RawValue): Arguments {
  return new Arguments(owner, readElements(statement.bytes, statement.start));
}

interface UpdateResult {
  readonly matched: number;
  readonly modified: number;
  readonly upsertedId?: RawValue;
}

function updateStatement(
  context: Context,
  database: string,
  name: string,
  statement: Arguments,
): UpdateResult {
  const collection = context.store.find(database, name);
  const query = readQuery(statement, collection, 'q');
  const change = readUpdate(statement, query, 'u', 'arrayFilters');
  const multi = statement.boolean('multi');
  if (multi && change.kind === 'replace')
    throw new DatabaseError('FailedToParse', 'multi update is not supported for replacement-style update');
  let matched = 0;
  let modified = 0;
  for (const found of collection ? targets(context, collection, query, multi) : []) {
    matched += 1;
    if (changeDocument(collection!, found, change) !== found.document) modified += 1;
  }
  if (matched > 0 || !statement.boolean('upsert')) return { matched, modified };
  const document = upsertDocument(change, query.filter);
  context.store.findOrCreate(database, name).insert(document);
  return { matched, modified, upsertedId: findElement(document.bytes, document.start, idName)! };
}

export function readUpdate(args: Arguments, query: Query, name: string, arrayFilters: string): Update {
  const value = args.get(name);
  if (value === undefined)
    throw new DatabaseError(
      'Location40414',
      `BSON field '${args.owner}.${name}' is missing but a required field`,
    );
  return parseUpdate(value, query.filter, args.get(arrayFilters));
}

/** What is to be changed, wholly found before the first change, so that no change makes the search find more. */
function* targets(
  context: Context,
  collection: Collection,
  query: Query,
  multi: boolean,
): Generator<StoredDocument> {
  if (!multi) {
    const first = firstOf(context, collection, query);
    if (first) yield first;
    return;
  }
  const rids: number[] = [];
  for (const found of runQuery(context, collection, query)) if (found !== pause) rids.push(found.rid);
  for (const rid of rids) yield { rid, document: collection.read(rid)! };
}

export function firstOf(context: Context, collection: Collection, query: Query): StoredDocument | undefined {
  for (const found of runQuery(context, collection, { ...query, limit: 1 }))
    if (found !== pause) return found;
  return undefined;
}

/** The document afterwards. */
export function changeDocument(collection: Collection, found: StoredDocument, change: Update): RawValue {
  const after = applyUpdate(change, found.document);
  if (after !== found.document) collection.replace(found.rid, found.document, after);
  return after;
}

export const remove: Handler = (context, { database, args }) => {
  args.allow('deletes', 'ordered');
  const name = args.string('delete');
  const statements = batchOf(args, 'deletes').map((statement) =>
    statementArguments('delete.deletes', statement).allow('q', 'limit', 'hint'),
  );
  const collection = context.store.find(database, name);
  let n = 0;
  const writeErrors = inTurn(args, statements, (statement) => {
    const query = readQuery(statement, collection, 'q');
    const limit = statement.integer('limit');
    if (limit !== 0 && limit !== 1)
      throw new DatabaseError(
        'FailedToParse',
        `The limit field in delete objects must be 0 or 1. Got ${limit ?? 'nothing'}`,
      );
    if (collection !== undefined) n += removeMatching(context, collection, query, limit === 0);
  });
  return { n, ...writeErrors, ok: 1 };
};

function removeMatching(context: Context, collection: Collection, query: Query, multi: boolean): number {
  const everything = multi && query.filter.kind === 'and' && query.filter.filters.length === 0;
  if (everything) {
    const all = collection.count;
    if (all > 0) collection.clear();
    return all;
  }
  let removed = 0;
  for (const { rid, document } of targets(context, collection, query, multi)) {
    collection.remove(rid, document);
    removed += 1;
  }
  return removed;
}
