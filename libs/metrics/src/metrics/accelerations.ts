import type { AccelerationEffort, EffortList } from '../document.ts';
import { firstSegment, type GnssBlock, type SegmentPart } from '../fold/blocks.ts';
import { EffortLog } from '../fold/effort-log.ts';
import type { Metric } from '../fold/metric.ts';
import { lowerBound } from '../input/time-order.ts';
import { leastWhole, SPEED_PER_MPS, TRAVELLED_PER_M } from '../whole.ts';

const SMOOTHING_MS = 250;
/** Fields of a logged effort: start and duration in ms, peak in m/s², distance and the two speeds in whole units. */
const WIDTH = 6;

export interface AccelerationThresholds {
  readonly accelerations: readonly number[];
  readonly decelerations: readonly number[];
  /** m/s² */
  readonly onset: number;
  /** s */
  readonly minDurationS: number;
}

/**
 * Acceleration and deceleration efforts: maximal runs of samples of one segment whose acceleration, the central
 * difference of the speed smoothed over ±250 ms, lies beyond the onset; each is listed once, under the highest
 * threshold that its peak reaches. Metrics definition, section 3, accelerations and decelerations.
 */
export class Accelerations implements Metric<GnssBlock> {
  readonly #onset: number;
  readonly #minDurationMs: number;
  readonly #thresholds: readonly [accelerations: readonly number[], decelerations: readonly number[]];
  readonly logs: readonly [accelerations: EffortLog[], decelerations: EffortLog[]];
  readonly state: {
    /** Listed efforts per threshold: accelerations, then decelerations. */
    counts: Float64Array;
    truncated: number;
    /** 1 in an acceleration, -1 in a deceleration, else 0. */
    mode: number;
    startMs: number;
    startTravelled: number;
    startSpeed: number;
    peak: number;
    lastMs: number;
    lastTravelled: number;
    lastSpeed: number;
  };

  constructor({ accelerations, decelerations, onset, minDurationS }: AccelerationThresholds) {
    this.#thresholds = [accelerations, decelerations];
    this.#onset = onset;
    this.#minDurationMs = leastWhole(minDurationS, 1000);
    this.logs = [
      accelerations.map(() => new EffortLog(WIDTH)),
      decelerations.map(() => new EffortLog(WIDTH)),
    ];
    this.state = {
      counts: new Float64Array(accelerations.length + decelerations.length),
      truncated: 0,
      mode: 0,
      startMs: 0,
      startTravelled: 0,
      startSpeed: 0,
      peak: 0,
      lastMs: 0,
      lastTravelled: 0,
      lastSpeed: 0,
    };
  }

  fold(block: GnssBlock): void {
    const { segments, from, to } = block;
    for (let s = firstSegment(block); s + 1 < segments.length && segments[s]! < to; s++) {
      const begin = segments[s]!;
      const end = segments[s + 1]!;
      if (begin >= from) this.close();
      this.#foldSegment(block, { begin, end, first: Math.max(begin, from), last: Math.min(end, to) });
    }
  }

  /** Runs one sample ahead: q is the next sample of i, p the one before it. */
  #foldSegment({ t, v, travelled }: GnssBlock, { begin, end, first, last }: SegmentPart): void {
    const { state } = this;
    const onset = this.#onset;
    let mode = state.mode;
    let peak = state.peak;
    const start = Math.max(begin, first - 1);
    let low = lowerBound(t, t[start]! - SMOOTHING_MS, begin, end);
    let high = low;
    let tLow = t[low]!;
    let tHigh = tLow;
    // Sum and number of the speeds within ±250 ms of each of the three.
    let sum = 0;
    let sumP = 0;
    let countP = 0;
    let tP = 0;
    let sumI = 0;
    let countI = 0;
    let tI = 0;
    for (let q = start; q <= last; q++) {
      // Past the end of the segment the difference is one-sided.
      let sumQ = sumI;
      let countQ = countI;
      let tQ = tI;
      if (q < end) {
        tQ = t[q]!;
        while (tHigh <= tQ + SMOOTHING_MS) {
          sum += v[high]!;
          tHigh = ++high < end ? t[high]! : Number.POSITIVE_INFINITY;
        }
        while (tLow < tQ - SMOOTHING_MS) {
          sum -= v[low]!;
          tLow = t[++low]!;
        }
        sumQ = sum;
        countQ = high - low;
        if (q === begin) {
          sumI = sumQ;
          countI = countQ;
          tI = tQ;
        }
      }
      const i = q - 1;
      if (i >= first) {
        const difference = sumQ * countP - sumP * countQ;
        const scale = 10 * countP * countQ * (tQ - tP);
        // The division decides, but most samples are so far below the onset that it need not be made.
        const isNear = Math.abs(difference) > onset * scale * 0.999;
        const a = isNear && scale > 0 ? difference / scale : 0;
        const now = a > onset ? 1 : a < -onset ? -1 : 0;
        if (now !== mode) {
          if (mode !== 0) {
            state.peak = peak;
            state.lastMs = t[i - 1]!;
            state.lastTravelled = travelled[i - 1]!;
            state.lastSpeed = v[i - 1]!;
            this.close();
          }
          mode = now;
          state.mode = now;
          peak = a;
          state.startMs = tI;
          state.startTravelled = travelled[i]!;
          state.startSpeed = v[i]!;
        } else if (Math.abs(a) > Math.abs(peak)) peak = a;
      }
      sumP = sumI;
      countP = countI;
      tP = tI;
      sumI = sumQ;
      countI = countQ;
      tI = tQ;
    }
    state.peak = peak;
    state.lastMs = t[last - 1]!;
    state.lastTravelled = travelled[last - 1]!;
    state.lastSpeed = v[last - 1]!;
  }

  close(): void {
    const { state } = this;
    if (state.mode === 0) return;
    const side = state.mode > 0 ? 0 : 1;
    state.mode = 0;
    const durationMs = state.lastMs - state.startMs;
    if (durationMs < this.#minDurationMs) return;
    const magnitude = Math.abs(state.peak);
    const k = this.#thresholds[side].findLastIndex((threshold) => magnitude >= threshold);
    if (k < 0) return;
    const log = this.logs[side][k]!;
    const list = side * this.#thresholds[0].length + k;
    const count = state.counts[list]!;
    if (!log.hasRoom(count)) {
      state.truncated++;
      return;
    }
    state.counts[list] = count + 1;
    const distance = state.lastTravelled - state.startTravelled;
    log.rows.set(
      [state.startMs, durationMs, state.peak, distance, state.startSpeed, state.lastSpeed],
      count * WIDTH,
    );
  }

  logContents(): Float64Array[] {
    return this.logs.flat().map((log, list) => log.contents(this.state.counts[list]!));
  }

  restoreLogs(contents: readonly Float64Array[]): void {
    this.logs.flat().forEach((log, list) => log.restore(contents[list]!));
  }

  accelerations(): EffortList<AccelerationEffort>[] {
    return this.#lists(0);
  }

  decelerations(): EffortList<AccelerationEffort>[] {
    return this.#lists(1);
  }

  #lists(side: 0 | 1): EffortList<AccelerationEffort>[] {
    const offset = side * this.#thresholds[0].length;
    return this.#thresholds[side].map((threshold, k) => ({
      threshold,
      values: this.logs[side][k]!.map(this.state.counts[offset + k]!, (rows, at) => ({
        start_time: rows[at]!,
        max_value: rows[at + 2]!,
        duration: rows[at + 1]! / 1000,
        distance: rows[at + 3]! / TRAVELLED_PER_M,
        initial_speed: rows[at + 4]! / SPEED_PER_MPS,
        end_speed: rows[at + 5]! / SPEED_PER_MPS,
      })),
    }));
  }
}
