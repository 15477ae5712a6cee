import type { Extensions } from '../document.ts';
import { firstSegment, type GnssBlock, type SegmentPart } from '../fold/blocks.ts';
import type { Metric } from '../fold/metric.ts';
import { NO_ALTITUDE } from '../input/gnss.ts';
import { lowerBound } from '../input/time-order.ts';
import { ALTITUDE_PER_M, wholeQuotient } from '../whole.ts';

const SMOOTHING_MS = 5000;
/** Altitude has to leave the reference by this much to count: 1 m in mm. */
const HYSTERESIS = ALTITUDE_PER_M;

function hasAltitudes(altitude: Int32Array, first: number, last: number): boolean {
  for (let i = first; i < last; i++) if (altitude[i] !== NO_ALTITUDE) return true;
  return false;
}

/**
 * Gain, loss, least and greatest altitude in m: altitude averaged over ±5 s per segment, then followed with a
 * hysteresis of 1 m. Metrics definition, section 5, elevation.
 */
export class Elevation implements Metric<GnssBlock> {
  readonly state = {
    gain: 0,
    loss: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    /** Reference altitude of the segment in mm; NaN before its first altitude. */
    reference: Number.NaN,
  };

  fold(block: GnssBlock): void {
    const { segments, from, to } = block;
    for (let s = firstSegment(block); s + 1 < segments.length && segments[s]! < to; s++) {
      const begin = segments[s]!;
      const end = segments[s + 1]!;
      if (begin >= from) this.state.reference = Number.NaN;
      this.#foldSegment(block, { begin, end, first: Math.max(begin, from), last: Math.min(end, to) });
    }
  }

  #foldSegment({ t, altitude }: GnssBlock, { begin, end, first, last }: SegmentPart): void {
    let { gain, loss, min, max, reference } = this.state;
    if (!hasAltitudes(altitude, first, last)) return;
    let low = lowerBound(t, t[first]! - SMOOTHING_MS, begin, end);
    let high = low;
    let tLow = t[low]!;
    let tHigh = tLow;
    let sum = 0;
    let count = 0;
    for (let i = first; i < last; i++) {
      const now = t[i]!;
      while (tHigh <= now + SMOOTHING_MS) {
        const mm = altitude[high]!;
        if (mm !== NO_ALTITUDE) {
          sum += mm;
          count++;
        }
        tHigh = ++high < end ? t[high]! : Number.POSITIVE_INFINITY;
      }
      while (tLow < now - SMOOTHING_MS) {
        const mm = altitude[low]!;
        if (mm !== NO_ALTITUDE) {
          sum -= mm;
          count--;
        }
        tLow = t[++low]!;
      }
      if (altitude[i] === NO_ALTITUDE) continue;
      const smoothed = wholeQuotient(sum, count);
      if (smoothed < min) min = smoothed;
      if (smoothed > max) max = smoothed;
      if (smoothed - reference >= HYSTERESIS) {
        gain += smoothed - reference;
        reference = smoothed;
      } else if (reference - smoothed >= HYSTERESIS) {
        loss += reference - smoothed;
        reference = smoothed;
      } else if (reference !== reference) {
        reference = smoothed;
      }
    }
    Object.assign(this.state, { gain, loss, min, max, reference });
  }

  elevation(): NonNullable<Extensions['elevation']> {
    const { gain, loss, min, max } = this.state;
    const altitude = (mm: number): number | null => (Number.isFinite(mm) ? mm / ALTITUDE_PER_M : null);
    return {
      gain: gain / ALTITUDE_PER_M,
      loss: loss / ALTITUDE_PER_M,
      min: altitude(min),
      max: altitude(max),
    };
  }
}
