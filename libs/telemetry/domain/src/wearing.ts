import { ownedWithin, type Interval, type Ownership } from './ownership.ts';

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
