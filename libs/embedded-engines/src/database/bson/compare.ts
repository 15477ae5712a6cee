import { compareNumeric, readNumeric } from './numbers.ts';
import { readElements } from './reader.ts';
import { BsonType, isNumeric, type RawValue } from './types.ts';

/** The places of the types in MongoDB's order of values, with gaps for what index keys put between them. */
export const TypeOrder = {
  minKey: 0x08,
  undefined: 0x0e,
  null: 0x14,
  number: 0x1e,
  string: 0x3c,
  object: 0x46,
  array: 0x50,
  binary: 0x5a,
  objectId: 0x64,
  boolean: 0x6e,
  date: 0x78,
  timestamp: 0x82,
  regex: 0x8c,
  dbPointer: 0x96,
  code: 0xa0,
  codeWithScope: 0xaa,
  maxKey: 0xf0,
} as const;

const orders = new Uint8Array(256);
for (const [name, order] of Object.entries(TypeOrder))
  if (name !== 'number') orders[BsonType[name as Exclude<keyof typeof TypeOrder, 'number'>]] = order;
for (const type of [BsonType.int32, BsonType.int64, BsonType.double, BsonType.decimal128])
  orders[type] = TypeOrder.number;
orders[BsonType.symbol] = TypeOrder.string;

export function typeOrder(type: number): number {
  return orders[type]!;
}

/** MongoDB's order over all values; a missing one counts as null. */
export function compareValues(a: RawValue | undefined, b: RawValue | undefined): number {
  const aOrder = a === undefined ? TypeOrder.null : orders[a.type]!;
  const bOrder = b === undefined ? TypeOrder.null : orders[b.type]!;
  if (aOrder !== bOrder) return aOrder - bOrder;
  return a === undefined || b === undefined ? 0 : comparePayload(a, b);
}

function comparePayload(a: RawValue, b: RawValue): number {
  if (isNumeric(a.type)) return compareNumeric(readNumeric(a), readNumeric(b));
  switch (a.type) {
    case BsonType.string:
    case BsonType.symbol:
    case BsonType.code:
      return a.bytes.compare(b.bytes, b.start + 4, b.end, a.start + 4, a.end);
    case BsonType.object:
      return compareElements(a, b, true);
    case BsonType.array:
      return compareElements(a, b, false);
    case BsonType.binary:
      return (
        a.bytes.readInt32LE(a.start) - b.bytes.readInt32LE(b.start) ||
        a.bytes.compare(b.bytes, b.start + 4, b.end, a.start + 4, a.end)
      );
    case BsonType.date:
      return compareBigInt(a.bytes.readBigInt64LE(a.start), b.bytes.readBigInt64LE(b.start));
    case BsonType.timestamp:
      return compareBigInt(a.bytes.readBigUInt64LE(a.start), b.bytes.readBigUInt64LE(b.start));
    case BsonType.dbPointer:
      return a.end - a.start - (b.end - b.start) || a.bytes.compare(b.bytes, b.start, b.end, a.start, a.end);
    case BsonType.codeWithScope:
      return compareScopedCode(a, b);
    default:
      return a.bytes.compare(b.bytes, b.start, b.end, a.start, a.end);
  }
}

function compareBigInt(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Field by field: type, then (in objects) name, then value; the shorter one first when it is a beginning. */
function compareElements(a: RawValue, b: RawValue, named: boolean): number {
  const left = readElements(a.bytes, a.start);
  const right = readElements(b.bytes, b.start);
  for (let i = 0; i < left.length && i < right.length; i += 1) {
    const x = left[i]!;
    const y = right[i]!;
    const order =
      orders[x.value.type]! - orders[y.value.type]! ||
      (named && x.name !== y.name ? Buffer.compare(Buffer.from(x.name), Buffer.from(y.name)) : 0) ||
      comparePayload(x.value, y.value);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** The two halves of code with scope: the code as a string value, the scope as a document. */
export function splitScopedCode(value: RawValue): { code: RawValue; scope: RawValue } {
  const codeEnd = value.start + 8 + value.bytes.readInt32LE(value.start + 4);
  return {
    code: { type: BsonType.code, bytes: value.bytes, start: value.start + 4, end: codeEnd },
    scope: { type: BsonType.object, bytes: value.bytes, start: codeEnd, end: value.end },
  };
}

function compareScopedCode(a: RawValue, b: RawValue): number {
  const x = splitScopedCode(a);
  const y = splitScopedCode(b);
  return comparePayload(x.code, y.code) || compareElements(x.scope, y.scope, true);
}

export function equalValues(a: RawValue | undefined, b: RawValue | undefined): boolean {
  return compareValues(a, b) === 0;
}
