import type { Columns } from './columns.ts';
import type { MetricsDocument } from './document.ts';

/** Takes the samples of one time frame in any order and gives its document at any time. */
export interface TimeFrameAccumulator {
  /**
   * Takes samples; repeats change nothing. When a sample is older than what is kept, the answer is the range
   * `[from, to)` in ms that has been forgotten: read it again and add it.
   */
  add(samples: Columns): { recompute?: [from: number, to: number] };
  /** The document of everything added so far, unrounded. */
  snapshot(): MetricsDocument;
}
