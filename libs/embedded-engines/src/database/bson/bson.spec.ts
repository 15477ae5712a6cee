import { BSON } from 'mongodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareValues } from './compare.ts';
import { keyEnd } from './key-end.ts';
import { afterPrefix, encodeKey, invertKey } from './key.ts';
import { rawDocument, readElements } from './reader.ts';
import type { RawValue } from './types.ts';
import { InvalidBson, validateDocument } from './validate.ts';
import { BsonWriter } from './writer.ts';
import { bsonDocument, bsonValue, serialize } from '../testing/arbitrary.ts';

const { Binary, BSONRegExp, Decimal128, Double, Long, MaxKey, MinKey, ObjectId, Timestamp } = BSON;

function raw(value: unknown): RawValue {
  return readElements(serialize({ v: value }), 0)[0]!.value;
}

describe('the order of values', () => {
  const ascending: unknown[] = [
    new MinKey(),
    null,
    NaN,
    -Infinity,
    Decimal128.fromString('-1E400'),
    Long.fromString('-9223372036854775808'),
    -1.5,
    Decimal128.fromString('-1E-400'),
    0,
    Decimal128.fromString('1E-6000'),
    5e-324,
    0.1,
    Decimal128.fromString('0.1000000000000000055511151231257828'),
    1,
    Long.fromString('9007199254740993'),
    new Double(9007199254740994),
    Long.fromString('9223372036854775807'),
    new Double(9223372036854775808),
    Number.MAX_VALUE,
    Decimal128.fromString('1E309'),
    Decimal128.fromString('9E6000'),
    Infinity,
    '',
    '\u0000',
    '\u0001',
    'a',
    'a\u0000',
    'ab',
    '\uffee',
    '\u{1f600}',
    {},
    { a: null },
    { a: 1 },
    { a: 1, b: 1 },
    { b: 0 },
    { a: 'x' },
    [],
    [null],
    [1],
    [1, 2],
    [2],
    new Binary(Buffer.from('zz')),
    new Binary(Buffer.from('aaa')),
    new Binary(Buffer.from('aaa'), 5),
    new ObjectId('000000000000000000000001'),
    new ObjectId('ff0000000000000000000000'),
    false,
    true,
    new Date(-1),
    new Date(0),
    Timestamp.fromBits(1, 0),
    Timestamp.fromBits(0, 1),
    new BSONRegExp('a', ''),
    new BSONRegExp('a', 'i'),
    new BSONRegExp('ab', ''),
    new MaxKey(),
  ];

  it('goes by type first and then by value', () => {
    for (let i = 0; i < ascending.length; i += 1)
      for (let j = 0; j < ascending.length; j += 1)
        expect([i, j, Math.sign(compareValues(raw(ascending[i]), raw(ascending[j])))]).toEqual([
          i,
          j,
          Math.sign(i - j),
        ]);
  });

  it('is the order of the keys, and the reverse order of the descending keys', () => {
    for (let i = 0; i < ascending.length; i += 1)
      for (let j = 0; j < ascending.length; j += 1) {
        const [a, b] = [raw(ascending[i]), raw(ascending[j])];
        expect([i, j, Buffer.compare(encodeKey(a), encodeKey(b))]).toEqual([i, j, Math.sign(i - j)]);
        expect([i, j, Buffer.compare(encodeKey(a, true), encodeKey(b, true))]).toEqual([
          i,
          j,
          Math.sign(j - i),
        ]);
      }
  });

  it('holds numbers of different types equal when their values are', () => {
    const equals = [1, new Double(1), Long.fromNumber(1), Decimal128.fromString('1.00')].map(raw);
    for (const a of equals)
      for (const b of equals) {
        expect(compareValues(a, b)).toBe(0);
        expect(encodeKey(a).equals(encodeKey(b))).toBe(true);
      }
    expect(compareValues(raw(new Double(-0)), raw(0))).toBe(0);
    expect(compareValues(undefined, raw(null))).toBe(0);
  });

  it('is the order of the keys for any two values', () => {
    fc.assert(
      fc.property(bsonValue, bsonValue, (x, y) => {
        const [a, b] = [raw(x), raw(y)];
        const order = Math.sign(compareValues(a, b));
        expect(Buffer.compare(encodeKey(a), encodeKey(b))).toBe(order);
        expect(Buffer.compare(encodeKey(a, true), encodeKey(b, true)) + order).toBe(0);
        expect(invertKey(encodeKey(a)).equals(encodeKey(a, true))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('never makes one key the beginning of another', () => {
    fc.assert(
      fc.property(bsonValue, bsonValue, (x, y) => {
        const [a, b] = [encodeKey(raw(x)), encodeKey(raw(y))];
        expect(a.equals(b) || !b.subarray(0, a.length).equals(a)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('tells where a key ends among others', () => {
    fc.assert(
      fc.property(bsonValue, bsonValue, fc.boolean(), (x, y, descending) => {
        const [a, b] = [encodeKey(raw(x), descending), encodeKey(raw(y), descending)];
        expect(keyEnd(Buffer.concat([b, a, b]), b.length, descending ? 0xff : 0)).toBe(b.length + a.length);
      }),
      { numRuns: 2000 },
    );
  });

  it('finds the least string after all that begin alike', () => {
    expect(afterPrefix(Buffer.from([1, 0xff]))).toEqual(Buffer.from([2]));
    expect(afterPrefix(Buffer.from([0xff, 0xff]))).toBeUndefined();
  });
});

describe('the bytes of a document', () => {
  it('come back as they were when its elements are written one by one', () => {
    fc.assert(
      fc.property(bsonDocument, (document) => {
        const bytes = serialize(document);
        expect(validateDocument(bytes, 0, bytes.length)).toBe(bytes.length);
        const writer = new BsonWriter();
        const begun = writer.begin();
        for (const { name, value } of readElements(bytes, rawDocument(bytes).start)) writer.raw(name, value);
        writer.end(begun);
        expect(writer.finish().equals(bytes)).toBe(true);
      }),
    );
  });

  it('are refused or read without harm when any of them is changed', () => {
    fc.assert(
      fc.property(bsonDocument, fc.nat(), fc.integer({ min: 0, max: 255 }), (document, where, byte) => {
        const bytes = Buffer.from(serialize(document));
        bytes[where % bytes.length] = byte;
        try {
          validateDocument(bytes, 0, bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidBson);
          return;
        }
        expect(readElements(bytes, 0).every(({ value }) => value.end <= bytes.length)).toBe(true);
        encodeKey(rawDocument(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it('may not be nested deeper than 200 levels', () => {
    let bytes: Buffer = Buffer.from([5, 0, 0, 0, 0]);
    for (let i = 0; i < 201; i += 1) {
      const outer = new BsonWriter();
      outer.document({ a: bytes });
      bytes = outer.finish();
    }
    expect(() => validateDocument(bytes, 0, bytes.length)).toThrow(/nested deeper than 200 levels/);
  });
});
