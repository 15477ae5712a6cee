import { TypeOrder } from './compare.ts';
import { NumberClass } from './key.ts';

/**
 * Where the key of one value, which begins at `at`, ends: keys of several fields are joined without marks.
 *
 * @param mask 0xff when the field is descending, whose bytes are complements, else 0
 */
export function keyEnd(bytes: Buffer, at: number, mask: number): number {
  switch (bytes[at]! ^ mask) {
    case NumberClass.nan:
    case NumberClass.minusInfinity:
    case NumberClass.zero:
    case NumberClass.plusInfinity:
    case TypeOrder.minKey:
    case TypeOrder.undefined:
    case TypeOrder.null:
    case TypeOrder.maxKey:
      return at + 1;
    case NumberClass.plus:
      return at + ((bytes[at + 9]! ^ mask) === 0 ? 10 : 26);
    case NumberClass.minus:
      return at + ((bytes[at + 9]! ^ mask) === 0xff ? 10 : 26);
    case NumberClass.minusHuge:
    case NumberClass.minusTiny:
    case NumberClass.plusTiny:
    case NumberClass.plusHuge:
      return at + 37;
    case TypeOrder.string:
    case TypeOrder.code:
      return afterMark(bytes, at + 1, mask);
    case TypeOrder.object:
      return objectEnd(bytes, at + 1, mask);
    case TypeOrder.array: {
      let next = at + 1;
      while (bytes[next] !== mask) next = keyEnd(bytes, next, mask);
      return next + 1;
    }
    case TypeOrder.binary:
      return at + 6 + lengthAt(bytes, at + 1, mask);
    case TypeOrder.objectId:
      return at + 13;
    case TypeOrder.boolean:
      return at + 2;
    case TypeOrder.date:
    case TypeOrder.timestamp:
      return at + 9;
    case TypeOrder.regex:
      return afterMark(bytes, afterMark(bytes, at + 1, mask), mask);
    case TypeOrder.dbPointer:
      return at + 5 + lengthAt(bytes, at + 1, mask);
    case TypeOrder.codeWithScope:
      return objectEnd(bytes, afterMark(bytes, at + 1, mask), mask);
    default:
      throw new RangeError(`no key begins with the byte ${bytes[at]! ^ mask}`);
  }
}

/** Behind the next byte that is 0, or its complement. */
function afterMark(bytes: Buffer, at: number, mask: number): number {
  let next = at;
  while (bytes[next] !== mask) next += 1;
  return next + 1;
}

/** Of each field stand type, name and key; the type is the key's own first byte but for numbers. */
function objectEnd(bytes: Buffer, at: number, mask: number): number {
  let next = at;
  while (bytes[next] !== mask) next = keyEnd(bytes, afterMark(bytes, next + 1, mask), mask);
  return next + 1;
}

function lengthAt(bytes: Buffer, at: number, mask: number): number {
  return (
    (((bytes[at]! ^ mask) << 24) |
      ((bytes[at + 1]! ^ mask) << 16) |
      ((bytes[at + 2]! ^ mask) << 8) |
      (bytes[at + 3]! ^ mask)) >>>
    0
  );
}
