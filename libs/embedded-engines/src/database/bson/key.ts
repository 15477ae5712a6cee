import { splitScopedCode, TypeOrder, typeOrder } from './compare.ts';
import { type Numeric, readNumeric, toFraction } from './numbers.ts';
import { readElements } from './reader.ts';
import { BsonType, isNumeric, type RawValue } from './types.ts';

/*
 * Keys are byte strings whose order (memcmp) is the order of `compareValues`; equal values have equal keys. The
 * encoding of one value is never the beginning of another's, so that keys of several fields are just joined, and
 * the complement of all bytes reverses the order. Numbers take one of these classes in place of the type byte.
 */
export const NumberClass = {
  nan: 0x1e,
  minusInfinity: 0x1f,
  minusHuge: 0x20,
  minus: 0x21,
  minusTiny: 0x22,
  zero: 0x23,
  plusTiny: 0x24,
  plus: 0x25,
  plusHuge: 0x26,
  plusInfinity: 0x27,
} as const;

const scratch = Buffer.alloc(8);

/** Collects the key of one or more values. */
export class KeyWriter {
  #bytes = Buffer.allocUnsafe(128);
  #length = 0;

  clear(): void {
    this.#length = 0;
  }

  /** A copy of what was written since `clear`. */
  finish(): Buffer {
    return Buffer.copyBytesFrom(this.#bytes, 0, this.#length);
  }

  /** A missing value is written as null. */
  value(value: RawValue | undefined, descending = false): void {
    const start = this.#length;
    if (value === undefined) this.#byte(TypeOrder.null);
    else this.#ascending(value);
    if (descending) this.#invert(start);
  }

  /** What stands for the elements of an empty array: less than null. */
  emptyArray(descending: boolean): void {
    this.#byte(descending ? TypeOrder.undefined ^ 0xff : TypeOrder.undefined);
  }

  #invert(start: number): void {
    for (let i = start; i < this.#length; i += 1) this.#bytes[i]! ^= 0xff;
  }

  #room(count: number): number {
    const at = this.#length;
    if (at + count > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, at + count));
      this.#bytes.copy(grown, 0, 0, at);
      this.#bytes = grown;
    }
    this.#length = at + count;
    return at;
  }

  #byte(byte: number): void {
    const at = this.#room(1);
    this.#bytes[at] = byte;
  }

  #copy(bytes: Buffer, start: number, end: number): void {
    const at = this.#room(end - start);
    bytes.copy(this.#bytes, at, start, end);
  }

  /** Bytes that end with 0, in which 0 and 1 stand as 1 1 and 1 2. */
  #text(bytes: Buffer, start: number, end: number): void {
    const at = this.#room((end - start) * 2 + 1);
    let to = at;
    for (let i = start; i < end; i += 1) {
      const byte = bytes[i]!;
      if (byte > 1) this.#bytes[to++] = byte;
      else {
        this.#bytes[to++] = 1;
        this.#bytes[to++] = byte + 1;
      }
    }
    this.#bytes[to++] = 0;
    this.#length = to;
  }

  #ascending(value: RawValue): void {
    const { type, bytes, start, end } = value;
    if (isNumeric(type)) return this.#number(readNumeric(value));
    this.#byte(typeOrder(type));
    switch (type) {
      case BsonType.string:
      case BsonType.symbol:
      case BsonType.code:
        return this.#text(bytes, start + 4, end - 1);
      case BsonType.object:
        return this.#object(value);
      case BsonType.array:
        for (const { value: item } of readElements(bytes, start)) this.#ascending(item);
        return this.#byte(0);
      case BsonType.binary: {
        const at = this.#room(4);
        this.#bytes.writeUInt32BE(bytes.readInt32LE(start), at);
        return this.#copy(bytes, start + 4, end);
      }
      case BsonType.date: {
        const at = this.#room(8);
        this.#bytes.writeBigUInt64BE(BigInt.asUintN(64, bytes.readBigInt64LE(start)) ^ (1n << 63n), at);
        return;
      }
      case BsonType.timestamp: {
        const at = this.#room(8);
        this.#bytes.writeBigUInt64BE(bytes.readBigUInt64LE(start), at);
        return;
      }
      case BsonType.dbPointer: {
        const at = this.#room(4);
        this.#bytes.writeUInt32BE(end - start, at);
        return this.#copy(bytes, start, end);
      }
      case BsonType.codeWithScope: {
        const { code, scope } = splitScopedCode(value);
        this.#text(bytes, code.start + 4, code.end - 1);
        return this.#object(scope);
      }
      default:
        return this.#copy(bytes, start, end); // fixed in length, or zero-terminated as regular expressions are
    }
  }

  /** Of each field: type, name, value; and 0 at the end, which no type is. */
  #object(object: RawValue): void {
    for (const { name, value } of readElements(object.bytes, object.start)) {
      this.#byte(typeOrder(value.type));
      const bytes = Buffer.from(name);
      this.#copy(bytes, 0, bytes.length);
      this.#byte(0);
      this.#ascending(value);
    }
    this.#byte(0);
  }

  #number(value: Numeric): void {
    if (typeof value === 'number' && !Number.isFinite(value))
      return this.#byte(
        value > 0 ? NumberClass.plusInfinity : value < 0 ? NumberClass.minusInfinity : NumberClass.nan,
      );
    if (value === 0) return this.#byte(NumberClass.zero);
    const start = this.#length;
    const negative = typeof value === 'object' ? value.coefficient < 0n : value < 0;
    if (typeof value === 'number') this.#magnitude(Math.abs(value));
    else this.#inexact(value);
    if (!negative) return;
    this.#invert(start);
    // The class byte is mirrored about zero rather than complemented.
    this.#bytes[start] = 2 * NumberClass.zero - (this.#bytes[start]! ^ 0xff);
  }

  /** A double's bits, then 0 for "nothing more": whole numbers and decimals between two doubles put a rest there. */
  #magnitude(double: number): void {
    const at = this.#room(10);
    this.#bytes[at] = NumberClass.plus;
    this.#bytes.writeDoubleBE(double, at + 1);
    this.#bytes[at + 9] = 0;
  }

  /** The greatest double that is not above, then the rest as a 128-bit fraction of that double's last place. */
  #inexact(value: Numeric): void {
    const fraction = toFraction(value);
    const numerator = fraction.numerator < 0n ? -fraction.numerator : fraction.numerator;
    const { denominator } = fraction;
    const below = doubleBelow(numerator, denominator);
    if (below === 0 || (below === Number.MAX_VALUE && beyondDoubles(numerator, denominator)))
      return this.#decimal(value as { coefficient: bigint; exponent: number }, below === 0);
    this.#magnitude(below);
    const base = toFraction(below);
    const place = toFraction(lastPlace(below));
    const restNumerator = numerator * base.denominator - base.numerator * denominator;
    if (restNumerator === 0n) return;
    this.#bytes[this.#length - 1] = 1;
    const rest =
      ((restNumerator * place.denominator) << 128n) / (denominator * base.denominator * place.numerator);
    const at = this.#room(16);
    this.#bytes.writeBigUInt64BE(rest >> 64n, at);
    this.#bytes.writeBigUInt64BE(rest & 0xffffffffffffffffn || (rest === 0n ? 1n : 0n), at + 8);
  }

  /** A Decimal128 beyond the range of doubles: the exponent of its first digit, then 34 digits. */
  #decimal(value: { coefficient: bigint; exponent: number }, tiny: boolean): void {
    const digits = (value.coefficient < 0n ? -value.coefficient : value.coefficient).toString();
    const at = this.#room(37);
    this.#bytes[at] = tiny ? NumberClass.plusTiny : NumberClass.plusHuge;
    this.#bytes.writeUInt16BE(value.exponent + digits.length + 0x8000, at + 1);
    this.#bytes.write(digits.padEnd(34, '0'), at + 3, 'latin1');
  }
}

/** The greatest finite double that is at most the fraction. */
function doubleBelow(numerator: bigint, denominator: bigint): number {
  const shift = 64 - (bitLength(numerator) - bitLength(denominator));
  const quotient =
    shift >= 0 ? (numerator << BigInt(shift)) / denominator : numerator / (denominator << BigInt(-shift));
  const half = Math.trunc(shift / 2);
  let near = Math.min(Number(quotient) * 2 ** -half * 2 ** -(shift - half), Number.MAX_VALUE);
  const above = (double: number) => {
    const exact = toFraction(double);
    return exact.numerator * denominator > numerator * exact.denominator;
  };
  while (near > 0 && above(near)) near = neighbour(near, -1n);
  while (near < Number.MAX_VALUE && !above(neighbour(near, 1n))) near = neighbour(near, 1n);
  return near;
}

function bitLength(whole: bigint): number {
  return whole.toString(2).length;
}

function beyondDoubles(numerator: bigint, denominator: bigint): boolean {
  return numerator > toFraction(Number.MAX_VALUE).numerator * denominator;
}

function neighbour(double: number, step: bigint): number {
  scratch.writeDoubleBE(double);
  scratch.writeBigUInt64BE(scratch.readBigUInt64BE() + step);
  return scratch.readDoubleBE();
}

/** The distance from a double to the next one. */
function lastPlace(double: number): number {
  scratch.writeDoubleBE(double);
  const exponent = (scratch.readUInt16BE() >> 4) & 0x7ff;
  return exponent <= 1 ? Number.MIN_VALUE : 2 ** (exponent - 1075);
}

const shared = new KeyWriter();

/** The key of one value; of null for a missing one. */
export function encodeKey(value: RawValue | undefined, descending = false): Buffer {
  shared.clear();
  shared.value(value, descending);
  return shared.finish();
}

/** The least byte string above everything that begins with `prefix`; undefined when there is none. */
export function afterPrefix(prefix: Buffer): Buffer | undefined {
  for (let i = prefix.length - 1; i >= 0; i -= 1)
    if (prefix[i] !== 0xff) {
      const after = Buffer.copyBytesFrom(prefix, 0, i + 1);
      after[i]! += 1;
      return after;
    }
  return undefined;
}

/** The complement, by which keys of descending fields are made. */
export function invertKey(key: Buffer): Buffer {
  const inverted = Buffer.from(key);
  for (let i = 0; i < inverted.length; i += 1) inverted[i]! ^= 0xff;
  return inverted;
}
