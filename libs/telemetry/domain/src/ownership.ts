/** [startMs, endMs), in milliseconds since the Unix epoch; one without an end covers the future. */
export interface Ownership {
  readonly id: number;
  readonly manager: number;
  readonly startMs: number;
  readonly endMs?: number;
}

export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

export const endOf = (ownership: Ownership): number => ownership.endMs ?? Infinity;

/** The ownership that holds at a time. */
export function ownershipAt<O extends Ownership>(ownerships: readonly O[], atMs: number): O | undefined {
  return ownerships.find((ownership) => ownership.startMs <= atMs && atMs < endOf(ownership));
}

/** The one without an end, begun or not. */
export function openOwnership<O extends Ownership>(ownerships: readonly O[]): O | undefined {
  return ownerships.find((ownership) => ownership.endMs === undefined);
}

/** One that was given up before or when it began holds nothing. */
export const isEmpty = (ownership: Ownership): boolean => endOf(ownership) <= ownership.startMs;

/** The ownership that ends last, of those that hold something. */
export function lastOwnership(ownerships: readonly Ownership[]): Ownership | undefined {
  return ownerships
    .filter((ownership) => !isEmpty(ownership))
    .reduce<Ownership | undefined>(
      (last, ownership) => (last === undefined || endOf(ownership) > endOf(last) ? ownership : last),
      undefined,
    );
}

/** What a manager owned within [startMs, endMs): disjoint, in time order, neighbours joined. */
export function ownedWithin(ownerships: readonly Ownership[], manager: number, window: Interval): Interval[] {
  const clipped = ownerships
    .filter((ownership) => ownership.manager === manager)
    .map((ownership) => ({
      startMs: Math.max(ownership.startMs, window.startMs),
      endMs: Math.min(endOf(ownership), window.endMs),
    }))
    .filter(({ startMs, endMs }) => startMs < endMs)
    .sort((a, b) => a.startMs - b.startMs);
  const joined: Interval[] = [];
  for (const interval of clipped) {
    const before = joined.at(-1);
    if (before?.endMs === interval.startMs) joined[joined.length - 1] = { ...before, endMs: interval.endMs };
    else joined.push(interval);
  }
  return joined;
}

/** Whether a manager owned the device over the whole of [startMs, endMs). */
export function ownedThroughout(
  ownerships: readonly Ownership[],
  manager: number,
  window: Interval,
): boolean {
  const [owned] = ownedWithin(ownerships, manager, window);
  return owned?.startMs === window.startMs && owned.endMs === window.endMs;
}
