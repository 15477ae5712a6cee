import { inTimeOrder, lowerBound } from './time-order.ts';

const FIRST_CAPACITY = 64;
const GROWTH = 1.125;

/** Growing columns of one channel, t first. Samples may come in any order and repeated. */
export class SampleStore {
  #columns: Float64Array[];
  #length = 0;
  #ordered = true;

  constructor(fields: number) {
    this.#columns = Array.from({ length: fields }, () => new Float64Array(FIRST_CAPACITY));
  }

  get length(): number {
    return this.#length;
  }

  append(columns: readonly Float64Array[]): void {
    const added = columns[0]!.length;
    if (added === 0) return;
    this.#reserve(this.#length + added);
    columns.forEach((column, c) => this.#columns[c]!.set(column, this.#length));
    const t = this.#columns[0]!;
    for (let i = Math.max(1, this.#length); this.#ordered && i < this.#length + added; i++) {
      this.#ordered = t[i]! > t[i - 1]!;
    }
    this.#length += added;
  }

  /** The samples in time order, exact repeats once. Views: valid until the next `append`. */
  ordered(): readonly Float64Array[] {
    const views = this.#columns.map((column) => column.subarray(0, this.#length));
    if (this.#ordered) return views;
    const ordered = inTimeOrder(views);
    ordered.forEach((column, c) => this.#columns[c]!.set(column));
    this.#length = ordered[0]!.length;
    this.#ordered = true;
    return this.#columns.map((column) => column.subarray(0, this.#length));
  }

  /** Drops the samples before a time; the store has to be in order. */
  dropBefore(timeMs: number): void {
    const from = lowerBound(this.#columns[0]!, timeMs, 0, this.#length);
    if (from === 0) return;
    for (const column of this.#columns) column.copyWithin(0, from, this.#length);
    this.#length -= from;
  }

  clear(): void {
    this.#columns = this.#columns.map(() => new Float64Array(FIRST_CAPACITY));
    this.#length = 0;
    this.#ordered = true;
  }

  get heldBytes(): number {
    return this.#columns.reduce((sum, column) => sum + column.byteLength, 0);
  }

  #reserve(size: number): void {
    if (size <= this.#columns[0]!.length) return;
    const capacity = Math.max(size, Math.ceil(this.#columns[0]!.length * GROWTH));
    this.#columns = this.#columns.map((column) => {
      const larger = new Float64Array(capacity);
      larger.set(column.subarray(0, this.#length));
      return larger;
    });
  }
}
