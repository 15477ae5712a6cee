import { type Numeric, readNumeric } from './numbers.ts';
import { BsonType, type RawValue } from './types.ts';
import { DoubleValue, encodeValue } from './writer.ts';

const int32Limit = 2n ** 31n;
const int64Limit = 2n ** 63n;

/** A sum or product outside of int64, or with a Decimal128, which this engine does not calculate with. */
export class ArithmeticError extends Error {
  override name = 'ArithmeticError';
}

/**
 * MongoDB's sum or product: a double when one is a double, otherwise as wide as the wider one; an int32 that
 * overflows becomes an int64.
 */
export function calculate(operation: 'add' | 'multiply', a: RawValue, b: RawValue): RawValue {
  const [x, y] = [readNumeric(a), readNumeric(b)];
  if (a.type === BsonType.decimal128 || b.type === BsonType.decimal128)
    throw new ArithmeticError('arithmetic with Decimal128 is not supported by this server');
  if (a.type === BsonType.double || b.type === BsonType.double) {
    const [left, right] = [Number(x), Number(y)];
    return encodeValue(new DoubleValue(operation === 'add' ? left + right : left * right));
  }
  const whole = operation === 'add' ? toBigInt(x) + toBigInt(y) : toBigInt(x) * toBigInt(y);
  const narrow = a.type === BsonType.int32 && b.type === BsonType.int32;
  if (narrow && whole >= -int32Limit && whole < int32Limit) return encodeValue(Number(whole));
  if (whole < -int64Limit || whole >= int64Limit)
    throw new ArithmeticError('the result does not fit into 64 bits');
  return encodeValue(whole);
}

function toBigInt(value: Numeric): bigint {
  return BigInt(value as number | bigint);
}
