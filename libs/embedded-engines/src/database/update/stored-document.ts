import { newObjectId } from '../bson/object-id.ts';
import { readElements } from '../bson/reader.ts';
import { BsonType, type RawValue, typeName } from '../bson/types.ts';
import { BsonWriter } from '../bson/writer.ts';
import { DatabaseError } from '../errors.ts';
import { isTooLarge } from '../wire/limits.ts';

/** Refuses what cannot be an `_id`: arrays, regular expressions, undefined and documents with `$` names. */
export function checkId(id: RawValue): void {
  if (id.type === BsonType.array || id.type === BsonType.regex || id.type === BsonType.undefined)
    throw new DatabaseError('InvalidIdField', `The '_id' value cannot be of type ${typeName(id)}`);
  if (id.type !== BsonType.object) return;
  for (const { name, value } of readElements(id.bytes, id.start)) {
    if (name.startsWith('$'))
      throw new DatabaseError(
        'DollarPrefixedFieldName',
        `_id fields may not contain '$'-prefixed fields: ${name} is not valid for storage.`,
      );
    if (value.type === BsonType.object) checkId(value);
  }
}

/** The document as it is stored: with an `_id`, and that as the first field. */
export function documentToInsert(document: RawValue): RawValue {
  if (isTooLarge(document))
    throw new DatabaseError(
      'BSONObjectTooLarge',
      `object to insert too large. size in bytes: ${document.end - document.start}, max size: 16777216`,
    );
  const elements = readElements(document.bytes, document.start);
  const at = elements.findIndex(({ name }) => name === '_id');
  const id = elements[at]?.value ?? newObjectId();
  checkId(id);
  if (at === 0) return document;
  const writer = new BsonWriter(document.end - document.start + 32);
  const begun = writer.begin();
  writer.raw('_id', id);
  for (const [i, { name, value }] of elements.entries()) if (i !== at) writer.raw(name, value);
  writer.end(begun);
  const bytes = writer.finish();
  return { type: BsonType.object, bytes, start: 0, end: bytes.length };
}
