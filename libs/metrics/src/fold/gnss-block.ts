import { deriveSpeed } from '../input/derived-speed.ts';
import type { GnssSeries } from '../input/gnss.ts';
import { segmentBounds } from '../input/segments.ts';
import type { Settings } from '../settings.ts';
import type { GnssBlock } from './blocks.ts';

/** Segments and speeds of a series of which `[from, to)` is to be folded, with the position glitches in there. */
export function gnssBlock(
  series: GnssSeries,
  from: number,
  to: number,
  { maxGapMs, profile }: Settings,
): { block: GnssBlock; glitches: number } {
  const { t, altitude } = series;
  const segments = segmentBounds(t, maxGapMs);
  const { v, glitches } = deriveSpeed(series, segments, maxGapMs, profile.maxPlausibleSpeedMps, [from, to]);
  return { block: { t, v, altitude, segments, from, to, travelled: new Float64Array(t.length) }, glitches };
}
