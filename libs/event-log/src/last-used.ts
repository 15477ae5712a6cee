export interface LastUsedOptions<K, V> {
  /** How much is kept at most: entries, or what `sizeOf` counts. */
  readonly max: number;
  readonly sizeOf?: (key: K, value: V) => number;
  /** What was not used for so long goes, within the same time again; when left out it stays while there is room. */
  readonly idleMs?: number;
}

/**
 * Keeps what was used last. It comes in two halves: what is used is moved to the new one, and when that is full, it takes
 * the place of the old one.
 */
export class LastUsed<K, V extends NonNullable<unknown>> {
  readonly #options: LastUsedOptions<K, V>;
  #fresh = new Map<K, V>();
  #old = new Map<K, V>();
  #size = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LastUsedOptions<K, V>) {
    this.#options = options;
  }

  get(key: K): V | undefined {
    const fresh = this.#fresh.get(key);
    if (fresh !== undefined) return fresh;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    const { max, sizeOf, idleMs } = this.#options;
    if (sizeOf !== undefined || !this.#fresh.has(key)) this.#size += sizeOf?.(key, value) ?? 1;
    this.#fresh.set(key, value);
    if (this.#size >= max / 2) this.#turn();
    if (idleMs !== undefined) this.#timer ??= setTimeout(() => this.#age(), idleMs).unref();
  }

  delete(key: K): void {
    this.#fresh.delete(key);
    this.#old.delete(key);
  }

  #turn(): void {
    this.#old = this.#fresh;
    this.#fresh = new Map();
    this.#size = 0;
  }

  #age(): void {
    this.#timer = undefined;
    this.#turn();
    if (this.#old.size > 0) this.#timer = setTimeout(() => this.#age(), this.#options.idleMs).unref();
  }
}
