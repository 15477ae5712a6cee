/** Between one who brings items and one who takes all that are there; the bringer waits when it is full. */
export class ItemBuffer<T> {
  readonly #capacity: number;
  #items: T[] = [];
  #closed = false;
  #error: unknown;
  #wakeTaker: (() => void) | undefined;
  #wakeBringer: (() => void) | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Brings everything of the source until it ends, fails or the buffer is closed. Never rejects. */
  async fill(source: AsyncIterable<T>): Promise<void> {
    try {
      for await (const item of source) {
        this.#items.push(item);
        this.#wakeTaker?.();
        if (this.#closed) return;
        if (this.#items.length >= this.#capacity) {
          await new Promise<void>((resolve) => (this.#wakeBringer = resolve));
        }
      }
    } catch (error) {
      this.#error = error;
    } finally {
      this.close();
    }
  }

  /**
   * At least one item and at most `max`; none when the source has ended.
   *
   * @throws what the source threw, after its last item
   */
  async take(max: number): Promise<T[]> {
    while (this.#items.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => (this.#wakeTaker = resolve));
    }
    if (this.#items.length === 0 && this.#error !== undefined) throw this.#error;
    const taken = this.#items.length <= max ? this.#items : this.#items.slice(0, max);
    this.#items = this.#items.length <= max ? [] : this.#items.slice(max);
    this.#wakeBringer?.();
    return taken;
  }

  close(): void {
    this.#closed = true;
    this.#wakeTaker?.();
    this.#wakeBringer?.();
  }
}
