import { equalValues } from '../bson/compare.ts';
import { rawDocument, readElements, readString, readValues } from '../bson/reader.ts';
import { BsonType, type RawValue } from '../bson/types.ts';
import { DatabaseError } from '../errors.ts';
import type { Collection, Index } from '../storage/collection.ts';
import { type IndexSpec, keySignature, parseIndexSpec, parseKey } from '../storage/index-spec.ts';
import { existing } from './catalog.ts';
import type { Handler } from './context.ts';

const maxIndexes = 64;

export const createIndexes: Handler = (context, { database, args }) => {
  args.allow('indexes', 'commitQuorum');
  const specs = args.documents('indexes').map(parseIndexSpec);
  if (specs.length === 0) throw new DatabaseError('BadValue', 'Must specify at least one index to create');
  const name = args.string('createIndexes');
  const created = context.store.find(database, name) === undefined;
  const collection = context.store.findOrCreate(database, name);
  const numIndexesBefore = collection.indexes.length + 1;
  const fresh = specs.filter((spec) => isFresh(collection, spec));
  if (numIndexesBefore + fresh.length > maxIndexes)
    throw new DatabaseError(
      'CannotCreateIndex',
      `add index fails, too many indexes for ${collection.namespace}`,
    );
  for (const spec of fresh) if (isFresh(collection, spec)) context.store.createIndex(collection, spec);
  const numIndexesAfter = collection.indexes.length + 1;
  const note = numIndexesAfter === numIndexesBefore ? { note: 'all indexes already exist' } : {};
  return { numIndexesBefore, numIndexesAfter, createdCollectionAutomatically: created, ...note, ok: 1 };
};

/** False when the same index is there; another one with the same name or key is an error. */
function isFresh(collection: Collection, spec: IndexSpec): boolean {
  const signature = keySignature(spec.fields);
  if (signature === '_id:1') {
    if (spec.name !== '_id_')
      throw new DatabaseError(
        'BadValue',
        `The index name '_id_' is reserved for the _id index, which must have key pattern {_id: 1}, found name '${spec.name}'`,
      );
    return false;
  }
  if (spec.name === '_id_')
    throw new DatabaseError(
      'BadValue',
      "The index name '_id_' is reserved for the _id index, which must have key pattern {_id: 1}",
    );
  for (const { spec: other } of collection.indexes) {
    const sameKey = keySignature(other.fields) === signature;
    if (other.name === spec.name) {
      if (equalValues(rawDocument(other.document), rawDocument(spec.document))) return false;
      throw new DatabaseError(
        'IndexKeySpecsConflict',
        `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${spec.name}`,
      );
    }
    if (sameKey && samePartial(other, spec))
      throw new DatabaseError(
        'IndexOptionsConflict',
        `Index already exists with a different name: ${other.name}`,
      );
  }
  return true;
}

/** Indexes on the same fields may stand side by side when they hold different documents. */
function samePartial(a: IndexSpec, b: IndexSpec): boolean {
  const [x, y] = [a, b].map(
    ({ document }) => readElements(document, 0).find(({ name }) => name === 'partialFilterExpression')?.value,
  );
  return (
    a.sparse === b.sparse &&
    a.unique === b.unique &&
    (x === undefined ? y === undefined : y !== undefined && equalValues(x, y))
  );
}

export const dropIndexes: Handler = (context, { database, args }) => {
  args.allow('index');
  const collection = existing(context, database, args.string('dropIndexes'));
  const nIndexesWas = collection.indexes.length + 1;
  const which = args.get('index');
  if (which === undefined)
    throw new DatabaseError(
      'Location40414',
      "BSON field 'dropIndexes.index' is missing but a required field",
    );
  for (const index of chosen(collection, which)) context.store.dropIndex(collection, index);
  return { nIndexesWas, ok: 1 };
};

function chosen(collection: Collection, which: RawValue): Index[] {
  if (which.type === BsonType.string) return named(collection, readString(which));
  if (which.type === BsonType.array)
    return readValues(which).flatMap((name) => {
      if (name.type !== BsonType.string)
        throw new DatabaseError('TypeMismatch', 'dropIndexes needs names of indexes');
      return named(collection, readString(name));
    });
  if (which.type !== BsonType.object)
    throw new DatabaseError('TypeMismatch', 'dropIndexes needs a name, names or a key of an index');
  const signature = keySignature(parseKey(which));
  if (signature === '_id:1') throw cannotDropId();
  const found = collection.indexes.find(({ spec }) => keySignature(spec.fields) === signature);
  if (found === undefined) throw new DatabaseError('IndexNotFound', "can't find index with that key");
  return [found];
}

function named(collection: Collection, name: string): Index[] {
  if (name === '*') return [...collection.indexes];
  if (name === '_id_') throw cannotDropId();
  const found = collection.indexes.find(({ spec }) => spec.name === name);
  if (found === undefined) throw new DatabaseError('IndexNotFound', `index not found with name [${name}]`);
  return [found];
}

function cannotDropId(): DatabaseError {
  return new DatabaseError('InvalidOptions', 'cannot drop _id index');
}
