import { BackOff, pause } from './back-off.ts';

export type KeyLookup =
  | { state: 'present'; key: Uint8Array }
  /** For ever: what it sealed holds nothing. */
  | { state: 'destroyed' }
  /** Not known yet, to be asked again. */
  | { state: 'unknown' };

export interface KeySource {
  /** An answer for each id. */
  get(keyIds: readonly string[]): Promise<Map<string, KeyLookup>>;
}

/** Keys that their owner did not know by the deadline. */
export class KeysUnknown extends Error {
  readonly keyIds: readonly string[];

  constructor(keyIds: readonly string[]) {
    super(`keys unknown to their owner: ${keyIds.slice(0, 5).join(', ')}${keyIds.length > 5 ? ' …' : ''}`);
    this.name = 'KeysUnknown';
    this.keyIds = keyIds;
  }
}

/**
 * Remembers present and destroyed keys for at most `ttlMs` from when they were asked for; the unknown are asked for
 * again each time. Questions of one turn of the event loop become one.
 */
export function cachedKeySource(
  source: KeySource,
  options: { ttlMs?: number; max?: number; now?: () => number } = {},
): KeySource {
  const { ttlMs = 5_000, max = 10_000, now = () => performance.now() } = options;
  const cache = new Map<string, { lookup: KeyLookup; askedMs: number }>();
  let gathering: { ids: Set<string>; answer: Promise<Map<string, KeyLookup>> } | undefined;

  const ask = (ids: readonly string[]): Promise<Map<string, KeyLookup>> => {
    if (!gathering) {
      const all = new Set<string>();
      const answer = Promise.resolve().then(async () => {
        gathering = undefined;
        const askedMs = now();
        const found = await source.get([...all]);
        for (const [id, lookup] of found) {
          if (lookup.state === 'unknown') continue;
          cache.delete(id);
          cache.set(id, { lookup, askedMs });
        }
        for (const id of cache.keys()) {
          if (cache.size <= max) break;
          cache.delete(id);
        }
        return found;
      });
      gathering = { ids: all, answer };
    }
    for (const id of ids) gathering.ids.add(id);
    return gathering.answer;
  };

  return {
    async get(keyIds) {
      const lookups = new Map<string, KeyLookup>();
      const missing: string[] = [];
      for (const id of new Set(keyIds)) {
        const cached = cache.get(id);
        if (cached && now() - cached.askedMs < ttlMs) lookups.set(id, cached.lookup);
        else missing.push(id);
      }
      if (missing.length > 0) {
        const found = await ask(missing);
        for (const id of missing) lookups.set(id, found.get(id) ?? { state: 'unknown' });
      }
      return lookups;
    },
  };
}

/**
 * The keys, `undefined` for the destroyed ones; asks again for unknown ones until the deadline.
 *
 * @throws KeysUnknown at the deadline, the signal's reason when aborted, and what the source throws
 */
export async function requireKeys(
  source: KeySource,
  keyIds: readonly string[],
  options: { deadlineMs?: number; signal?: AbortSignal } = {},
): Promise<Map<string, Uint8Array | undefined>> {
  const endMs = performance.now() + (options.deadlineMs ?? 5_000);
  const backOff = new BackOff(10, 500);
  const keys = new Map<string, Uint8Array | undefined>();
  let wanted: readonly string[] = [...new Set(keyIds)];
  for (;;) {
    if (wanted.length === 0) return keys;
    const lookups = await source.get(wanted);
    for (const id of wanted) {
      const lookup = lookups.get(id);
      if (lookup?.state === 'present') keys.set(id, lookup.key);
      else if (lookup?.state === 'destroyed') keys.set(id, undefined);
    }
    wanted = wanted.filter((id) => !keys.has(id));
    if (wanted.length === 0) return keys;
    const waitMs = backOff.next();
    if (performance.now() + waitMs > endMs) throw new KeysUnknown(wanted);
    await pause(waitMs, options.signal);
    options.signal?.throwIfAborted();
  }
}
