import { type AccelerationEffort, type EffortList } from '../document.ts';
import { firstSegment, type GnssBlock } from '../fold/blocks.ts';
import { EffortLog } from '../fold/effort-log.ts';
import { type Metric } from '../fold/metric.ts';
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

/** Moving sums of the speeds within ±250 ms and their number, for `[first, last)` of one segment. */
function movingSums(
  { t, v }: GnssBlock,
  [begin, end]: readonly [number, number],
  [first, last]: readonly [number, number],
  sums: Float64Array,
  counts: Float64Array,
): void {
  let low = first;
  while (low > begin && t[low - 1]! >= t[first]! - SMOOTHING_MS) low--;
  let high = low;
  let sum = 0;
  for (let i = first; i < last; i++) {
    const now = t[i]!;
    while (high < end && t[high]! <= now + SMOOTHING_MS) sum += v[high++]!;
    while (t[low]! < now - SMOOTHING_MS) sum -= v[low++]!;
    sums[i] = sum;
    counts[i] = high - low;
  }
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
    const { t, segments, from, to } = block;
    if (from >= to) return;
    const sums = new Float64Array(t.length);
    const counts = new Float64Array(t.length);
    for (let s = firstSegment(block); s + 1 < segments.length && segments[s]! < to; s++) {
      const [begin, end] = [segments[s]!, segments[s + 1]!];
      const [first, last] = [Math.max(begin, from), Math.min(end, to)];
      if (first === begin) this.close();
      movingSums(block, [begin, end], [Math.max(begin, first - 1), Math.min(end, last + 1)], sums, counts);
      this.#foldSegment(block, [begin, end], [first, last], sums, counts);
    }
  }

  #foldSegment(
    { t, v, travelled }: GnssBlock,
    [begin, end]: readonly [number, number],
    [first, last]: readonly [number, number],
    sums: Float64Array,
    counts: Float64Array,
  ): void {
    const { state } = this;
    const onset = this.#onset;
    let mode = state.mode;
    let peak = state.peak;
    for (let i = first; i < last; i++) {
      const p = i > begin ? i - 1 : i;
      const q = i < end - 1 ? i + 1 : i;
      // A segment of one sample has no acceleration.
      const a =
        p === q
          ? 0
          : (sums[q]! * counts[p]! - sums[p]! * counts[q]!) /
            (10 * counts[p]! * counts[q]! * (t[q]! - t[p]!));
      const now = a > onset ? 1 : a < -onset ? -1 : 0;
      if (now === mode) {
        if (mode !== 0 && Math.abs(a) > Math.abs(peak)) peak = a;
        continue;
      }
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
      state.startMs = t[i]!;
      state.startTravelled = travelled[i]!;
      state.startSpeed = v[i]!;
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
      values: this.logs[side][k]!.map(
        this.state.counts[offset + k]!,
        ([startMs, durationMs, peak, travelled, startSpeed, endSpeed]) => ({
          start_time: startMs!,
          max_value: peak!,
          duration: durationMs! / 1000,
          distance: travelled! / TRAVELLED_PER_M,
          initial_speed: startSpeed! / SPEED_PER_MPS,
          end_speed: endSpeed! / SPEED_PER_MPS,
        }),
      ),
    }));
  }
}
