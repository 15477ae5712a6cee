import { randomUUID } from 'node:crypto';
import { IdBlockReservedSchema } from '@touchline/contracts/log/v1/events';
import { pause } from './back-off.ts';
import { decodeMessage, encodePayload } from './codec.ts';
import { WrongExpectedRevision } from './errors.ts';
import type { StreamLog } from './event.ts';

export interface IdSequenceOptions {
  /**
   * Ids reserved by one append, at least; twice as many as before each time that a block did not last a second, at
   * most 500. What a stopped process has not used is never used. Default 20.
   */
  blockSize?: number;
  /** In the events' metadata. Default `service:sequence`. */
  actor?: string;
}

const MAX_ATTEMPTS = 50;
const MAX_GROWN = 500;
const LASTS_MS = 1_000;

/** Positive whole numbers, ascending and never given twice, over the stream `sequence-<type>`. */
export class IdSequence {
  readonly #log: StreamLog;
  readonly #stream: string;
  readonly #blockSize: number;
  readonly #actor: string;
  #size = 0;
  #reservedMs = -Infinity;
  #next = 1;
  #end = 1;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(log: StreamLog, type: string, options: IdSequenceOptions = {}) {
    this.#log = log;
    this.#stream = `sequence-${type}`;
    this.#blockSize = options.blockSize ?? 20;
    this.#actor = options.actor ?? 'service:sequence';
  }

  /** @throws EventLogUnavailable, EventLogError */
  async next(): Promise<number> {
    const [id] = await this.take(1);
    return id!;
  }

  /** `count` ids in ascending order, not always without gaps. @throws EventLogUnavailable, EventLogError */
  take(count: number): Promise<number[]> {
    const taken = this.#tail.then(async () => {
      const ids: number[] = [];
      while (ids.length < count) {
        if (this.#next >= this.#end) await this.#reserve(count - ids.length);
        ids.push(this.#next++);
      }
      return ids;
    });
    this.#tail = taken.catch(() => undefined);
    return taken;
  }

  async #reserve(wanted: number): Promise<void> {
    const nowMs = performance.now();
    const isSoonUsed = nowMs - this.#reservedMs < LASTS_MS;
    this.#size = Math.max(this.#blockSize, isSoonUsed ? Math.min(2 * this.#size, MAX_GROWN) : 0);
    this.#reservedMs = nowMs;
    const size = Math.max(this.#size, wanted);
    for (let attempt = 1; ; attempt++) {
      let revision = -1;
      let first = 1;
      for await (const event of this.#log.read(this.#stream, { backwards: true, limit: 1 })) {
        const last = decodeMessage(IdBlockReservedSchema, event);
        revision = event.revision;
        first = last.first + last.size;
      }
      const id = randomUUID();
      const metadata = { correlation_id: id, actor: this.#actor, at: new Date().toISOString() };
      const event = { ...encodePayload(IdBlockReservedSchema, { first, size }), id, metadata };
      try {
        await this.#log.append(this.#stream, [event], revision < 0 ? 'no_stream' : revision);
        this.#next = first;
        this.#end = first + size;
        return;
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) || attempt >= MAX_ATTEMPTS) throw error;
        await pause(Math.random() * 10);
      }
    }
  }
}
