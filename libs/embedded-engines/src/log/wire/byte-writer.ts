const TWO_32 = 2 ** 32;

/** Bytes of a protobuf varint. For whole numbers from 0 to 2^53 - 1. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length += 1;
  return length;
}

/** Writes protobuf fields into a buffer that grows, without a copy for each message. */
export class ByteWriter {
  #buffer: Buffer;
  #at = 0;

  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#at;
  }

  /** Makes room for that many bytes more. To be called before the writes below, which do not check. */
  reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#at + bytes, 2 * this.#buffer.length));
    this.#buffer.copy(grown, 0, 0, this.#at);
    this.#buffer = grown;
  }

  byte(value: number): void {
    this.#buffer[this.#at] = value;
    this.#at += 1;
  }

  uint32BigEndian(value: number): void {
    this.#at = this.#buffer.writeUInt32BE(value, this.#at);
  }

  varint(value: number): void {
    let rest = value;
    while (rest >= TWO_32) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    while (rest >= 128) {
      this.byte((rest & 127) | 128);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  bytes(value: Uint8Array): void {
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  latin1(text: string): void {
    this.#at += this.#buffer.write(text, this.#at, 'latin1');
  }

  utf8(text: string): void {
    this.#at += this.#buffer.write(text, this.#at, 'utf8');
  }

  /** The bytes so far, for the caller to keep. The writer begins anew. */
  take(): Buffer {
    const written = this.#buffer.subarray(0, this.#at);
    this.#at = 0;
    if (written.length * 4 < this.#buffer.length) return Buffer.from(written);
    this.#buffer = Buffer.allocUnsafe(this.#buffer.length);
    return written;
  }
}
