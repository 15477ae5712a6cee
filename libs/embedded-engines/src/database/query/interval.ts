import { TypeOrder, typeOrder } from '../bson/compare.ts';
import { afterPrefix, encodeKey, invertKey, NumberClass } from '../bson/key.ts';
import { isNumeric, type RawValue } from '../bson/types.ts';

/**
 * A stretch of one field's keys. A bound is the beginning of a key: an inclusive one takes all keys that begin with
 * it, so that a type's byte alone means all values of the type and nothing means all keys.
 */
export interface Interval {
  readonly low: Buffer;
  readonly lowInclusive: boolean;
  readonly high: Buffer;
  readonly highInclusive: boolean;
}

/** From `start` on and before `end`, byte by byte. */
export interface KeyRange {
  readonly start: Buffer;
  readonly end: Buffer;
}

const everythingBegins = Buffer.alloc(0);
/** Above every key of one field, since no type's byte is 255. */
const aboveAll = Buffer.from([0xff]);

export const allKeys: Interval = {
  low: everythingBegins,
  lowInclusive: true,
  high: everythingBegins,
  highInclusive: true,
};

export function pointOf(value: RawValue | undefined): Interval {
  return prefixOf(encodeKey(value));
}

/** All keys that begin with the bytes. */
export function prefixOf(bytes: Buffer): Interval {
  return { low: bytes, lowInclusive: true, high: bytes, highInclusive: true };
}

/** Whether the interval is one value's key. Type bytes and beginnings of strings are never whole keys here. */
export function isPoint(interval: Interval): boolean {
  return interval.low === interval.high && interval.low.length > 0 && !partial.has(interval.low);
}

const partial = new WeakSet<Buffer>();

function beginning(...bytes: number[]): Buffer {
  const buffer = Buffer.from(bytes);
  partial.add(buffer);
  return buffer;
}

/** All strings that begin with a text. */
export function stringsFrom(text: string): Interval {
  const key = encodeKey({
    type: 0x02,
    bytes: Buffer.concat([Buffer.alloc(4), Buffer.from(text), Buffer.alloc(1)]),
    start: 0,
    end: Buffer.byteLength(text) + 5,
  });
  return prefixOf(beginning(...key.subarray(0, -1)));
}

/** The least and greatest key bytes of the values that a comparison with `value` accepts; NaN is never among them. */
function bracket(value: RawValue): { least: Buffer; greatest: Buffer } {
  if (isNumeric(value.type))
    return { least: beginning(NumberClass.minusInfinity), greatest: beginning(NumberClass.plusInfinity) };
  const order = typeOrder(value.type);
  return { least: beginning(order), greatest: beginning(order) };
}

export function comparedWith(op: 'gt' | 'gte' | 'lt' | 'lte', value: RawValue): Interval {
  const key = encodeKey(value);
  const { least, greatest } = bracket(value);
  const inclusive = op === 'gte' || op === 'lte';
  return op === 'gt' || op === 'gte'
    ? { low: key, lowInclusive: inclusive, high: greatest, highInclusive: true }
    : { low: least, lowInclusive: true, high: key, highInclusive: inclusive };
}

export function isNullOrder(value: RawValue): boolean {
  const order = typeOrder(value.type);
  return order === TypeOrder.null || order === TypeOrder.undefined;
}

/** The bytes between which the interval's keys lie in an index field of the given direction. */
export function toRange(interval: Interval, descending: boolean): KeyRange {
  const { low, lowInclusive, high, highInclusive } = interval;
  if (!descending) return { start: lowInclusive ? low : after(low), end: highInclusive ? after(high) : high };
  return {
    start: highInclusive ? invertKey(high) : after(invertKey(high)),
    end: lowInclusive ? after(invertKey(low)) : invertKey(low),
  };
}

function after(prefix: Buffer): Buffer {
  return afterPrefix(prefix) ?? aboveAll;
}

/** What is in an interval of each list; both lists and the result are in order and do not overlap. */
export function intersect(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  return a.flatMap((x) => b.flatMap((y) => intersectTwo(x, y) ?? []));
}

function intersectTwo(a: Interval, b: Interval): Interval | undefined {
  const [x, y] = [toRange(a, false), toRange(b, false)];
  const lower = x.start.compare(y.start) >= 0 ? a : b;
  const upper = x.end.compare(y.end) <= 0 ? a : b;
  if (toRange(lower, false).start.compare(toRange(upper, false).end) >= 0) return undefined;
  if (isPoint(a)) return a;
  if (isPoint(b)) return b;
  return {
    low: lower.low,
    lowInclusive: lower.lowInclusive,
    high: upper.high,
    highInclusive: upper.highInclusive,
  };
}

/** Sorts intervals and drops those that lie in another one. */
export function normalise(intervals: readonly Interval[]): Interval[] {
  const sorted = intervals
    .map((interval) => ({ interval, range: toRange(interval, false) }))
    .sort((a, b) => a.range.start.compare(b.range.start) || b.range.end.compare(a.range.end));
  const kept: typeof sorted = [];
  for (const one of sorted) {
    const last = kept.at(-1);
    if (last === undefined || last.range.end.compare(one.range.end) < 0) kept.push(one);
  }
  return kept.map(({ interval }) => interval);
}

/** Whether every key of the inner intervals lies in one of the outer ones. */
export function contains(outer: readonly Interval[], inner: readonly Interval[]): boolean {
  return inner.every((one) => {
    const range = toRange(one, false);
    return outer.some((other) => {
      const around = toRange(other, false);
      return around.start.compare(range.start) <= 0 && around.end.compare(range.end) >= 0;
    });
  });
}
