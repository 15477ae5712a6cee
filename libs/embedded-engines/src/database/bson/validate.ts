import { isUtf8 } from 'node:buffer';
import { BsonType, isKnownType } from './types.ts';

/** Documents nested deeper than this are refused, as MongoDB refuses them. */
export const maxDepth = 200;

/** Says why bytes are no BSON document; the text stands in the answer to the client. */
export class InvalidBson extends Error {
  override name = 'InvalidBson';
}

/**
 * Checks one whole document so that every later reader may trust its lengths.
 * @returns the offset after the document
 * @throws InvalidBson naming the offset of what is wrong
 */
export function validateDocument(bytes: Buffer, start: number, limit: number, depth = 1): number {
  if (depth > maxDepth) throw new InvalidBson(`nested deeper than ${maxDepth} levels at offset ${start}`);
  if (limit - start < 5) throw new InvalidBson(`a document of fewer than 5 bytes at offset ${start}`);
  const length = bytes.readInt32LE(start);
  if (length < 5 || length > limit - start)
    throw new InvalidBson(
      `document length ${length} at offset ${start}, where ${limit - start} bytes are left`,
    );
  const end = start + length - 1;
  if (bytes[end] !== 0) throw new InvalidBson(`no zero byte ends the document at offset ${start}`);
  let at = start + 4;
  while (at < end) {
    const type = bytes[at]!;
    if (!isKnownType(type)) throw new InvalidBson(`unknown element type ${type} at offset ${at}`);
    const nameEnd = cstringEnd(bytes, at + 1, end);
    at = validateValue(type, bytes, nameEnd, end, depth);
  }
  if (at !== end)
    throw new InvalidBson(`the last element runs over the end of the document at offset ${start}`);
  return end + 1;
}

/** The offset after the cstring's zero byte; names must be UTF-8, because an update writes them anew. */
function cstringEnd(bytes: Buffer, start: number, limit: number): number {
  let at = start;
  let ascii = true;
  while (at < limit && bytes[at] !== 0) {
    if (bytes[at]! >= 0x80) ascii = false;
    at += 1;
  }
  if (at >= limit) throw new InvalidBson(`a name without end at offset ${start}`);
  if (!ascii && !isUtf8(bytes.subarray(start, at)))
    throw new InvalidBson(`a name that is not UTF-8 at offset ${start}`);
  return at + 1;
}

function validateValue(type: number, bytes: Buffer, start: number, limit: number, depth: number): number {
  const need = (length: number) => {
    if (length < 0 || length > limit - start)
      throw new InvalidBson(`a value of ${length} bytes at offset ${start}, where ${limit - start} are left`);
    return start + length;
  };
  const string = (at: number) => {
    if (limit - at < 5) throw new InvalidBson(`a string cut short at offset ${at}`);
    const length = bytes.readInt32LE(at);
    if (length < 1 || length > limit - at - 4)
      throw new InvalidBson(`string length ${length} at offset ${at}`);
    if (bytes[at + 3 + length] !== 0) throw new InvalidBson(`no zero byte ends the string at offset ${at}`);
    return at + 4 + length;
  };
  switch (type) {
    case BsonType.double:
    case BsonType.date:
    case BsonType.timestamp:
    case BsonType.int64:
      return need(8);
    case BsonType.int32:
      return need(4);
    case BsonType.decimal128:
      return need(16);
    case BsonType.objectId:
      return need(12);
    case BsonType.boolean:
      need(1);
      if (bytes[start]! > 1) throw new InvalidBson(`a boolean of ${bytes[start]} at offset ${start}`);
      return start + 1;
    case BsonType.string:
    case BsonType.code:
    case BsonType.symbol:
      return string(start);
    case BsonType.object:
    case BsonType.array:
      return validateDocument(bytes, start, limit, depth + 1);
    case BsonType.binary: {
      need(5);
      const length = bytes.readInt32LE(start);
      if (length < 0) throw new InvalidBson(`binary length ${length} at offset ${start}`);
      return need(5 + length);
    }
    case BsonType.regex:
      return cstringEnd(bytes, cstringEnd(bytes, start, limit), limit);
    case BsonType.dbPointer: {
      const end = string(start) + 12;
      if (end > limit) throw new InvalidBson(`a DBPointer cut short at offset ${start}`);
      return end;
    }
    case BsonType.codeWithScope: {
      need(14);
      const end = need(bytes.readInt32LE(start));
      if (validateDocument(bytes, string(start + 4), end, depth + 1) !== end)
        throw new InvalidBson(`code with scope of a wrong length at offset ${start}`);
      return end;
    }
    default:
      return start;
  }
}
