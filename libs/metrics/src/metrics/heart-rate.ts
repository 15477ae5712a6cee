import type { Window } from '../compute-input.ts';
import type { HeartRatePlot } from '../document.ts';
import type { ScalarBlock } from '../fold/blocks.ts';
import type { Metric } from '../fold/metric.ts';
import { SlotLog } from '../fold/slot-log.ts';
import { HR_PER_BPM } from '../whole.ts';

const PLOT_SPAN_MS = 10_000;

/**
 * Greatest, least and mean heart rate in bpm, and its mean per slot of 10 s counted from the start of the window.
 * Metrics definition, section 4.
 */
export class HeartRate implements Metric<ScalarBlock> {
  readonly #window: Window;
  readonly sums: SlotLog;
  readonly counts: SlotLog;
  readonly state = {
    samples: 0,
    sum: 0,
    min: Number.POSITIVE_INFINITY,
    max: 0,
    lastMs: Number.NaN,
  };

  constructor(window: Window) {
    this.#window = window;
    this.sums = new SlotLog(window.startMs, PLOT_SPAN_MS);
    this.counts = new SlotLog(window.startMs, PLOT_SPAN_MS);
  }

  fold({ t, value, from, to }: ScalarBlock): void {
    if (from >= to) return;
    const { state, sums, counts } = this;
    let { samples, sum, min, max } = state;
    sums.reach(t[to - 1]!);
    counts.reach(t[to - 1]!);
    let slot = Number.isNaN(state.lastMs) ? 0 : sums.slotOf(state.lastMs);
    let slotEnd = sums.startMs + (slot + 1) * sums.spanMs;
    for (let i = from; i < to; i++) {
      for (; t[i]! >= slotEnd; slotEnd += sums.spanMs) {
        sums.totals[slot] = sum;
        counts.totals[slot++] = samples;
      }
      const hr = value[i]!;
      samples++;
      sum += hr;
      if (hr < min) min = hr;
      if (hr > max) max = hr;
    }
    Object.assign(state, { samples, sum, min, max, lastMs: t[to - 1]! });
  }

  logContents(): Float64Array[] {
    return [this.sums, this.counts].map((log) => log.contents(this.state.lastMs));
  }

  restoreLogs([sums, counts]: readonly Float64Array[]): void {
    this.sums.restore(sums!);
    this.counts.restore(counts!);
  }

  summary(): { hr_max: number; hr_min: number; hr_avg: number; hr_plot: HeartRatePlot | 0 } {
    const { samples, sum, min, max, lastMs } = this.state;
    if (samples === 0) return { hr_max: 0, hr_min: 0, hr_avg: 0, hr_plot: 0 };
    const counts = this.counts.values(lastMs, samples);
    const hr = this.sums
      .values(lastMs, sum)
      .map((slotSum, k) => (counts[k] === 0 ? null : slotSum / (HR_PER_BPM * counts[k]!)));
    return {
      hr_max: max / HR_PER_BPM,
      hr_min: min / HR_PER_BPM,
      hr_avg: sum / (HR_PER_BPM * samples),
      hr_plot: {
        hr,
        start_time: this.#window.startMs,
        span: this.sums.spanMs / 1000,
        end_time: this.#window.endMs,
      },
    };
  }
}
