import { createHmac } from 'node:crypto';
import {
  metadataOf,
  nameBasedUuid,
  pause,
  requireKeys,
  WrongExpectedRevision,
  type CommandContext,
  type EncodedEvent,
  type StreamLog,
} from '@touchline/event-log';
import type { KeyStore } from '@touchline/read-models';
import {
  dayErasedType,
  encodeSamples,
  framesIngestedType,
  openFrames,
  readDayErased,
  readFrames,
  sealFrames,
  type StoredFrames,
} from '@touchline/samples';
import {
  countSamples,
  DaySamples,
  outside,
  storedBytes,
  type Added,
  type Interval,
  type SampleColumns,
} from '@touchline/telemetry-domain';
import { currentDayKey, type DayKey } from './day-key.ts';

/** Events of one append together, without what the facade and the server add. */
export const MAX_BATCH_BYTES = 850_000;
/** Metadata, ranges, key id, nonce and tag of an event, generously. */
export const EVENT_OVERHEAD_BYTES = 1_000;
/** At most this much of one submission becomes one event. */
export const MAX_PIECE_BYTES = 400_000;
const EVENTS_AT_ONCE = 1_000;
const MAX_ATTEMPTS = 20;

export interface Counts {
  readonly accepted: number;
  readonly duplicates: number;
}

export interface DayWriterOptions {
  readonly log: StreamLog;
  readonly keys: Pick<KeyStore, 'get' | 'getOrCreate'>;
  readonly deviceId: number;
  /** `telemetry-<device>-<yyyymmdd>` */
  readonly stream: string;
}

interface Item {
  readonly samples: SampleColumns;
  readonly context: CommandContext;
  resolve(counts: Counts): void;
  reject(error: unknown): void;
}

/**
 * Appends to one day stream, one append at a time, what is not there yet. It remembers what is stored; when somebody
 * else appended, it reads what came and compares anew. Whatever queues during an append goes into the next one.
 */
export class DayWriter {
  readonly #options: DayWriterOptions;
  readonly #queue: Item[] = [];
  #samples = new DaySamples();
  /** What was erased, and is not taken again. */
  #erased: Interval[] = [];
  #revision = -1;
  #key: DayKey | undefined;
  #lastKeyId: string | undefined;
  /** Whether `#samples` is all that the stream holds up to `#revision`, and nobody is known to have gone on. */
  #current = false;
  #running = false;

  constructor(options: DayWriterOptions) {
    this.#options = options;
  }

  get idle(): boolean {
    return !this.#running && this.#queue.length === 0;
  }

  /** About how many bytes of memory it takes. */
  get bytes(): number {
    return this.#samples.bytes;
  }

  /**
   * Resolves once everything is durable.
   *
   * @param samples of this day, at most `MAX_PIECE_BYTES` of them
   * @throws EventLogError, MongoError; the samples may then be stored or not, and sending them again is right
   */
  submit(samples: SampleColumns, context: CommandContext): Promise<Counts> {
    const { promise, resolve, reject } = Promise.withResolvers<Counts>();
    this.#queue.push({ samples, context, resolve, reject });
    if (!this.#running) void this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#queue.length > 0) {
      const batch = this.#takeBatch();
      try {
        const added = await this.#write(batch);
        batch.forEach((item, i) => item.resolve(added[i]!));
      } catch (error) {
        this.#current = false;
        for (const item of batch) item.reject(error);
      }
    }
    this.#running = false;
  }

  #takeBatch(): Item[] {
    let bytes = 0;
    let length = 0;
    for (const { samples } of this.#queue) {
      bytes += storedBytes(samples) + EVENT_OVERHEAD_BYTES;
      if (length > 0 && bytes > MAX_BATCH_BYTES) break;
      length++;
    }
    return this.#queue.splice(0, length);
  }

  async #write(batch: readonly Item[]): Promise<Added[]> {
    for (let attempt = 1; ; attempt++) {
      if (!this.#current) await this.#catchUp();
      const mark = this.#samples.mark();
      try {
        const added = batch.map(({ samples }) => this.#add(samples));
        const events = await this.#events(batch, added);
        if (events.length > 0) {
          const { log, stream } = this.#options;
          const { revision } = await log.append(
            stream,
            events,
            this.#revision < 0 ? 'no_stream' : this.#revision,
          );
          this.#revision = revision;
          this.#lastKeyId = this.#key?.id;
        }
        return added;
      } catch (error) {
        this.#samples.rollback(mark);
        this.#current = false;
        if (!(error instanceof WrongExpectedRevision) || attempt >= MAX_ATTEMPTS) throw error;
        await pause(Math.random() * 5 * attempt);
      }
    }
  }

  /** What was erased counts as a duplicate: sending it again changes nothing. */
  #add(samples: SampleColumns): Added {
    if (this.#erased.length === 0) return this.#samples.add(samples);
    const taken = outside(samples, this.#erased);
    const added = this.#samples.add(taken);
    return { ...added, duplicates: added.duplicates + countSamples(samples) - countSamples(taken) };
  }

  async #events(batch: readonly Item[], added: readonly Added[]): Promise<EncodedEvent[]> {
    const { deviceId, stream, keys } = this.#options;
    const events: EncodedEvent[] = [];
    for (const [i, { fresh, accepted }] of added.entries()) {
      if (accepted === 0) continue;
      // Durable before anything sealed with it is.
      this.#key ??= await currentDayKey(keys, stream, this.#lastKeyId);
      const { id: keyId, key } = this.#key;
      const { context } = batch[i]!;
      const plaintext = encodeSamples(fresh);
      // Content and command make the id, so that the same id always means the same samples. The hash is keyed: once
      // the key is destroyed, no guess at the samples can be tried on it.
      const digest = createHmac('sha256', key).update(plaintext).digest('hex');
      events.push({
        type: framesIngestedType,
        id: nameBasedUuid(JSON.stringify([context.commandId, stream, digest])),
        data: sealFrames({ deviceId, samples: fresh, plaintext, keyId, key, stream }),
        metadata: metadataOf(context),
      });
    }
    return events;
  }

  /** Reads what the stream holds beyond `#revision`; all of it anew when its key has changed or some of it is erased. */
  async #catchUp(): Promise<void> {
    const { log, stream, keys } = this.#options;
    const anew = this.#revision < 0;
    let revision = this.#revision;
    let frames: StoredFrames[] = [];
    const take = async () => {
      const found = await requireKeys(
        keys,
        frames.map(({ keyId }) => keyId),
      );
      for (const one of frames) {
        const key = found.get(one.keyId);
        if (key !== undefined) this.#samples.add(openFrames(one, key));
      }
      frames = [];
      this.#revision = revision;
    };
    for await (const stored of log.read(stream, { from: revision + 1 })) {
      if (stored.type === framesIngestedType) {
        const one = readFrames(stored);
        if (this.#key !== undefined && one.keyId !== this.#key.id) {
          this.#forget();
          return this.#catchUp();
        }
        frames.push(one);
        this.#lastKeyId = one.keyId;
      } else if (stored.type === dayErasedType) {
        if (!anew) {
          this.#forget();
          return this.#catchUp();
        }
        const { intervals } = readDayErased(stored);
        const endMs = (end: number) => Math.min(end, stored.createdMs);
        this.#erased.push(...intervals.map((one) => ({ ...one, endMs: endMs(one.endMs) })));
      }
      revision = stored.revision;
      if (frames.length >= EVENTS_AT_ONCE) await take();
    }
    await take();
    this.#current = true;
  }

  #forget(): void {
    this.#samples = new DaySamples();
    this.#erased = [];
    this.#revision = -1;
    this.#key = undefined;
    this.#lastKeyId = undefined;
  }
}
