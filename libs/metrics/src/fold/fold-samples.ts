import type { Columns } from '../columns.ts';
import { type LeftOut, plausibleGnss } from '../input/gnss.ts';
import { plausibleEcg, plausiblePwr, type ScalarSeries } from '../input/scalar.ts';
import { lowerBound } from '../input/time-order.ts';
import type { Settings } from '../settings.ts';
import type { ScalarBlock } from './blocks.ts';
import { gnssBlock } from './gnss-block.ts';
import type { TimeFrameMetrics } from './time-frame-metrics.ts';

/**
 * Samples that are folded at a time. Not for the result: a loop over a whole recording, entered once, would be compiled
 * while it runs, and left by way of the interpreter each time.
 */
const STRIP = 4096;

function scalarBlock({ t, value }: ScalarSeries, fromMs: number, toMs: number): ScalarBlock {
  const from = lowerBound(t, fromMs);
  return { t, value, from, to: lowerBound(t, toMs, from) };
}

/**
 * Folds the samples with `fromMs <= t < toMs`; what lies before and after is there for windows that reach out.
 * @param columns in time order, exact repeats once
 */
export function foldSamples(
  metrics: TimeFrameMetrics,
  columns: Columns,
  settings: Settings,
  fromMs: number,
  toMs: number,
): void {
  const { maxPlausibleSpeedMps } = settings.profile;
  const between = (t: Float64Array): [number, number] => [lowerBound(t, fromMs), lowerBound(t, toMs)];
  const leaveOut = ({ implausible, duplicates }: LeftOut): void => {
    metrics.leftOut.implausible += implausible;
    metrics.leftOut.duplicates += duplicates;
  };

  const gnss = plausibleGnss(columns.gnss, maxPlausibleSpeedMps, between(columns.gnss.t));
  leaveOut(gnss);
  const { block, glitches } = gnssBlock(gnss.series, ...between(gnss.series.t), settings);
  metrics.leftOut.implausible += glitches;
  for (let from = block.from; from < block.to; from += STRIP) {
    metrics.foldGnss({ ...block, from, to: Math.min(from + STRIP, block.to) });
  }

  const ecg = plausibleEcg(columns.ecg, between(columns.ecg.t));
  leaveOut(ecg);
  metrics.foldEcg(scalarBlock(ecg.series, fromMs, toMs));

  const pwr = plausiblePwr(columns.pwr, between(columns.pwr.t));
  leaveOut(pwr);
  metrics.foldPwr(scalarBlock(pwr.series, fromMs, toMs));
}
