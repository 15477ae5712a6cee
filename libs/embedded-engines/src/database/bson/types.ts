/** The element types of BSON, by the byte that stands before the name (https://bsonspec.org/spec.html). */
export const BsonType = {
  double: 0x01,
  string: 0x02,
  object: 0x03,
  array: 0x04,
  binary: 0x05,
  undefined: 0x06,
  objectId: 0x07,
  boolean: 0x08,
  date: 0x09,
  null: 0x0a,
  regex: 0x0b,
  dbPointer: 0x0c,
  code: 0x0d,
  symbol: 0x0e,
  codeWithScope: 0x0f,
  int32: 0x10,
  timestamp: 0x11,
  int64: 0x12,
  decimal128: 0x13,
  maxKey: 0x7f,
  minKey: 0xff,
} as const;

/**
 * A BSON value as it lies in somebody's bytes: never decoded further than a question needs, so that it goes back
 * out as it came in. `start` and `end` enclose the value without its type byte and name.
 */
export interface RawValue {
  readonly type: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

export interface RawElement {
  readonly name: string;
  readonly value: RawValue;
}

const typeNames = new Map<number, string>([
  [BsonType.double, 'double'],
  [BsonType.string, 'string'],
  [BsonType.object, 'object'],
  [BsonType.array, 'array'],
  [BsonType.binary, 'binData'],
  [BsonType.undefined, 'undefined'],
  [BsonType.objectId, 'objectId'],
  [BsonType.boolean, 'bool'],
  [BsonType.date, 'date'],
  [BsonType.null, 'null'],
  [BsonType.regex, 'regex'],
  [BsonType.dbPointer, 'dbPointer'],
  [BsonType.code, 'javascript'],
  [BsonType.symbol, 'symbol'],
  [BsonType.codeWithScope, 'javascriptWithScope'],
  [BsonType.int32, 'int'],
  [BsonType.timestamp, 'timestamp'],
  [BsonType.int64, 'long'],
  [BsonType.decimal128, 'decimal'],
  [BsonType.maxKey, 'maxKey'],
  [BsonType.minKey, 'minKey'],
]);

/** The alias that `$type` and error texts use; `missing` for no value. */
export function typeName(value: RawValue | undefined): string {
  return value === undefined ? 'missing' : (typeNames.get(value.type) ?? `unknown type ${value.type}`);
}

/** The type byte of an alias of `$type`, undefined for a name that is none. */
export function typeOfName(alias: string): number | undefined {
  for (const [type, name] of typeNames) if (name === alias) return type;
  return undefined;
}

export function isKnownType(type: number): boolean {
  return typeNames.has(type);
}

export function isNumeric(type: number): boolean {
  return (
    type === BsonType.int32 ||
    type === BsonType.double ||
    type === BsonType.int64 ||
    type === BsonType.decimal128
  );
}
