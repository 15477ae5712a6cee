const MAX_SLOTS = 20_000;

/**
 * Cumulative sums at the ends of equal slots counted from the start of the window. What is logged are running totals,
 * so the value of a slot is a difference, and a span doubles by leaving out every other total. The span doubles until
 * the slots up to the last sample are at most 20 000.
 */
export class SlotLog {
  readonly startMs: number;
  spanMs: number;
  totals = new Float64Array(64);

  constructor(startMs: number, spanMs: number) {
    this.startMs = startMs;
    this.spanMs = spanMs;
  }

  slotOf(timeMs: number): number {
    return Math.floor((timeMs - this.startMs) / this.spanMs);
  }

  /** Makes room for a sample at `timeMs`; to be called before totals up to it are put. */
  reach(timeMs: number): void {
    while (this.slotOf(timeMs) + 1 > MAX_SLOTS) this.#doubleSpan();
    const size = this.slotOf(timeMs);
    if (size <= this.totals.length) return;
    const larger = new Float64Array(Math.max(size, this.totals.length * 2));
    larger.set(this.totals);
    this.totals = larger;
  }

  /** Values of the slots up to that of `lastMs`, given the total at its end. */
  values(lastMs: number, total: number): number[] {
    const last = this.slotOf(lastMs);
    const values: number[] = [];
    let before = 0;
    for (let k = 0; k <= last; k++) {
      const now = k < last ? this.totals[k]! : total;
      values.push(now - before);
      before = now;
    }
    return values;
  }

  /** The span, then the totals of the slots before that of `lastMs`. */
  contents(lastMs: number): Float64Array {
    const size = Number.isNaN(lastMs) ? 0 : this.slotOf(lastMs);
    const contents = new Float64Array(size + 1);
    contents[0] = this.spanMs;
    contents.set(this.totals.subarray(0, size), 1);
    return contents;
  }

  restore(contents: Float64Array): void {
    this.spanMs = contents[0]!;
    this.totals = new Float64Array(Math.max(contents.length, this.totals.length));
    this.totals.set(contents.subarray(1));
  }

  #doubleSpan(): void {
    this.spanMs *= 2;
    for (let k = 0; 2 * k + 1 < this.totals.length; k++) this.totals[k] = this.totals[2 * k + 1]!;
  }
}
