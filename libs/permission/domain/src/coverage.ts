/** [startMs, endMs) */
export interface Interval {
  startMs: number;
  endMs: number;
}

/**
 * Whether the union of the intervals holds every instant of the window. Adjoining intervals count as one; a hole of a
 * millisecond is a hole. An empty window is covered by nothing.
 */
export function covers(intervals: Iterable<Interval>, window: Interval): boolean {
  if (window.startMs >= window.endMs) return false;
  const ascending = [...intervals].sort((a, b) => a.startMs - b.startMs);
  let coveredToMs = window.startMs;
  for (const { startMs, endMs } of ascending) {
    if (startMs > coveredToMs) return false;
    coveredToMs = Math.max(coveredToMs, endMs);
    if (coveredToMs >= window.endMs) return true;
  }
  return false;
}

/** Until when the union of the intervals goes on without a hole from the instant; undefined where it is not covered. */
export function coveredUntil(intervals: Iterable<Interval>, fromMs: number): number | undefined {
  const ascending = [...intervals].sort((a, b) => a.startMs - b.startMs);
  let untilMs = fromMs;
  for (const { startMs, endMs } of ascending) {
    if (startMs > untilMs) break;
    untilMs = Math.max(untilMs, endMs);
  }
  return untilMs > fromMs ? untilMs : undefined;
}
