import { type State } from './state.ts';

/**
 * A metric as a fold over time: blocks of samples go in, in time order, and what they leave is in `state` and in
 * append-only logs whose valid length follows from the state. `close` ends what is open at the last sample; whoever
 * wants to go on folding after it goes back to a copy of the state taken before.
 */
export interface Metric<Block> {
  readonly state: State;
  fold(block: Block): void;
  close?(): void;
}
