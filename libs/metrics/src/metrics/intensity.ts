import type { Window } from '../compute-input.ts';
import type { Intensity as IntensityPlot } from '../document.ts';
import type { GnssBlock } from '../fold/blocks.ts';
import type { Metric } from '../fold/metric.ts';
import { SlotLog } from '../fold/slot-log.ts';
import { lowerBound } from '../input/time-order.ts';
import { TRAVELLED_PER_M } from '../whole.ts';

/**
 * Distance in m per slot of `span` s counted from the start of the window; an interval goes whole to the slot of its
 * first sample. Metrics definition, section 3, intensity.
 */
export class Intensity implements Metric<GnssBlock> {
  readonly log: SlotLog;
  readonly #window: Window;
  readonly state = { lastMs: Number.NaN };

  constructor(window: Window, spanS: number) {
    this.#window = window;
    this.log = new SlotLog(window.startMs, spanS * 1000);
  }

  fold({ t, travelled, from, to }: GnssBlock): void {
    if (from >= to) return;
    const { log, state } = this;
    const lastMs = t[to - 1]!;
    log.reach(lastMs);
    const last = log.slotOf(lastMs);
    let i = from;
    for (let k = Number.isNaN(state.lastMs) ? 0 : log.slotOf(state.lastMs); k < last; k++) {
      // The interval that ends at the first sample of a later slot began in this one or before it.
      i = lowerBound(t, log.startMs + (k + 1) * log.spanMs, i, to);
      log.totals[k] = travelled[i]!;
    }
    state.lastMs = lastMs;
  }

  logContents(): Float64Array[] {
    return [this.log.contents(this.state.lastMs)];
  }

  restoreLogs([contents]: readonly Float64Array[]): void {
    this.log.restore(contents!);
  }

  plot(travelled: number): IntensityPlot {
    const { log, state } = this;
    const perSlot = Number.isNaN(state.lastMs) ? [] : log.values(state.lastMs, travelled);
    return {
      distance: perSlot.map((sum) => sum / TRAVELLED_PER_M),
      start_time: this.#window.startMs,
      span: log.spanMs / 1000,
      end_time: this.#window.endMs,
    };
  }
}
