import type { TimeFrameAccumulator } from './accumulator.ts';
import { checkColumns } from './columns.ts';
import { compute } from './compute.ts';
import type { TimeFrameInput } from './compute-input.ts';
import type { MetricsDocument } from './document.ts';
import { SampleStores } from './input/sample-stores.ts';

/** Keeps every sample and computes the whole document anew when samples came since the last one. */
export function batchAccumulator(input: TimeFrameInput): TimeFrameAccumulator {
  const samples = new SampleStores(input.window);
  let document: MetricsDocument | null = null;
  return {
    add(columns) {
      checkColumns(columns);
      samples.append(columns);
      document = null;
      return {};
    },
    snapshot() {
      document ??= compute({ ...input, columns: samples.ordered() });
      return document;
    },
  };
}
