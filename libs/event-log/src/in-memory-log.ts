import { WrongExpectedRevision } from './errors.ts';
import type {
  Appended,
  EncodedEvent,
  ExpectedRevision,
  ReadOptions,
  StoredEvent,
  StreamLog,
} from './event.ts';
import { formatPosition } from './position.ts';
import { validateAppend } from './validate-append.ts';

/** A log for unit tests, with the server's rules for expected revisions and repeated appends. Nothing is kept. */
export class InMemoryLog implements StreamLog {
  readonly events: StoredEvent[] = [];
  readonly #streams = new Map<string, StoredEvent[]>();
  readonly #now: () => number;

  /** @param now gives `createdMs` of what is appended */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  async append(
    stream: string,
    events: readonly EncodedEvent[],
    expected: ExpectedRevision,
  ): Promise<Appended> {
    validateAppend(stream, events, expected);
    const stored = this.#streams.get(stream) ?? [];
    const repeated = repeatedAppend(stored, events, expected);
    if (repeated) return { revision: repeated.revision, position: repeated.position };
    const last = stored.length - 1;
    const wanted = expected === 'no_stream' ? -1 : expected;
    if (wanted !== 'any' && wanted !== last) {
      throw new WrongExpectedRevision(stream, expected, last < 0 ? undefined : last);
    }
    for (const event of events) this.#store(stream, stored, event);
    this.#streams.set(stream, stored);
    return { revision: stored.length - 1, position: stored.at(-1)!.position };
  }

  async *read(stream: string, options: ReadOptions = {}): AsyncGenerator<StoredEvent, void, void> {
    const { backwards = false, from, limit = Infinity } = options;
    const stored = [...(this.#streams.get(stream) ?? [])];
    const wanted = backwards
      ? stored.filter(({ revision }) => revision <= (from ?? Infinity)).reverse()
      : stored.filter(({ revision }) => revision >= (from ?? 0));
    for (const [index, event] of wanted.entries()) {
      if (index >= limit) return;
      yield event;
    }
  }

  #store(stream: string, stored: StoredEvent[], { id, type, data, metadata }: EncodedEvent): void {
    const place = BigInt(this.events.length + 1);
    const event: StoredEvent = {
      id,
      stream,
      revision: stored.length,
      position: formatPosition({ commit: place, prepare: place }),
      type,
      data: structuredClone(data),
      metadata: { ...metadata },
      createdMs: this.#now(),
    };
    stored.push(event);
    this.events.push(event);
  }
}

/** The last event of an append that is there already, recognised by its ids. */
function repeatedAppend(
  stored: readonly StoredEvent[],
  events: readonly EncodedEvent[],
  expected: ExpectedRevision,
): StoredEvent | undefined {
  if (expected === 'any') {
    const known = events.map(({ id }) => stored.find((event) => event.id === id));
    return known.every((event) => event !== undefined) ? known.at(-1) : undefined;
  }
  const first = expected === 'no_stream' ? 0 : expected + 1;
  const there = stored.slice(first, first + events.length);
  const same = there.length === events.length && there.every(({ id }, index) => id === events[index]!.id);
  return same ? there.at(-1) : undefined;
}
