import { ObjectId } from 'bson';
import { BsonType, type RawValue } from './types.ts';

/** A fresh ObjectId, for documents that come without an `_id`. */
export function newObjectId(): RawValue {
  return { type: BsonType.objectId, bytes: Buffer.from(new ObjectId().id), start: 0, end: 12 };
}
