import type { Interval } from './events.ts';

/** A claim of a time frame on a device. */
export interface Claim extends Interval {
  readonly timeFrameId: number;
}

const overlap = (a: Interval, b: Interval): boolean => a.startMs < b.endMs && b.startMs < a.endMs;

/**
 * Whether two claims on one device exclude one another: the same owner, different athletes, windows that overlap.
 * Ownerships never overlap and each time frame lies in one, so claims of different owners never meet.
 */
export const excludes = (a: Claim, b: Claim): boolean =>
  a.timeFrameId !== b.timeFrameId && a.owner === b.owner && a.athlete !== b.athlete && overlap(a, b);
