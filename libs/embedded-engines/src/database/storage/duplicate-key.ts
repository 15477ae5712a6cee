import { toDouble } from '../bson/numbers.ts';
import { readElements, readRegex, readString, readValues } from '../bson/reader.ts';
import { BsonType, isNumeric, type RawValue, typeName } from '../bson/types.ts';
import type { Encodable } from '../bson/writer.ts';
import { DatabaseError } from '../errors.ts';

export interface KeyPart {
  readonly name: string;
  readonly descending: boolean;
  readonly value: RawValue | undefined;
}

/** The error of a second document with a key that must be the only one. */
export function duplicateKey(namespace: string, index: string, parts: readonly KeyPart[]): DatabaseError {
  const shown = parts.map(({ name, value }) => `${name}: ${display(value)}`).join(', ');
  const keyPattern: Record<string, Encodable> = {};
  const keyValue: Record<string, Encodable> = {};
  for (const { name, descending, value } of parts) {
    keyPattern[name] = descending ? -1 : 1;
    keyValue[name] = value ?? null;
  }
  return new DatabaseError(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${namespace} index: ${index} dup key: { ${shown} }`,
    { keyPattern, keyValue },
  );
}

const maxShownLength = 500;

/** A value as MongoDB's shell would write it, in error texts. */
export function display(value: RawValue | undefined): string {
  const text = shellText(value);
  return text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text;
}

function shellText(value: RawValue | undefined): string {
  if (value === undefined) return 'null';
  if (value.type === BsonType.int64) return value.bytes.readBigInt64LE(value.start).toString();
  if (isNumeric(value.type))
    return value.type === BsonType.double ? showDouble(toDouble(value)!) : String(toDouble(value));
  switch (value.type) {
    case BsonType.string:
      return JSON.stringify(readString(value));
    case BsonType.null:
      return 'null';
    case BsonType.boolean:
      return String(value.bytes[value.start] === 1);
    case BsonType.objectId:
      return `ObjectId('${value.bytes.toString('hex', value.start, value.end)}')`;
    case BsonType.date:
      return `new Date(${value.bytes.readBigInt64LE(value.start)})`;
    case BsonType.object:
      return `{ ${readElements(value.bytes, value.start)
        .map((element) => `${element.name}: ${display(element.value)}`)
        .join(', ')} }`;
    case BsonType.array:
      return `[ ${readValues(value).map(display).join(', ')} ]`;
    case BsonType.binary:
      return `BinData(${value.bytes[value.start + 4]}, ${value.bytes.toString('hex', value.start + 5, value.end).toUpperCase()})`;
    case BsonType.regex: {
      const { pattern, options } = readRegex(value);
      return `/${pattern}/${options}`;
    }
    default:
      return typeName(value);
  }
}

function showDouble(double: number): string {
  return Number.isInteger(double) && Math.abs(double) < 1e15 ? `${double}.0` : String(double);
}
