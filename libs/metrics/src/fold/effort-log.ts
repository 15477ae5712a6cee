const MAX_EFFORTS = 5000;

/** Efforts as rows of numbers, the first 5000 of them; how many are valid is told by the metric's state. */
export class EffortLog {
  readonly width: number;
  rows: Float64Array;

  constructor(width: number) {
    this.width = width;
    this.rows = new Float64Array(8 * width);
  }

  /** Room for row `count`, or false when the list is full. */
  hasRoom(count: number): boolean {
    if (count >= MAX_EFFORTS) return false;
    if ((count + 1) * this.width > this.rows.length) {
      const larger = new Float64Array(this.rows.length * 2);
      larger.set(this.rows);
      this.rows = larger;
    }
    return true;
  }

  /** @param make is given the log and where a row begins in it */
  map<T>(count: number, make: (rows: Float64Array, at: number) => T): T[] {
    return Array.from({ length: count }, (_, i) => make(this.rows, i * this.width));
  }

  contents(count: number): Float64Array {
    return this.rows.slice(0, count * this.width);
  }

  restore(contents: Float64Array): void {
    this.rows = new Float64Array(Math.max(contents.length, this.rows.length));
    this.rows.set(contents);
  }
}
