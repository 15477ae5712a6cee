import { checkColumns, emptyColumns } from './columns.ts';
import type { ComputeInput, TimeFrameInput } from './compute-input.ts';
import type { MetricsDocument } from './document.ts';
import { foldSamples } from './fold/fold-samples.ts';
import { TimeFrameMetrics } from './fold/time-frame-metrics.ts';
import { cut, ordered } from './input/window.ts';
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
  const samples = cut(ordered(columns), window);
  foldSamples(metrics, samples, settings, window.startMs, window.endMs);
  return metrics.close();
}

/** The document of a recording without samples. */
export function emptyDocument(input: TimeFrameInput): MetricsDocument {
  return compute({ ...input, columns: emptyColumns() });
}
