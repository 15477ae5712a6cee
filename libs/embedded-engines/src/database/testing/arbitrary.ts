import { BSON } from 'mongodb';
import fc from 'fast-check';

const { Binary, BSONRegExp, Code, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } =
  BSON;

/** Serialised as the driver does it, but without dropping anything. */
export function serialize(document: object): Buffer {
  return Buffer.from(BSON.serialize(document, { ignoreUndefined: false }));
}

const decimal = fc
  .tuple(
    fc.bigInt({ min: -(10n ** 34n) + 1n, max: 10n ** 34n - 1n }),
    fc.oneof(fc.integer({ min: -40, max: 10 }), fc.integer({ min: -6176, max: 6111 })),
  )
  .map(([coefficient, exponent]) => Decimal128.fromString(`${coefficient}E${exponent}`));

const number = fc.oneof(
  fc.integer({ min: -5, max: 5 }).map((n) => new Int32(n)),
  fc.integer().map((n) => new Int32(n)),
  fc.double().map((n) => new Double(n)),
  fc.integer({ min: -5, max: 5 }).map((n) => new Double(n / 2)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => Long.fromBigInt(n)),
  fc.integer({ min: -5, max: 5 }).map((n) => Long.fromNumber(n)),
  fc
    .constantFrom('0.5', '1', '2', '0.1', '-3', '1E400', '-1E-400', 'NaN', 'Infinity')
    .map((text) => Decimal128.fromString(text)),
  decimal,
);

const text = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom('', 'a', 'ab', 'b\u0000', '\u0001'),
);

/** Any scalar that a driver can send. */
export const bsonScalar: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: number },
  { weight: 3, arbitrary: text },
  fc.constant(null),
  fc.boolean(),
  fc.integer({ min: -1000, max: 1000 }).map((ms) => new Date(ms)),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc
    .tuple(fc.uint8Array({ maxLength: 4 }), fc.constantFrom(0, 5, 0x80))
    .map(([bytes, subtype]) => new Binary(bytes, subtype)),
  fc.tuple(fc.nat(3), fc.nat(3)).map(([low, high]) => Timestamp.fromBits(low, high)),
  fc
    .constantFrom('', 'a', 'ab')
    .chain((pattern) => fc.constantFrom('', 'i', 'im').map((options) => new BSONRegExp(pattern, options))),
  fc.constantFrom('x', 'y').map((code) => new Code(code)),
  fc.constantFrom('x', 'y').map((code) => new Code(code, { a: 1 })),
  fc.constantFrom(new MinKey(), new MaxKey()),
);

const fieldName = fc.constantFrom('a', 'b', 'c', 'é');

/** Scalars, arrays and documents, nested a little. */
export const bsonValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 6, arbitrary: bsonScalar },
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fieldName, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

export const bsonDocument: fc.Arbitrary<Record<string, unknown>> = fc.dictionary(fieldName, bsonValue, {
  maxKeys: 4,
  noNullPrototype: true,
});
