/** Numbers and arrays of them, one after the other, as bytes, led by how many they are; doubles in the byte order of the platform. */
export class SavedWriter {
  readonly #parts: Float64Array[] = [];

  put(...numbers: number[]): void {
    this.#parts.push(Float64Array.from(numbers));
  }

  putArray(array: Float64Array): void {
    this.put(array.length);
    this.#parts.push(array);
  }

  bytes(): Uint8Array {
    const all = new Float64Array(this.#parts.reduce((sum, part) => sum + part.length, 1));
    all[0] = all.length;
    let at = 1;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return new Uint8Array(all.buffer);
  }
}

export class SavedReader {
  /** False when bytes are missing. */
  readonly isWhole: boolean;
  readonly #numbers: Float64Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#numbers = new Float64Array(bytes.slice().buffer, 0, bytes.length >>> 3);
    this.isWhole = this.get() * 8 === bytes.length;
  }

  get(): number {
    return this.#numbers[this.#at++] ?? Number.NaN;
  }

  getArray(): Float64Array {
    const length = this.get();
    return this.#numbers.slice(this.#at, (this.#at += length));
  }
}

/** A number that two different texts are most unlikely to share: FNV-1a, two lanes of 26 bits. */
export function fingerprint(text: string): number {
  let [a, b] = [0x811c9dc5, 0x01234567];
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(i), 0x01000193) ^ (a >>> 13);
  }
  return (a >>> 6) * 2 ** 26 + (b >>> 6);
}
