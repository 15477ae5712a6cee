import {
  EventLogUnavailable,
  WrongExpectedRevision,
  type Appended,
  type EncodedEvent,
  type ExpectedRevision,
  type KeyLookup,
  type ReadOptions,
  type StoredEvent,
  type StreamLog,
} from '@touchline/event-log';

/** One stream at a time in memory, with outages to order: what deciding on a log's answers needs. */
export class MemoryLog implements StreamLog {
  readonly events: StoredEvent[] = [];
  /** The sizes of the appends that were tried. */
  readonly tried: number[] = [];
  /** What the next appends meet: no answer though written, no answer and not written. */
  readonly outages: ('answer' | 'write')[] = [];
  /** When what is appended is said to be stored. */
  createdMs = 0;
  /** Appends wait for it. */
  gate: Promise<void> = Promise.resolve();

  async append(
    stream: string,
    events: readonly EncodedEvent[],
    expected: ExpectedRevision,
  ): Promise<Appended> {
    this.tried.push(events.length);
    await this.gate;
    const outage = this.outages.shift();
    if (outage === 'write') throw new EventLogUnavailable('nothing was written');
    const last = this.events.length - 1;
    if (expected !== (last < 0 ? 'no_stream' : last)) throw new WrongExpectedRevision(stream, expected, last);
    for (const event of events) {
      const revision = this.events.length;
      const position = String(revision).padStart(8, '0');
      this.events.push({ ...event, stream, revision, position, createdMs: this.createdMs });
    }
    if (outage === 'answer') throw new EventLogUnavailable('the answer was lost');
    const { revision, position } = this.events.at(-1)!;
    return { revision, position };
  }

  async *read(_stream: string, { from = 0 }: ReadOptions = {}): AsyncGenerator<StoredEvent, void, void> {
    for (const event of this.events.slice(from)) yield event;
  }
}

/** Keys in memory. */
export class MemoryKeys {
  readonly #keys = new Map<string, Uint8Array | 'destroyed'>();
  readonly #destroyed: (keyId: string) => Error;

  constructor(destroyed: (keyId: string) => Error) {
    this.#destroyed = destroyed;
  }

  async getOrCreate(keyId: string): Promise<Uint8Array> {
    const key = this.#keys.get(keyId) ?? new Uint8Array(32).fill(this.#keys.size + 1);
    if (key === 'destroyed') throw this.#destroyed(keyId);
    this.#keys.set(keyId, key);
    return key;
  }

  async get(keyIds: readonly string[]): Promise<Map<string, KeyLookup>> {
    return new Map(
      keyIds.map((id): [string, KeyLookup] => {
        const key = this.#keys.get(id);
        if (key === undefined) return [id, { state: 'unknown' }];
        return [id, key === 'destroyed' ? { state: key } : { state: 'present', key }];
      }),
    );
  }

  async destroy(keyId: string): Promise<void> {
    this.#keys.set(keyId, 'destroyed');
  }
}
