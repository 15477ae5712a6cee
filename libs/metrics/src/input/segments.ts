/**
 * Starts of the segments of a time-ordered series, then its length: a segment goes on while samples are at most
 * `maxGapMs` apart. Nothing is integrated across segments.
 */
export function segmentBounds(t: Float64Array, maxGapMs: number): Int32Array {
  const bounds: number[] = [];
  const n = t.length;
  let before = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    const now = t[i]!;
    if (now - before > maxGapMs) bounds.push(i);
    before = now;
  }
  bounds.push(n);
  return Int32Array.from(bounds);
}
