import type { Extensions } from '../document.ts';
import type { ScalarBlock } from '../fold/blocks.ts';
import type { Metric } from '../fold/metric.ts';
import { POWER_PER_WATT } from '../whole.ts';

const ROLLING_MS = 30_000;

/**
 * Mean, greatest and normalized power in W. Normalized power is the 4th root of the mean of the 4th powers of the 30 s
 * rolling mean (A. Coggan); null for less than 30 s. The sum of 4th powers is of doubles, in time order.
 * Metrics definition, section 5, power.
 */
export class Power implements Metric<ScalarBlock> {
  readonly state = { samples: 0, sum: 0, max: 0, fourthPowers: 0, firstMs: Number.NaN, lastMs: Number.NaN };

  fold({ t, value, from, to }: ScalarBlock): void {
    if (from >= to) return;
    const { state } = this;
    let { sum, max, fourthPowers } = state;
    let low = from;
    while (low > 0 && t[low - 1]! > t[from]! - ROLLING_MS) low--;
    let rolling = 0;
    for (let j = low; j < from; j++) rolling += value[j]!;
    for (let i = from; i < to; i++) {
      const power = value[i]!;
      sum += power;
      rolling += power;
      if (power > max) max = power;
      while (t[low]! <= t[i]! - ROLLING_MS) rolling -= value[low++]!;
      const mean = rolling / (POWER_PER_WATT * (i + 1 - low));
      fourthPowers += mean * mean * (mean * mean);
    }
    if (state.samples === 0) state.firstMs = t[from]!;
    Object.assign(state, { samples: state.samples + to - from, sum, max, fourthPowers, lastMs: t[to - 1]! });
  }

  /** undefined without a sample. */
  power(): Extensions['power'] {
    const { samples, sum, max, fourthPowers, firstMs, lastMs } = this.state;
    if (samples === 0) return undefined;
    return {
      average: sum / (POWER_PER_WATT * samples),
      max: max / POWER_PER_WATT,
      normalized: lastMs - firstMs < ROLLING_MS ? null : Math.sqrt(Math.sqrt(fourthPowers / samples)),
    };
  }
}
