import { invertKey } from '../bson/key.ts';
import type { KeyPage } from '../storage/key-pages.ts';
import type { Holding } from './bounds.ts';
import { type Interval, type KeyRange, toRange } from './interval.ts';

/** Which of some keys of a page, by their numbers and in their order, are as one of their fields is asked for. */
export type KeyTest = (page: KeyPage, keys: readonly number[]) => number[];

/** A field of the index by which keys are put in order, and whether the order is the opposite of the index's. */
export interface KeySortField {
  readonly field: number;
  readonly inverted: boolean;
}

/** The field's key lies in one of the intervals, which are in order. */
export function liesWithin(field: number, intervals: readonly Interval[], descending: boolean): KeyTest {
  const ranges = intervals.map((interval) => toRange(interval, descending));
  if (descending) ranges.reverse();
  return ({ bytes, places, fields }, keys) => {
    const passing: number[] = [];
    for (const key of keys) {
      const at = key * (fields + 1) + field;
      if (isInOne(ranges, bytes, places[at]!, places[at + 1]!)) passing.push(key);
    }
    return passing;
  };
}

function isInOne(ranges: readonly KeyRange[], bytes: Buffer, start: number, end: number): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(bytes, start, end, ranges[middle]!.start)) high = middle;
    else low = middle + 1;
  }
  return low > 0 && isBefore(bytes, start, end, ranges[low - 1]!.end);
}

/** Whether the bytes between two places come before others; for a few bytes a loop is quicker than `compare`. */
function isBefore(bytes: Buffer, start: number, end: number, other: Buffer): boolean {
  const length = Math.min(end - start, other.length);
  for (let i = 0; i < length; i += 1) {
    const difference = bytes[start + i]! - other[i]!;
    if (difference !== 0) return difference < 0;
  }
  return end - start < other.length;
}

/** The field's key holds the bytes, or is the other one. */
export function holdsText(field: number, { bytes, other }: Holding, descending: boolean): KeyTest {
  const wanted = descending ? invertKey(bytes) : bytes;
  const whole = toRange(other, descending);
  return ({ bytes: all, places, fields }, keys) => {
    const passing: number[] = [];
    let found = -1;
    for (const key of keys) {
      const at = key * (fields + 1) + field;
      const start = places[at]!;
      const end = places[at + 1]!;
      // Behind the byte of the type, which may be that of a character.
      if (found <= start) {
        found = all.indexOf(wanted, start + 1);
        if (found < 0) found = all.length;
      }
      if (found + wanted.length <= end || liesIn(whole, all, start, end)) passing.push(key);
    }
    return passing;
  };
}

function liesIn(range: KeyRange, bytes: Buffer, start: number, end: number): boolean {
  return !isBefore(bytes, start, end, range.start) && isBefore(bytes, start, end, range.end);
}
