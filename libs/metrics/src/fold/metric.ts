/** State of a metric: numbers and arrays of fixed length, in a fixed order. */
export type State = Record<string, number | Float64Array>;

/**
 * A metric as a fold over time: blocks of samples go in, in time order, and what they leave is in `state` and in
 * append-only logs whose valid length follows from the state. So a metric can be remembered, gone back to and saved by
 * its state alone. `close` ends what is open at the last sample; whoever wants to go on folding after it goes back to
 * the state before.
 */
export interface Metric<Block> {
  readonly state: State;
  fold(block: Block): void;
  close?(): void;
  /** What is valid of the logs, for saving. */
  logContents?(): Float64Array[];
  /** Puts back what `logContents` gave, after the state has been put back. */
  restoreLogs?(contents: readonly Float64Array[]): void;
}
