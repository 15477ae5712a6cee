import { checkColumns, emptyColumns } from './columns.ts';
import { type ComputeInput, type TimeFrameInput } from './compute-input.ts';
import { type MetricsDocument } from './document.ts';
import { gnssBlock } from './fold/gnss-block.ts';
import { TimeFrameMetrics } from './fold/time-frame-metrics.ts';
import { type LeftOut, plausibleGnss } from './input/gnss.ts';
import { plausibleEcg, plausiblePwr, type ScalarSeries } from './input/scalar.ts';
import { ecgInWindow, gnssInWindow, pwrInWindow } from './input/window.ts';
import { resolveSettings } from './settings.ts';

/**
 * The document of a whole recording, unrounded, with `last_computation: null` and no `extensions.status`. The order
 * and repetition of samples do not matter; parameters are taken to be valid.
 * @throws ColumnsError when the columns of a channel differ in length
 */
export function compute(input: ComputeInput): MetricsDocument {
  const { columns, window } = input;
  checkColumns(columns);
  const settings = resolveSettings(input);
  const metrics = new TimeFrameMetrics(settings);
  const leaveOut = ({ implausible, duplicates }: LeftOut): void => {
    metrics.leftOut.implausible += implausible;
    metrics.leftOut.duplicates += duplicates;
  };
  const all = ({ t, value }: ScalarSeries) => ({ t, value, from: 0, to: t.length });

  const gnss = plausibleGnss(gnssInWindow(columns.gnss, window), settings.profile.maxPlausibleSpeedMps);
  leaveOut(gnss);
  const { block, glitches } = gnssBlock(gnss.series, 0, gnss.series.t.length, settings);
  metrics.leftOut.implausible += glitches;
  metrics.foldGnss(block);

  const ecg = plausibleEcg(ecgInWindow(columns.ecg, window));
  leaveOut(ecg);
  metrics.foldEcg(all(ecg.series));

  const pwr = plausiblePwr(pwrInWindow(columns.pwr, window));
  leaveOut(pwr);
  metrics.foldPwr(all(pwr.series));
  return metrics.close();
}

/** The document of a recording without samples. */
export function emptyDocument(input: TimeFrameInput): MetricsDocument {
  return compute({ ...input, columns: emptyColumns() });
}
