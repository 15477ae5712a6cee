import { invertKey } from '../bson/key.ts';
import { type Interval, isPoint, type KeyRange, toRange } from './interval.ts';
import type { Stream } from './planner.ts';

/** Joins the intervals of the leading fields to ranges of whole keys, one stream for each start before `splitAt`. */
export function joinRanges(
  descending: readonly boolean[],
  intervals: readonly (readonly Interval[])[],
  boundFields: number,
  splitAt: number,
): Stream[] {
  let groups: { prefix: Buffer; split: Buffer }[] = [{ prefix: Buffer.alloc(0), split: Buffer.alloc(0) }];
  let last: readonly KeyRange[] | undefined;
  for (let field = 0; field < boundFields; field += 1) {
    const allowed = intervals[field]!;
    const ordered = descending[field]! ? allowed.toReversed() : allowed;
    if (!allowed.every(isPoint)) {
      last = ordered.map((interval) => toRange(interval, descending[field]!));
      break;
    }
    const points = ordered.map(({ low }) => (descending[field]! ? invertKey(low) : low));
    groups = groups.flatMap(({ prefix, split }) =>
      points.map((point) => {
        const longer = Buffer.concat([prefix, point]);
        return { prefix: longer, split: field < splitAt ? longer : split };
      }),
    );
  }
  const streams = new Map<string, { ranges: KeyRange[]; prefixLength: number }>();
  for (const { prefix, split } of groups) {
    const id = split.toString('latin1');
    let stream = streams.get(id);
    if (stream === undefined) streams.set(id, (stream = { ranges: [], prefixLength: split.length }));
    if (last === undefined)
      stream.ranges.push(
        toRange({ low: prefix, lowInclusive: true, high: prefix, highInclusive: true }, false),
      );
    else for (const { start, end } of last) stream.ranges.push(within(prefix, start, end));
  }
  return [...streams.values()];
}

const noMore = 0xff;

/** The range of a field behind a prefix; a field's end above all becomes the end of what begins with the prefix. */
function within(prefix: Buffer, start: Buffer, end: Buffer): KeyRange {
  const open = end.length === 1 && end[0] === noMore;
  const all = toRange({ low: prefix, lowInclusive: true, high: prefix, highInclusive: true }, false);
  return { start: Buffer.concat([prefix, start]), end: open ? all.end : Buffer.concat([prefix, end]) };
}
