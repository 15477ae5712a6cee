import { compareSamples } from './samples.ts';

const EMPTY = -1;
const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);

/**
 * The different samples of one channel, in the order in which they were added. Two are the same when they are equal in
 * time and every field, where a missing value equals a missing one and -0 equals 0.
 */
export class SampleSet {
  size = 0;
  #columns: Float64Array[];
  #slots: Int32Array;

  /** @param width number of columns, that of `t` included. */
  constructor(width: number) {
    this.#columns = Array.from({ length: width }, () => new Float64Array(16));
    this.#slots = new Int32Array(32).fill(EMPTY);
  }

  /** Adds sample `index` of these columns; false when it is there already. */
  add(columns: readonly Float64Array[], index: number): boolean {
    if (this.size === this.#columns[0]!.length) this.#grow();
    for (let f = 0; f < this.#columns.length; f++) this.#columns[f]![this.size] = columns[f]![index]! + 0;
    const slot = this.#slotOf(this.size);
    if (this.#slots[slot] !== EMPTY) return false;
    this.#slots[slot] = this.size++;
    return true;
  }

  /** Takes out all that were added since there were `size` of them. */
  truncate(size: number): void {
    // The youngest first: nothing that stays was placed after it, so no chain of collisions is cut.
    while (this.size > size) {
      this.#slots[this.#slotOf(this.size - 1)] = EMPTY;
      this.size--;
    }
  }

  /** Copies of the columns from sample `from` on. */
  since(from: number): Float64Array[] {
    return this.#columns.map((column) => column.slice(from, this.size));
  }

  /** About how many bytes of memory it takes. */
  get bytes(): number {
    return this.#columns.length * this.#columns[0]!.byteLength + this.#slots.byteLength;
  }

  /** Where a sample equal to number `index` lies, or the empty slot where it belongs. */
  #slotOf(index: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(this.#columns, index) & mask;
    for (;;) {
      const other = this.#slots[slot]!;
      if (other === EMPTY || compareSamples(this.#columns, other, index) === 0) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    this.#columns = this.#columns.map((column) => {
      const larger = new Float64Array(column.length * 2);
      larger.set(column);
      return larger;
    });
    this.#slots = new Int32Array(this.#slots.length * 2).fill(EMPTY);
    for (let i = 0; i < this.size; i++) this.#slots[this.#slotOf(i)] = i;
  }
}

function hash(columns: readonly Float64Array[], index: number): number {
  let h = 0;
  for (const column of columns) {
    const value = column[index]!;
    float[0] = value === value ? value : NaN;
    h = Math.imul(h ^ words[0]!, 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 15) ^ words[1]!, 0x85ebca6b);
    h ^= h >>> 13;
  }
  return h >>> 0;
}
