import { BsonType, type RawValue } from './types.ts';

/** A number that goes out as a double even when it is whole. */
export class DoubleValue {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/**
 * What replies are made of. A number is written as int32 when it is a whole one within 32 bits and as double
 * otherwise, a bigint as int64, a Buffer as the document that it holds. Members that are undefined are left out.
 */
export type Encodable =
  | number
  | bigint
  | string
  | boolean
  | null
  | undefined
  | Date
  | Buffer
  | DoubleValue
  | RawValue
  | readonly Encodable[]
  | EncodableDocument;
export interface EncodableDocument {
  readonly [name: string]: Encodable;
}

/** Writes BSON into a buffer that grows. */
export class BsonWriter {
  #bytes: Buffer;
  #at: number;

  constructor(size = 512, start = 0) {
    this.#bytes = Buffer.allocUnsafe(size);
    this.#at = start;
  }

  get length(): number {
    return this.#at;
  }

  /** Makes room for `count` bytes and gives the place where they go. */
  reserve(count: number): number {
    const at = this.#at;
    if (at + count > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, at + count));
      this.#bytes.copy(grown, 0, 0, at);
      this.#bytes = grown;
    }
    this.#at = at + count;
    return at;
  }

  /** Begins a document; the answer goes to `end`. */
  begin(): number {
    return this.reserve(4);
  }

  end(begun: number): void {
    const at = this.reserve(1);
    this.#bytes[at] = 0;
    this.#bytes.writeInt32LE(this.#at - begun, begun);
  }

  name(type: number, name: string): void {
    const length = Buffer.byteLength(name);
    const at = this.reserve(length + 2);
    this.#bytes[at] = type;
    if (length === name.length) this.#bytes.write(name, at + 1, 'latin1');
    else this.#bytes.write(name, at + 1, 'utf8');
    this.#bytes[at + 1 + length] = 0;
  }

  copy(bytes: Buffer, start = 0, end = bytes.length): void {
    const at = this.reserve(end - start);
    bytes.copy(this.#bytes, at, start, end);
  }

  raw(name: string, value: RawValue): void {
    this.name(value.type, name);
    this.copy(value.bytes, value.start, value.end);
  }

  string(text: string): void {
    const length = Buffer.byteLength(text);
    const at = this.reserve(length + 5);
    this.#bytes.writeInt32LE(length + 1, at);
    this.#bytes.write(text, at + 4, 'utf8');
    this.#bytes[at + 4 + length] = 0;
  }

  int32(value: number): void {
    const at = this.reserve(4);
    this.#bytes.writeInt32LE(value, at);
  }

  int64(value: bigint): void {
    const at = this.reserve(8);
    this.#bytes.writeBigInt64LE(value, at);
  }

  double(value: number): void {
    const at = this.reserve(8);
    this.#bytes.writeDoubleLE(value, at);
  }

  byte(value: number): void {
    const at = this.reserve(1);
    this.#bytes[at] = value;
  }

  /** Sets an int32 in what is already written. */
  patchInt32(at: number, value: number): void {
    this.#bytes.writeInt32LE(value, at);
  }

  /** What was written, not copied: the writer must not be used again. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  document(document: EncodableDocument): void {
    const begun = this.begin();
    for (const name of Object.keys(document)) this.element(name, document[name]);
    this.end(begun);
  }

  element(name: string, value: Encodable): void {
    if (value === undefined) return;
    if (value === null) return this.name(BsonType.null, name);
    switch (typeof value) {
      case 'number':
        if (Number.isInteger(value) && value === (value | 0) && !Object.is(value, -0)) {
          this.name(BsonType.int32, name);
          return this.int32(value);
        }
        this.name(BsonType.double, name);
        return this.double(value);
      case 'bigint':
        this.name(BsonType.int64, name);
        return this.int64(value);
      case 'string':
        this.name(BsonType.string, name);
        return this.string(value);
      case 'boolean':
        this.name(BsonType.boolean, name);
        return this.byte(value ? 1 : 0);
    }
    if (Buffer.isBuffer(value)) {
      this.name(BsonType.object, name);
      return this.copy(value);
    }
    if (value instanceof Date) {
      this.name(BsonType.date, name);
      return this.int64(BigInt(value.getTime()));
    }
    if (value instanceof DoubleValue) {
      this.name(BsonType.double, name);
      return this.double(value.value);
    }
    if (isRaw(value)) return this.raw(name, value);
    if (isList(value)) {
      this.name(BsonType.array, name);
      const begun = this.begin();
      for (const [i, item] of value.entries()) this.element(String(i), item);
      return this.end(begun);
    }
    this.name(BsonType.object, name);
    this.document(value);
  }
}

/** A value of one's own as if it had come from outside. */
export function encodeValue(value: Exclude<Encodable, undefined>): RawValue {
  const writer = new BsonWriter(32);
  writer.element('', value);
  const bytes = writer.finish();
  return { type: bytes[0]!, bytes, start: 2, end: bytes.length };
}

export function encodeDocument(document: EncodableDocument): Buffer {
  const writer = new BsonWriter();
  writer.document(document);
  return writer.finish();
}

function isRaw(value: object): value is RawValue {
  return 'bytes' in value && Buffer.isBuffer(value.bytes);
}

function isList(value: object): value is readonly Encodable[] {
  return Array.isArray(value);
}
