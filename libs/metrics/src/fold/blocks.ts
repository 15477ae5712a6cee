/**
 * A stretch of cleaned gnss samples of which `[from, to)` is to be folded; what lies before `from` has been folded and
 * is there for windows that reach back, what lies after `to` for windows that reach ahead.
 */
export interface GnssBlock {
  readonly t: Float64Array;
  /** 1e-4 m/s */
  readonly v: Int32Array;
  /** mm, `NO_ALTITUDE` when missing */
  readonly altitude: Int32Array;
  /** Starts of the segments, then the number of samples. */
  readonly segments: Int32Array;
  readonly from: number;
  readonly to: number;
  /**
   * Distance from the first sample on, in 1 / TRAVELLED_PER_M metres; filled by the total distance from `from - 1`
   * to `to - 1`, read by every other metric of distances.
   */
  readonly travelled: Float64Array;
}

/** Cleaned samples of a channel with one value; as {@link GnssBlock}. */
export interface ScalarBlock {
  readonly t: Float64Array;
  /** 0.01 bpm or 0.01 W */
  readonly value: Int32Array;
  readonly from: number;
  readonly to: number;
}

/** Samples `[first, last)` of the segment `[begin, end)`. Not tuples: loops over their elements take twice the time. */
export interface SegmentPart {
  readonly begin: number;
  readonly end: number;
  readonly first: number;
  readonly last: number;
}

/** Index of the first segment that reaches beyond `from`. */
export function firstSegment({ segments, from }: GnssBlock): number {
  let [low, high] = [0, segments.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (segments[middle + 1]! <= from) low = middle + 1;
    else high = middle;
  }
  return low;
}
