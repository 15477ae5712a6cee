import type { DistanceInSpeedRange, TimeInSpeedRange } from '../document.ts';
import { firstSegment, type GnssBlock } from '../fold/blocks.ts';
import type { Metric } from '../fold/metric.ts';
import { leastWhole, SPEED_PER_MPS, TRAVELLED_PER_M } from '../whole.ts';

/**
 * Time in s and distance in m per range of speed: each interval goes whole to the range of its mean speed; ratios are
 * shares of the covered time and of the total distance. Metrics definition, section 3, speed ranges.
 */
export class SpeedRanges implements Metric<GnssBlock> {
  readonly #edges: readonly number[];
  /** Least sum of two speeds whose mean reaches the edge; then infinity. */
  readonly #sums: Float64Array;
  readonly state: { timeMs: Float64Array; travelled: Float64Array };

  constructor(edges: readonly number[]) {
    this.#edges = edges;
    this.#sums = Float64Array.of(
      ...edges.map((edge) => leastWhole(edge, 2 * SPEED_PER_MPS)),
      Number.POSITIVE_INFINITY,
    );
    this.state = { timeMs: new Float64Array(edges.length), travelled: new Float64Array(edges.length) };
  }

  fold(block: GnssBlock): void {
    const { t, v, segments, from, to, travelled } = block;
    const { timeMs, travelled: travelledIn } = this.state;
    const sums = this.#sums;
    for (let s = firstSegment(block); s + 1 < segments.length && segments[s]! < to; s++) {
      const begin = segments[s]!;
      const end = Math.min(segments[s + 1]!, to);
      let i = Math.max(begin + 1, from);
      // Intervals that follow one another in one range are added as one.
      while (i < end) {
        const entered = i - 1;
        const k = this.#rangeOf(v[i - 1]! + v[i]!);
        const low = sums[k]!;
        const high = sums[k + 1]!;
        for (i++; i < end; i++) {
          const sum = v[i - 1]! + v[i]!;
          if (sum < low || sum >= high) break;
        }
        timeMs[k]! += t[i - 1]! - t[entered]!;
        travelledIn[k]! += travelled[i - 1]! - travelled[entered]!;
      }
    }
  }

  #rangeOf(sum: number): number {
    let k = 0;
    while (sum >= this.#sums[k + 1]!) k++;
    return k;
  }

  time(coveredMs: number): TimeInSpeedRange[] {
    return this.#edges.map((low, k) => {
      const ms = this.state.timeMs[k]!;
      return { ...this.#range(low, k), duration: ms / 1000, ratio: coveredMs === 0 ? 0 : ms / coveredMs };
    });
  }

  distance(total: number): DistanceInSpeedRange[] {
    return this.#edges.map((low, k) => {
      const part = this.state.travelled[k]!;
      return {
        ...this.#range(low, k),
        distance: part / TRAVELLED_PER_M,
        ratio: total === 0 ? 0 : part / total,
      };
    });
  }

  #range(low: number, k: number): { threshold_low: number; threshold_high: number | null } {
    return { threshold_low: low, threshold_high: this.#edges[k + 1] ?? null };
  }
}
