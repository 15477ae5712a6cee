import type { CommandContext } from '@touchline/event-log';
import { dayStream, pieces, storedBytes, type SampleColumns } from '@touchline/telemetry-domain';
import { DayWriter, MAX_PIECE_BYTES, type Counts, type DayWriterOptions } from './day-writer.ts';

export interface DayWritersOptions extends Pick<DayWriterOptions, 'log' | 'keys'> {
  /** Memory that the knowledge of days not in use may take. Default 128 MiB. */
  readonly maxIdleBytes?: number;
  /** What may wait to be written. Default 64 MiB. */
  readonly maxPendingBytes?: number;
}

/** More waits to be written than memory should hold; nothing of this was taken. */
export class IngestOverloaded extends Error {
  override readonly name = 'IngestOverloaded';
}

const MEBIBYTE = 2 ** 20;

/** The writers of all days in use; of those used before, the latest are kept. */
export class DayWriters {
  readonly #options: DayWritersOptions;
  readonly #writers = new Map<string, DayWriter>();
  /** As last measured, so that one submission measures one writer. */
  readonly #bytes = new Map<string, number>();
  #totalBytes = 0;
  #pendingBytes = 0;

  constructor(options: DayWritersOptions) {
    this.#options = options;
  }

  /** How many days are remembered. */
  get size(): number {
    return this.#writers.size;
  }

  /**
   * Stores what is not stored yet of a device's samples, given by UTC day; resolves once all is durable.
   *
   * @throws IngestOverloaded before anything is written; EventLogError, MongoError when some may have been
   */
  async submit(
    deviceId: number,
    days: ReadonlyMap<string, SampleColumns>,
    context: CommandContext,
  ): Promise<Counts> {
    const bytes = [...days.values()].reduce((sum, samples) => sum + storedBytes(samples), 0);
    const { maxPendingBytes = 64 * MEBIBYTE } = this.#options;
    if (this.#pendingBytes > 0 && this.#pendingBytes + bytes > maxPendingBytes) {
      throw new IngestOverloaded('too much waits to be written');
    }
    this.#pendingBytes += bytes;
    try {
      const outcomes = await Promise.allSettled(
        [...days].flatMap(([day, samples]) => this.#submitDay(deviceId, day, samples, context)),
      );
      let accepted = 0;
      let duplicates = 0;
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') throw outcome.reason;
        accepted += outcome.value.accepted;
        duplicates += outcome.value.duplicates;
      }
      return { accepted, duplicates };
    } finally {
      this.#pendingBytes -= bytes;
    }
  }

  /** What is known of a day that is not in use is read again when it is wanted. */
  forget(stream: string): void {
    if (!this.#writers.get(stream)?.idle) return;
    this.#totalBytes -= this.#bytes.get(stream) ?? 0;
    this.#bytes.delete(stream);
    this.#writers.delete(stream);
  }

  #submitDay(
    deviceId: number,
    day: string,
    samples: SampleColumns,
    context: CommandContext,
  ): Promise<Counts>[] {
    const stream = dayStream(deviceId, day);
    const writer = this.#writer(deviceId, stream);
    return pieces(samples, MAX_PIECE_BYTES).map((piece) =>
      writer.submit(piece, context).finally(() => this.#measure(stream, writer)),
    );
  }

  #writer(deviceId: number, stream: string): DayWriter {
    const { log, keys } = this.#options;
    const writer = this.#writers.get(stream) ?? new DayWriter({ log, keys, deviceId, stream });
    this.#writers.delete(stream);
    this.#writers.set(stream, writer);
    return writer;
  }

  #measure(stream: string, writer: DayWriter): void {
    if (this.#writers.get(stream) !== writer) return;
    this.#totalBytes += writer.bytes - (this.#bytes.get(stream) ?? 0);
    this.#bytes.set(stream, writer.bytes);
    const { maxIdleBytes = 128 * MEBIBYTE } = this.#options;
    for (const [oldest, candidate] of this.#writers) {
      if (this.#totalBytes <= maxIdleBytes) return;
      if (candidate.idle) this.forget(oldest);
    }
  }
}
