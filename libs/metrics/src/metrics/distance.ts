import { firstSegment, type GnssBlock } from '../fold/blocks.ts';
import type { Metric } from '../fold/metric.ts';
import { TRAVELLED_PER_M } from '../whole.ts';

/**
 * Total distance in m, the time it covers, and average speed in m/s: the trapezoidal sum of speed over the intervals
 * of each segment. Metrics definition, section 3.
 */
export class Distance implements Metric<GnssBlock> {
  readonly state = {
    samples: 0,
    segments: 0,
    travelled: 0,
    coveredMs: 0,
    firstMs: Number.NaN,
    lastMs: Number.NaN,
  };

  fold(block: GnssBlock): void {
    const { t, v, segments, from, to, travelled } = block;
    if (from >= to) return;
    const { state } = this;
    let sum = state.travelled;
    let coveredMs = state.coveredMs;
    if (from > 0) travelled[from - 1] = sum;
    for (let s = firstSegment(block); s + 1 < segments.length && segments[s]! < to; s++) {
      const begin = segments[s]!;
      const end = Math.min(segments[s + 1]!, to);
      let i = Math.max(begin, from);
      if (i === begin) {
        state.segments++;
        travelled[i++] = sum;
      }
      coveredMs += t[end - 1]! - t[i - 1]!;
      for (; i < end; i++) {
        sum += (v[i - 1]! + v[i]!) * (t[i]! - t[i - 1]!);
        travelled[i] = sum;
      }
    }
    if (state.samples === 0) state.firstMs = t[from]!;
    state.samples += to - from;
    state.lastMs = t[to - 1]!;
    state.travelled = sum;
    state.coveredMs = coveredMs;
  }

  totalDistance(): number {
    return this.state.travelled / TRAVELLED_PER_M;
  }

  averageSpeed(): number {
    const { travelled, coveredMs } = this.state;
    return coveredMs === 0 ? 0 : travelled / ((TRAVELLED_PER_M / 1000) * coveredMs);
  }

  gaps(): number {
    return Math.max(0, this.state.segments - 1);
  }
}
