const chunkBits = 16;

/** Row numbers, a bit each: for many of them far quicker than a `Set`. */
export class RidSet {
  readonly #chunks = new Map<number, Uint32Array>();
  #last = -1;
  #chunk: Uint32Array = new Uint32Array(0);

  /** Says whether it was not there. */
  add(rid: number): boolean {
    const number = Math.floor(rid / 2 ** chunkBits);
    if (number !== this.#last) this.#take(number);
    const place = rid % 2 ** chunkBits;
    const bit = 1 << (place & 31);
    if ((this.#chunk[place >>> 5]! & bit) !== 0) return false;
    this.#chunk[place >>> 5]! |= bit;
    return true;
  }

  #take(number: number): void {
    let chunk = this.#chunks.get(number);
    if (chunk === undefined) this.#chunks.set(number, (chunk = new Uint32Array(2 ** chunkBits / 32)));
    this.#last = number;
    this.#chunk = chunk;
  }
}
