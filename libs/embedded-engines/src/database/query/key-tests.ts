import { invertKey } from '../bson/key.ts';
import type { KeyPage } from '../storage/key-pages.ts';
import type { Holding } from './bounds.ts';
import { type Interval, type KeyRange, toRange } from './interval.ts';

/** Says of a key, by its number in a page, whether one of its fields is as it is asked for. */
export type PageTest = (key: number) => boolean;

/** Makes a test for one page. The keys are asked about in their order. */
export type KeyTest = (page: KeyPage) => PageTest;

/** A field of the index by which keys are put in order, and whether the order is the opposite of the index's. */
export interface KeySortField {
  readonly field: number;
  readonly inverted: boolean;
}

/** The field's key lies in one of the intervals, which are in order. */
export function liesWithin(field: number, intervals: readonly Interval[], descending: boolean): KeyTest {
  const ranges = intervals.map((interval) => toRange(interval, descending));
  if (descending) ranges.reverse();
  return ({ bytes, places, fields }) =>
    (key) => {
      const at = key * (fields + 1) + field;
      return isInOne(ranges, bytes, places[at]!, places[at + 1]!);
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
  return ({ bytes: all, places, fields }) => {
    let found = -1;
    return (key) => {
      const at = key * (fields + 1) + field;
      const start = places[at]!;
      const end = places[at + 1]!;
      // Behind the byte of the type, which may be that of a character.
      if (found <= start) {
        found = all.indexOf(wanted, start + 1);
        if (found < 0) found = all.length;
      }
      return found + wanted.length <= end || isInOne([whole], all, start, end);
    };
  };
}
