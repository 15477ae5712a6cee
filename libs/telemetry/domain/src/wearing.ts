import { ownedWithin, type Interval, type Ownership } from './ownership.ts';
import { dayStream, utcDay } from './stream.ts';

const MS_PER_DAY = 86_400_000;

/** No sample is older. */
const FIRST_MS = Date.UTC(2000, 0, 1);
/** Or so much later than now. */
const MAX_AHEAD_MS = 2 * MS_PER_DAY;

/** A time frame as far as it tells who wore a device: [startMs, endMs), milliseconds since the Unix epoch. */
export interface Wearing extends Interval {
  readonly owner: number;
  readonly athlete: number;
  /** Neither the time frame nor its activity is deleted. */
  readonly standing: boolean;
}

/**
 * When an athlete wore a device: in his time frames, as far as their owners owned it. A deleted one counts, too, but
 * for what standing ones of others say meanwhile: it may have been deleted since it named the wrong athlete.
 *
 * @param wearings of the device
 * @returns disjoint, in time order
 */
export function wornBy(
  athlete: number,
  wearings: readonly Wearing[],
  ownerships: readonly Ownership[],
): Interval[] {
  const owned = (wanted: (wearing: Wearing) => boolean): Interval[] =>
    wearings.filter(wanted).flatMap((wearing) => ownedWithin(ownerships, wearing.owner, wearing));
  const standing = owned((wearing) => wearing.athlete === athlete && wearing.standing);
  const deleted = owned((wearing) => wearing.athlete === athlete && !wearing.standing);
  const others = owned((wearing) => wearing.athlete !== athlete && wearing.standing);
  return joined([...standing, ...without(deleted, others)]);
}

/** The streams of the days that may hold something of the intervals by now, each with what of them is of that day. */
export function wornDays(
  device: number,
  intervals: readonly Interval[],
  nowMs: number,
): ReadonlyMap<string, readonly Interval[]> {
  const days = new Map<string, Interval[]>();
  for (const interval of intervals) {
    const startMs = Math.max(interval.startMs, FIRST_MS);
    const endMs = Math.min(interval.endMs, nowMs + MAX_AHEAD_MS);
    for (let dayMs = startMs - (startMs % MS_PER_DAY); dayMs < endMs; dayMs += MS_PER_DAY) {
      const stream = dayStream(device, utcDay(dayMs));
      const ofDay = { startMs: Math.max(startMs, dayMs), endMs: Math.min(endMs, dayMs + MS_PER_DAY) };
      days.set(stream, [...(days.get(stream) ?? []), ofDay]);
    }
  }
  return days;
}

/** What of the intervals lies in none of the others. */
function without(intervals: readonly Interval[], others: readonly Interval[]): Interval[] {
  return others.reduce<readonly Interval[]>(
    (left, { startMs, endMs }) =>
      left.flatMap((one) =>
        [
          { startMs: one.startMs, endMs: Math.min(one.endMs, startMs) },
          { startMs: Math.max(one.startMs, endMs), endMs: one.endMs },
        ].filter((rest) => rest.startMs < rest.endMs),
      ),
    intervals,
  ) as Interval[];
}

function joined(intervals: readonly Interval[]): Interval[] {
  const union: Interval[] = [];
  for (const interval of [...intervals].sort((a, b) => a.startMs - b.startMs)) {
    const last = union.at(-1);
    if (last === undefined || last.endMs < interval.startMs) union.push(interval);
    else union[union.length - 1] = { ...last, endMs: Math.max(last.endMs, interval.endMs) };
  }
  return union.map(({ startMs, endMs }) => ({ startMs, endMs }));
}
