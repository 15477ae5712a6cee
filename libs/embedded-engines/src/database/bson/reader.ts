import { BsonType, type RawElement, type RawValue } from './types.ts';

/** The offset after a value of `type` at `start`. The bytes must have passed `validateDocument`. */
export function valueEnd(type: number, bytes: Buffer, start: number): number {
  switch (type) {
    case BsonType.double:
    case BsonType.date:
    case BsonType.timestamp:
    case BsonType.int64:
      return start + 8;
    case BsonType.int32:
      return start + 4;
    case BsonType.string:
    case BsonType.code:
    case BsonType.symbol:
      return start + 4 + bytes.readInt32LE(start);
    case BsonType.object:
    case BsonType.array:
    case BsonType.codeWithScope:
      return start + bytes.readInt32LE(start);
    case BsonType.binary:
      return start + 5 + bytes.readInt32LE(start);
    case BsonType.objectId:
      return start + 12;
    case BsonType.boolean:
      return start + 1;
    case BsonType.regex:
      return bytes.indexOf(0, bytes.indexOf(0, start) + 1) + 1;
    case BsonType.dbPointer:
      return start + 4 + bytes.readInt32LE(start) + 12;
    case BsonType.decimal128:
      return start + 16;
    default:
      return start;
  }
}

/** The value of the first element called `name`, which is given as UTF-8; `start` is where the document begins. */
export function findElement(bytes: Buffer, start: number, name: Uint8Array): RawValue | undefined {
  const end = start + bytes.readInt32LE(start) - 1;
  const length = name.length;
  let at = start + 4;
  while (at < end) {
    const type = bytes[at]!;
    let i = 0;
    at += 1;
    while (i < length && bytes[at + i] === name[i]) i += 1;
    const found = i === length && bytes[at + i] === 0;
    at += i;
    while (bytes[at] !== 0) at += 1;
    at += 1;
    const next = valueEnd(type, bytes, at);
    if (found) return { type, bytes, start: at, end: next };
    at = next;
  }
  return undefined;
}

/** The element at a place of an array, by position and not by name. */
export function elementAt(bytes: Buffer, start: number, index: number): RawValue | undefined {
  let at = 0;
  let found: RawValue | undefined;
  forEachValue(bytes, start, (value) => {
    if (at === index) found = value;
    at += 1;
    return found !== undefined;
  });
  return found;
}

/** Calls `visit` with each value of a document or array in turn until it answers true, and says whether it did. */
export function forEachValue(bytes: Buffer, start: number, visit: (value: RawValue) => boolean): boolean {
  const end = start + bytes.readInt32LE(start) - 1;
  let at = start + 4;
  while (at < end) {
    const type = bytes[at]!;
    at += 1;
    while (bytes[at] !== 0) at += 1;
    at += 1;
    const next = valueEnd(type, bytes, at);
    if (visit({ type, bytes, start: at, end: next })) return true;
    at = next;
  }
  return false;
}

export function readElements(bytes: Buffer, start: number): RawElement[] {
  const end = start + bytes.readInt32LE(start) - 1;
  const elements: RawElement[] = [];
  let at = start + 4;
  while (at < end) {
    const type = bytes[at]!;
    const nameStart = at + 1;
    at = nameStart;
    let ascii = true;
    while (bytes[at] !== 0) {
      if (bytes[at]! >= 0x80) ascii = false;
      at += 1;
    }
    const name = ascii ? bytes.toString('latin1', nameStart, at) : bytes.toString('utf8', nameStart, at);
    const next = valueEnd(type, bytes, at + 1);
    elements.push({ name, value: { type, bytes, start: at + 1, end: next } });
    at = next;
  }
  return elements;
}

export function readValues(array: RawValue): RawValue[] {
  const values: RawValue[] = [];
  forEachValue(array.bytes, array.start, (value) => values.push(value) < 0);
  return values;
}

export function rawDocument(bytes: Buffer, start = 0): RawValue {
  return { type: BsonType.object, bytes, start, end: start + bytes.readInt32LE(start) };
}

/** The bytes of a value, not copied. */
export function sliceOf(value: RawValue): Buffer {
  return value.bytes.subarray(value.start, value.end);
}

/** The text of a string, symbol or code value. */
export function readString(value: RawValue): string {
  return value.bytes.toString('utf8', value.start + 4, value.end - 1);
}

/** Pattern and options of a regular expression. */
export function readRegex(value: RawValue): { pattern: string; options: string } {
  const middle = value.bytes.indexOf(0, value.start);
  return {
    pattern: value.bytes.toString('utf8', value.start, middle),
    options: value.bytes.toString('utf8', middle + 1, value.end - 1),
  };
}
