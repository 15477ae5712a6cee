import type { Collection, MongoClient } from 'mongodb';
import type { IdempotencyRecord, IdempotencyStore } from './idempotency.ts';

interface StoredRecord {
  _id: string;
  request: string;
  createdMs: number;
  answer?: Uint8Array;
}

const DUPLICATE_KEY = 11000;
const KEPT_FOR_MS = 24 * 3_600_000;
const SWEPT_EVERY_MS = 600_000;

/** In `gateway-state`, the gateway's only state. The driver is loaded and connected with the first key that comes. */
export class MongoIdempotencyStore implements IdempotencyStore {
  readonly #url: string;
  #connected: Promise<{ client: MongoClient; records: Collection<StoredRecord> }> | undefined;
  #sweptMs = 0;

  constructor(url: string) {
    this.#url = url;
  }

  async insert({ id, ...record }: IdempotencyRecord): Promise<boolean> {
    const records = await this.#records();
    await this.#sweep(records, record.createdMs);
    try {
      await records.insertOne({ _id: id, ...record });
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === DUPLICATE_KEY) return false;
      throw error;
    }
  }

  async find(id: string): Promise<IdempotencyRecord | undefined> {
    const found = await (await this.#records()).findOne({ _id: id }, { promoteBuffers: true });
    if (!found) return undefined;
    const { _id, ...record } = found;
    return { id: _id, ...record };
  }

  async complete(id: string, answer: Uint8Array): Promise<void> {
    await (await this.#records()).updateOne({ _id: id }, { $set: { answer: Buffer.from(answer) } });
  }

  async remove(id: string, createdMs: number): Promise<void> {
    await (await this.#records()).deleteOne({ _id: id, createdMs: { $lte: createdMs } });
  }

  async close(): Promise<void> {
    await (await this.#connected?.catch(() => undefined))?.client.close();
  }

  async #records(): Promise<Collection<StoredRecord>> {
    this.#connected ??= this.#connect().catch((error: unknown) => {
      this.#connected = undefined;
      throw error;
    });
    return (await this.#connected).records;
  }

  async #connect(): Promise<{ client: MongoClient; records: Collection<StoredRecord> }> {
    const { MongoClient } = await import('mongodb');
    const client = new MongoClient(this.#url, {
      serverSelectionTimeoutMS: 5_000,
      writeConcern: { w: 'majority' },
    });
    const records = client.db('gateway-state').collection<StoredRecord>('idempotency');
    await records.createIndexes([{ key: { createdMs: 1 } }]);
    return { client, records };
  }

  /** Removes what nobody may ask for any more. */
  async #sweep(records: Collection<StoredRecord>, nowMs: number): Promise<void> {
    if (nowMs - this.#sweptMs < SWEPT_EVERY_MS) return;
    this.#sweptMs = nowMs;
    await records.deleteMany({ createdMs: { $lt: nowMs - KEPT_FOR_MS } });
  }
}
