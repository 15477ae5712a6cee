import { LastUsed } from './last-used.ts';

/** Larger bytes are not looked for: they would have to be compared. */
const MAX_LOOKED_FOR_BYTES = 4 * 1024;
/** Bytes may be personal: what is not asked for any more is forgotten within twice that time. */
const IDLE_MS = 60_000;

export interface KnownByBytesOptions<V> {
  /** Of all that is kept, keys included. */
  readonly maxBytes: number;
  /** Of a value and its entry, in bytes, without the key. */
  readonly sizeOf: (value: V) => number;
}

/**
 * Remembers what was made of the same bytes before, in bounded memory.
 *
 * @param make must follow from the bytes alone
 */
export function knownByBytes<B extends Uint8Array, V extends NonNullable<unknown>>(
  make: (bytes: B) => V,
  { maxBytes, sizeOf }: KnownByBytesOptions<V>,
): (bytes: B) => V {
  const known = new LastUsed<string, V>({
    max: maxBytes,
    sizeOf: (key, value) => key.length + sizeOf(value),
    idleMs: IDLE_MS,
  });
  return (bytes) => {
    if (bytes.length > MAX_LOOKED_FOR_BYTES) return make(bytes);
    const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = make(bytes)));
    return value;
  };
}
