import { findElement } from '../bson/reader.ts';
import type { EncodableDocument } from '../bson/writer.ts';
import { DatabaseError } from '../errors.ts';
import { parseProjection } from '../query/projection.ts';
import { idName } from '../storage/collection.ts';
import { upsertDocument } from '../update/update.ts';
import type { Handler } from './context.ts';
import { readQuery } from './queries.ts';
import { changeDocument, firstOf, readUpdate } from './write.ts';

export const findAndModify: Handler = (context, { database, args }) => {
  args.allow('query', 'sort', 'remove', 'update', 'new', 'fields', 'upsert', 'arrayFilters', 'hint');
  const name = args.string(args.owner);
  const collection = context.store.find(database, name);
  const query = readQuery(args, collection, 'query');
  const project = parseProjection(args.optionalDocument('fields')) ?? ((document) => document);
  const upsert = args.boolean('upsert');
  const afterwards = args.boolean('new');
  if (args.boolean('remove')) {
    if (args.get('update') !== undefined)
      throw new DatabaseError('FailedToParse', 'Cannot specify both an update and remove=true');
    if (upsert) throw new DatabaseError('FailedToParse', 'Cannot specify both upsert=true and remove=true');
    if (afterwards)
      throw new DatabaseError(
        'FailedToParse',
        "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document",
      );
    const found = collection && firstOf(context, collection, query);
    if (found === undefined) return { lastErrorObject: { n: 0 }, value: null, ok: 1 };
    collection!.remove(found.rid, found.document);
    return { lastErrorObject: { n: 1 }, value: project(found.document), ok: 1 };
  }
  if (args.get('update') === undefined)
    throw new DatabaseError('FailedToParse', 'Either an update or remove=true must be specified');
  const change = readUpdate(args, query, 'update', 'arrayFilters');
  const found = collection && firstOf(context, collection, query);
  if (found !== undefined) {
    const after = changeDocument(collection!, found, change);
    return {
      lastErrorObject: { n: 1, updatedExisting: true },
      value: project(afterwards ? after : found.document),
      ok: 1,
    };
  }
  const lastErrorObject: EncodableDocument = { n: 0, updatedExisting: false };
  if (!upsert) return { lastErrorObject, value: null, ok: 1 };
  const document = upsertDocument(change, query.filter);
  context.store.findOrCreate(database, name).insert(document);
  const upserted = findElement(document.bytes, document.start, idName)!;
  return {
    lastErrorObject: { ...lastErrorObject, n: 1, upserted },
    value: afterwards ? project(document) : null,
    ok: 1,
  };
};
