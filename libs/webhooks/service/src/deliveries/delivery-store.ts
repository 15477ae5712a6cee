import { randomUUID } from 'node:crypto';
import { type Collection, type Db, MongoBulkWriteError } from 'mongodb';
import { type Attempt, type Delivery, MAX_KEPT_ATTEMPTS, repeatLane } from './delivery.ts';

interface Counter {
  _id: string;
  last: number;
}

/** Asks whoever delivers to look at a delivery now. */
interface Request {
  _id: string;
  delivery: string;
}

/** What an attempt changes. */
export interface Outcome {
  readonly attempt: Attempt;
  readonly status: Delivery['status'];
  readonly failures: number;
  readonly next: { readonly atMs: number; readonly delayMs: number } | undefined;
}

interface Unrecorded {
  readonly id: string;
  readonly outcome: Outcome;
  resolve(): void;
  reject(error: unknown): void;
}

const NUMBER_BLOCK = 500;
const MAX_RECORDED_AT_ONCE = 200;
const NOT_DUE = { nextAttemptMs: '', delayMs: '' } as const;
const kept = (attempt: Attempt) => ({ $each: [attempt], $slice: -MAX_KEPT_ATTEMPTS });

/** Deliveries and their attempts, in the state database. Each method throws MongoError. */
export class DeliveryStore {
  readonly #deliveries: Collection<Delivery>;
  readonly #counters: Collection<Counter>;
  readonly #requests: Collection<Request>;
  readonly #now: () => number;
  readonly #unrecorded: Unrecorded[] = [];
  #recording = false;
  #numbering: Promise<unknown> = Promise.resolve();
  #next = 1;
  #end = 1;

  constructor(state: Db, now: () => number = Date.now) {
    this.#deliveries = state.collection('deliveries');
    this.#counters = state.collection('counters');
    this.#requests = state.collection('requests');
    this.#now = now;
  }

  async createIndexes(): Promise<void> {
    await this.#deliveries.createIndexes([
      { key: { status: 1, lane: 1, seq: 1 } },
      { key: { webhook: 1, number: -1 } },
      { key: { settledMs: 1 }, sparse: true },
    ]);
  }

  /** Keeps new deliveries and returns those that were not there before. */
  async insert(made: readonly Omit<Delivery, 'number'>[]): Promise<Delivery[]> {
    if (made.length === 0) return [];
    const first = await this.#numbers(made.length);
    const numbered = made.map((delivery, i): Delivery => ({ ...delivery, number: first + i }));
    try {
      await this.#deliveries.insertMany(numbered, { ordered: false });
      return numbered;
    } catch (error) {
      if (!(error instanceof MongoBulkWriteError)) throw error;
      const errors = [error.writeErrors].flat();
      if (errors.some(({ code }) => code !== 11000)) throw error;
      const known = new Set(errors.map(({ index }) => index));
      return numbered.filter((_delivery, i) => !known.has(i));
    }
  }

  /** The first of so many numbers that nobody else gets; taken in blocks. */
  #numbers(count: number): Promise<number> {
    const taken = this.#numbering.then(async () => {
      if (this.#next + count > this.#end) {
        const size = Math.max(count, NUMBER_BLOCK);
        const counted = await this.#counters.findOneAndUpdate(
          { _id: 'deliveries' },
          { $inc: { last: size } },
          { upsert: true, returnDocument: 'after' },
        );
        this.#end = (counted?.last ?? size) + 1;
        this.#next = this.#end - size;
      }
      const first = this.#next;
      this.#next += count;
      return first;
    });
    this.#numbering = taken.catch(() => undefined);
    return taken;
  }

  /** What comes while one write is under way is written together. */
  record(id: string, outcome: Outcome): Promise<void> {
    const recorded = new Promise<void>((resolve, reject) => {
      this.#unrecorded.push({ id, outcome, resolve, reject });
    });
    if (!this.#recording) void this.#recordAll();
    return recorded;
  }

  async #recordAll(): Promise<void> {
    this.#recording = true;
    while (this.#unrecorded.length > 0) {
      const batch = this.#unrecorded.splice(0, MAX_RECORDED_AT_ONCE);
      try {
        await this.#write(batch);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    // In the same turn as the loop's last look, so that nothing comes in between.
    this.#recording = false;
  }

  async #write(batch: readonly Unrecorded[]): Promise<void> {
    const settled = { settledMs: this.#now() };
    const updates = batch.map(({ id, outcome: { attempt, status, failures, next } }) => ({
      updateOne: {
        filter: { _id: id, status: 'pending' as const },
        update: {
          $push: { attempts: kept(attempt) },
          ...(next
            ? { $set: { status, failures, nextAttemptMs: next.atMs, delayMs: next.delayMs } }
            : { $set: { status, failures, ...settled }, $unset: NOT_DUE }),
        },
      },
    }));
    const { matchedCount } = await this.#deliveries.bulkWrite(updates, { ordered: false });
    if (matchedCount === batch.length) return;
    // Cancelled meanwhile: what was sent is still told.
    const told = batch.map(({ id, outcome: { attempt } }) => ({
      updateOne: {
        filter: { _id: id, status: 'cancelled' as const },
        update: { $push: { attempts: kept(attempt) } },
      },
    }));
    await this.#deliveries.bulkWrite(told, { ordered: false });
  }

  /** Cancels what is pending of a webhook: all of it, or what came before a place in the log and is not by hand. */
  async cancel(webhook: number, before?: string): Promise<void> {
    const bounds = before === undefined ? {} : { seq: { $lt: before }, byHand: { $exists: false } };
    await this.#deliveries.updateMany(
      { webhook, status: 'pending', ...bounds },
      { $set: { status: 'cancelled', settledMs: this.#now() }, $unset: NOT_DUE },
    );
  }

  /** Cancels one that its webhook no longer sends. */
  async cancelOne(id: string): Promise<void> {
    await this.#deliveries.updateOne(
      { _id: id, status: 'pending' },
      { $set: { status: 'cancelled', settledMs: this.#now() }, $unset: NOT_DUE },
    );
  }

  async exists(webhook: number, number: number): Promise<boolean> {
    return (await this.#deliveries.findOne({ webhook, number })) !== null;
  }

  /** The first of what is pending in a lane. */
  heads(lane: string, limit: number): Promise<Delivery[]> {
    return this.#deliveries
      .find({ status: 'pending', lane })
      .project<Delivery>({ attempts: 0 })
      .sort({ seq: 1 })
      .limit(limit)
      .toArray();
  }

  /** What is pending, of all webhooks or one, lane by lane. Attempts are left out. */
  async *pending(webhook?: number): AsyncGenerator<Delivery> {
    const cursor = this.#deliveries
      .find({ status: 'pending', ...(webhook !== undefined && { webhook }) })
      .project<Delivery>({ attempts: 0 })
      .sort({ lane: 1, seq: 1 });
    yield* cursor;
  }

  async hasPending(webhook: number): Promise<boolean> {
    return (await this.#deliveries.findOne({ webhook, status: 'pending' })) !== null;
  }

  async find(id: string): Promise<Delivery | undefined> {
    return (await this.#deliveries.findOne({ _id: id })) ?? undefined;
  }

  /** A webhook's deliveries, newest first. @param page from 1 */
  async list(
    webhook: number,
    { page, limit }: { page: number; limit: number },
  ): Promise<{ count: number; rows: Delivery[] }> {
    const [count, rows] = await Promise.all([
      this.#deliveries.countDocuments({ webhook }),
      this.#deliveries
        .find({ webhook })
        .sort({ number: -1 })
        .skip((page - 1) * limit)
        .limit(limit)
        .toArray(),
    ]);
    return { count, rows };
  }

  /** Makes a delivery due now, a settled one anew. Undefined when the webhook has none of that number. */
  async repeat(webhook: number, number: number): Promise<Delivery | undefined> {
    const nowMs = this.#now();
    const due = { nextAttemptMs: nowMs, delayMs: 0 };
    const pending = await this.#deliveries.findOneAndUpdate(
      { webhook, number, status: 'pending' },
      { $set: due },
      { returnDocument: 'after' },
    );
    if (pending) return pending;
    const settled = await this.#deliveries.findOne({ webhook, number });
    if (!settled) return undefined;
    const again = {
      status: 'pending',
      failures: 0,
      byHand: true,
      lane: repeatLane(settled),
      ...due,
    } as const;
    const repeated = await this.#deliveries.findOneAndUpdate(
      { webhook, number },
      { $set: again, $unset: { settledMs: '' } },
      { returnDocument: 'after' },
    );
    return repeated ?? undefined;
  }

  async request(delivery: string): Promise<void> {
    await this.#requests.insertOne({ _id: randomUUID(), delivery });
  }

  /** Deliveries that were asked for; a request stays until it is `done`. */
  requests(): Promise<Request[]> {
    return this.#requests.find().limit(500).toArray();
  }

  async done(requests: readonly Request[]): Promise<void> {
    await this.#requests.deleteMany({ _id: { $in: requests.map(({ _id }) => _id) } });
  }

  /** Forgets what was settled before. @returns how many */
  async purge(beforeMs: number): Promise<number> {
    return (await this.#deliveries.deleteMany({ settledMs: { $lt: beforeMs } })).deletedCount;
  }
}
