import { rawDocument } from '../bson/reader.ts';
import type { RawValue } from '../bson/types.ts';
import { encodeDocument, type EncodableDocument } from '../bson/writer.ts';
import { DatabaseError } from '../errors.ts';
import { parseFilter } from '../query/filter.ts';
import { compileFilter } from '../query/match.ts';
import type { Scan } from '../query/scan.ts';
import type { Collection } from '../storage/collection.ts';
import { idIndexSpec } from '../storage/index-spec.ts';
import { checkDatabaseName } from '../storage/store.ts';
import type { Arguments } from './arguments.ts';
import type { Context, Handler } from './context.ts';

export const create: Handler = (context, { database, args }) => {
  args.allow('capped', 'autoIndexId', 'validationLevel', 'validationAction');
  if (args.boolean('capped'))
    throw new DatabaseError('InvalidOptions', "the option 'capped' is not supported by this server");
  const name = args.string('create');
  if (context.store.find(database, name))
    throw new DatabaseError('NamespaceExists', `Collection ${database}.${name} already exists.`);
  context.store.create(database, name);
  return { ok: 1 };
};

export const drop: Handler = (context, { database, args }) => {
  args.allow();
  const collection = context.store.find(database, args.string('drop'));
  if (collection === undefined) return { ok: 1 };
  const nIndexesWas = collection.indexes.length + 1;
  context.store.drop(collection);
  return { nIndexesWas, ns: collection.namespace, ok: 1 };
};

export const dropDatabase: Handler = (context, { database, args }) => {
  args.allow();
  const collections = context.store.collections(database);
  for (const collection of collections) context.store.drop(collection);
  return collections.length > 0 ? { dropped: database, ok: 1 } : { ok: 1 };
};

export const renameCollection: Handler = (context, { database, args }) => {
  args.allow('to', 'dropTarget');
  if (database !== 'admin')
    throw new DatabaseError('Unauthorized', 'renameCollection may only be run against the admin database.');
  const from = splitNamespace(args.string('renameCollection'));
  const to = splitNamespace(args.string('to'));
  const source = context.store.find(...from);
  if (source === undefined)
    throw new DatabaseError('NamespaceNotFound', `Source collection ${from.join('.')} does not exist`);
  if (from.join('.') === to.join('.'))
    throw new DatabaseError('IllegalOperation', "Can't rename a collection to itself");
  const target = context.store.find(...to);
  if (target !== undefined && !args.boolean('dropTarget'))
    throw new DatabaseError('NamespaceExists', 'target namespace exists');
  if (target !== undefined) context.store.drop(target);
  context.store.rename(source, ...to);
  return { ok: 1 };
};

function splitNamespace(namespace: string): [string, string] {
  const dot = namespace.indexOf('.');
  if (dot <= 0 || dot === namespace.length - 1)
    throw new DatabaseError('InvalidNamespace', `Invalid namespace specified '${namespace}'`);
  return [namespace.slice(0, dot), namespace.slice(dot + 1)];
}

export const listCollections: Handler = (context, { database, args }) => {
  args.allow('filter', 'nameOnly', 'authorizedCollections', 'cursor');
  const nameOnly = args.boolean('nameOnly');
  const match = compileFilter(parseFilter(args.documentOrEmpty('filter')));
  const documents = context.store
    .collections(database)
    .map((collection) => rawDocument(encodeDocument(describe(collection, nameOnly))))
    .filter(match);
  return context.cursors.first(`${database}.$cmd.listCollections`, undefined, given(documents), {
    batchSize: cursorBatchSize(args),
  });
};

function describe({ name, options }: Collection, nameOnly: boolean): EncodableDocument {
  if (nameOnly) return { name, type: 'collection' };
  return { name, type: 'collection', options, info: { readOnly: false }, idIndex: idIndexSpec };
}

function* given(documents: readonly RawValue[]): Scan<RawValue> {
  yield* documents;
}

export function cursorBatchSize(args: Arguments): number | undefined {
  const cursor = args.optionalDocument('cursor');
  if (cursor === undefined) return undefined;
  return args.within('cursor', cursor).allow('batchSize').count('batchSize');
}

export const listDatabases: Handler = (context, { args }) => {
  args.allow('filter', 'nameOnly', 'authorizedDatabases');
  const nameOnly = args.boolean('nameOnly');
  const match = compileFilter(parseFilter(args.documentOrEmpty('filter')));
  const databases = context.store.databaseNames().map((name) => {
    const empty = context.store.collections(name).every(({ count }) => count === 0);
    return nameOnly ? { name } : { name, sizeOnDisk: 0, empty };
  });
  const wanted = databases.filter((database) => match(rawDocument(encodeDocument(database))));
  return { databases: wanted, ...(!nameOnly && { totalSize: 0, totalSizeMb: 0 }), ok: 1 };
};

/** The collection, or NamespaceNotFound. */
export function existing(context: Context, database: string, name: string): Collection {
  checkDatabaseName(database);
  const collection = context.store.find(database, name);
  if (collection === undefined)
    throw new DatabaseError('NamespaceNotFound', `ns does not exist: ${database}.${name}`);
  return collection;
}

export const listIndexes: Handler = (context, { database, args }) => {
  args.allow('cursor', 'includeBuildUUIDs', 'includeIndexBuildInfo');
  const collection = existing(context, database, args.string('listIndexes'));
  const documents = [idIndexSpec, ...collection.indexes.map(({ spec }) => rawDocument(spec.document))];
  return context.cursors.first(collection.namespace, collection, given(documents), {
    batchSize: cursorBatchSize(args),
  });
};
