import type { GnssBlock } from '../fold/blocks.ts';
import type { Metric } from '../fold/metric.ts';
import { SPEED_PER_MPS } from '../whole.ts';

/** The greatest speed of a sample in m/s, 0 without a sample. Metrics definition, section 3. */
export class MaxSpeed implements Metric<GnssBlock> {
  readonly state = { max: 0 };

  fold({ v, from, to }: GnssBlock): void {
    let max = this.state.max;
    for (let i = from; i < to; i++) if (v[i]! > max) max = v[i]!;
    this.state.max = max;
  }

  maxSpeed(): number {
    return this.state.max / SPEED_PER_MPS;
  }
}
