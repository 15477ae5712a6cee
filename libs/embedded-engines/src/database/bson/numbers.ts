import { BsonType, isNumeric, type RawValue } from './types.ts';

/** `coefficient * 10 ** exponent`, with the sign in the coefficient. */
export interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

/** A numeric value, exact: whole numbers beyond 2^53 are bigints, finite Decimal128 values are `Decimal`s. */
export type Numeric = number | bigint | Decimal;

const maxCoefficient = 10n ** 34n - 1n;

export function readNumeric(value: RawValue): Numeric {
  switch (value.type) {
    case BsonType.int32:
      return value.bytes.readInt32LE(value.start);
    case BsonType.double:
      return value.bytes.readDoubleLE(value.start);
    case BsonType.int64:
      return narrow(value.bytes.readBigInt64LE(value.start));
    default:
      return readDecimal(value);
  }
}

function narrow(whole: bigint): number | bigint {
  const near = Number(whole);
  return Number.isSafeInteger(near) ? near : whole;
}

/** IEEE 754-2008 decimal128 in its binary integer form; a coefficient that is too great counts as zero there. */
function readDecimal(value: RawValue): Numeric {
  const low = value.bytes.readBigUInt64LE(value.start);
  const high = value.bytes.readBigUInt64LE(value.start + 8);
  const sign = high >> 63n === 1n ? -1n : 1n;
  const combination = Number((high >> 58n) & 0x1fn);
  if (combination === 0x1f) return NaN;
  if (combination === 0x1e) return sign < 0n ? -Infinity : Infinity;
  if (combination >= 0x18) return 0;
  const coefficient = ((high & 0x1ffffffffffffn) << 64n) | low;
  if (coefficient === 0n || coefficient > maxCoefficient) return 0;
  return { coefficient: sign * coefficient, exponent: Number((high >> 49n) & 0x3fffn) - 6176 };
}

/** A finite number as an exact fraction. */
export function toFraction(value: Numeric): { numerator: bigint; denominator: bigint } {
  if (typeof value === 'bigint') return { numerator: value, denominator: 1n };
  if (typeof value === 'object') {
    const power = 10n ** BigInt(Math.abs(value.exponent));
    return value.exponent < 0
      ? { numerator: value.coefficient, denominator: power }
      : { numerator: value.coefficient * power, denominator: 1n };
  }
  let scale = 0;
  let whole = value;
  while (!Number.isInteger(whole)) {
    whole *= 2;
    scale += 1;
  }
  return { numerator: BigInt(whole), denominator: 1n << BigInt(scale) };
}

/** MongoDB's order of numbers: by value whatever the type, NaN below all and equal to itself. */
export function compareNumeric(a: Numeric, b: Numeric): number {
  const aNaN = a !== a;
  const bNaN = b !== b;
  if (aNaN || bNaN) return aNaN ? (bNaN ? 0 : -1) : 1;
  if (typeof a === 'object' || typeof b === 'object') return compareDecimal(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareDecimal(a: Numeric, b: Numeric): number {
  if (typeof a === 'number' && !Number.isFinite(a)) return a > 0 ? 1 : -1;
  if (typeof b === 'number' && !Number.isFinite(b)) return b > 0 ? -1 : 1;
  const x = toFraction(a);
  const y = toFraction(b);
  const difference = x.numerator * y.denominator - y.numerator * x.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The nearest double, undefined for what is no number. */
export function toDouble(value: RawValue | undefined): number | undefined {
  if (value === undefined || !isNumeric(value.type)) return undefined;
  const exact = readNumeric(value);
  if (typeof exact !== 'object') return Number(exact);
  return Number(`${exact.coefficient}e${exact.exponent}`);
}

/** A whole number within 2^53, undefined for anything else: what options such as `limit` must be. */
export function toSafeInteger(value: RawValue | undefined): number | undefined {
  const number = toDouble(value);
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined;
}
