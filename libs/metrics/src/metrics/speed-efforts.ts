import type { EffortList, EffortLists, SpeedEffort } from '../document.ts';
import { firstSegment, type GnssBlock } from '../fold/blocks.ts';
import { EffortLog } from '../fold/effort-log.ts';
import type { Metric } from '../fold/metric.ts';
import { leastWhole, SPEED_PER_MPS, TRAVELLED_PER_M } from '../whole.ts';

/** Fields of a logged effort: start in ms, duration in ms, greatest speed and distance in whole units. */
const WIDTH = 4;

/**
 * Efforts above one speed (high-intensity distance, sprints): maximal runs of samples of one segment with
 * `v >= threshold` that last at least `min_duration`. Metrics definition, section 3.
 */
export class SpeedEfforts implements Metric<GnssBlock> {
  readonly #thresholdMps: number;
  readonly #threshold: number;
  readonly #minDurationMs: number;
  readonly log = new EffortLog(WIDTH);
  readonly state = {
    count: 0,
    truncated: 0,
    /** 1 while an effort is open at the last sample. */
    open: 0,
    startMs: 0,
    startTravelled: 0,
    max: 0,
    lastMs: 0,
    lastTravelled: 0,
  };

  constructor(thresholdMps: number, minDurationS: number) {
    this.#thresholdMps = thresholdMps;
    this.#threshold = leastWhole(thresholdMps, SPEED_PER_MPS);
    this.#minDurationMs = leastWhole(minDurationS, 1000);
  }

  fold(block: GnssBlock): void {
    const { t, v, segments, from, to, travelled } = block;
    const { state } = this;
    const threshold = this.#threshold;
    for (let s = firstSegment(block); s + 1 < segments.length && segments[s]! < to; s++) {
      const end = Math.min(segments[s + 1]!, to);
      let i = Math.max(segments[s]!, from);
      if (i === segments[s]) this.close();
      while (i < end) {
        if (state.open === 0) {
          while (i < end && v[i]! < threshold) i++;
          if (i === end) break;
          state.open = 1;
          state.startMs = t[i]!;
          state.startTravelled = travelled[i]!;
          state.max = v[i]!;
        }
        let max = state.max;
        for (; i < end && v[i]! >= threshold; i++) if (v[i]! > max) max = v[i]!;
        state.max = max;
        if (i === end) break;
        state.lastMs = t[i - 1]!;
        state.lastTravelled = travelled[i - 1]!;
        this.close();
      }
      state.lastMs = t[end - 1]!;
      state.lastTravelled = travelled[end - 1]!;
    }
  }

  close(): void {
    const { state, log } = this;
    if (state.open === 0) return;
    state.open = 0;
    const durationMs = state.lastMs - state.startMs;
    if (durationMs < this.#minDurationMs) return;
    if (!log.hasRoom(state.count)) {
      state.truncated++;
      return;
    }
    const row = state.count++ * WIDTH;
    log.rows[row] = state.startMs;
    log.rows[row + 1] = durationMs;
    log.rows[row + 2] = state.max;
    log.rows[row + 3] = state.lastTravelled - state.startTravelled;
  }

  logContents(): Float64Array[] {
    return [this.log.contents(this.state.count)];
  }

  restoreLogs([rows]: readonly Float64Array[]): void {
    this.log.restore(rows!);
  }

  list(): EffortList<SpeedEffort> {
    const values = this.log.map(this.state.count, (rows, at) => ({
      start_time: rows[at]!,
      duration: rows[at + 1]! / 1000,
      max_value: rows[at + 2]! / SPEED_PER_MPS,
      distance: rows[at + 3]! / TRAVELLED_PER_M,
    }));
    return { threshold: this.#thresholdMps, values };
  }
}

/** Lists under `threshold_1`, `threshold_2`, … in the order given. */
export function effortLists<Effort>(lists: readonly EffortList<Effort>[]): EffortLists<Effort> {
  return Object.fromEntries(lists.map((list, k) => [`threshold_${k + 1}` as const, list]));
}
