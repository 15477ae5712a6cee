import type { HeartRateZone } from '../document.ts';
import type { ScalarBlock } from '../fold/blocks.ts';
import type { Metric } from '../fold/metric.ts';
import { leastWhole } from '../whole.ts';

/**
 * Share of time in % per zone of heart rate, zones in % of the athlete's maximum: a sample's time is the gap to the
 * next one when that is at most `max_gap`. What lies below the first edge goes to the first zone, what lies at or above
 * the last edge to the last. Metrics definition, section 4.
 */
export class HeartRateZones implements Metric<ScalarBlock> {
  readonly #edges: readonly number[];
  readonly #athleteMaxHr: number | null;
  readonly #maxGapMs: number;
  /** Least heart rate in 0.01 bpm of the second zone and of each after it. */
  readonly #lower: readonly number[];
  readonly state: { timeMs: Float64Array; lastMs: number; lastZone: number };

  constructor(edges: readonly number[], athleteMaxHr: number | null, maxGapMs: number) {
    this.#edges = edges;
    this.#athleteMaxHr = athleteMaxHr;
    this.#maxGapMs = maxGapMs;
    // 100 · hr / max with hr in bpm is the whole hr in 0.01 bpm by max.
    this.#lower =
      athleteMaxHr === null ? [] : edges.slice(1, -1).map((edge) => leastWhole(edge, athleteMaxHr));
    this.state = { timeMs: new Float64Array(edges.length - 1), lastMs: Number.NaN, lastZone: 0 };
  }

  fold({ t, value, from, to }: ScalarBlock): void {
    if (this.#athleteMaxHr === null) return;
    let { lastMs, lastZone } = this.state;
    const { timeMs } = this.state;
    for (let i = from; i < to; i++) {
      const gap = t[i]! - lastMs;
      if (gap <= this.#maxGapMs) timeMs[lastZone]! += gap;
      lastMs = t[i]!;
      lastZone = this.#zoneOf(value[i]!);
    }
    this.state.lastMs = lastMs;
    this.state.lastZone = lastZone;
  }

  #zoneOf(hr: number): number {
    let zone = 0;
    while (zone < this.#lower.length && hr >= this.#lower[zone]!) zone++;
    return zone;
  }

  zones(): HeartRateZone[] {
    const max = this.#athleteMaxHr;
    if (max === null) return [];
    const { timeMs } = this.state;
    const total = timeMs.reduce((sum, ms) => sum + ms, 0);
    return Array.from(timeMs, (ms, zone) => {
      const [low, high] = [this.#edges[zone]!, this.#edges[zone + 1]!];
      return {
        range_percent_hrmax: [low, high],
        range_bpm: [(low * max) / 100, (high * max) / 100],
        percentage_hrmax: total === 0 ? 0 : (100 * ms) / total,
      };
    });
  }
}
