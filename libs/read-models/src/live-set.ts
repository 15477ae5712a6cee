import { MongoServerError, type Collection, type Db } from 'mongodb';
import { type ReadModel } from './read-model.ts';
import { ReadModelSet } from './read-model-set.ts';

interface PointerDocument {
  _id: 'live';
  set: number;
}

const CACHED_MS = 5_000;
const DUPLICATE_KEY = 11000;

/** The set that queries read, named by the one pointer document of the context. */
export class LiveSet {
  readonly #db: Db;
  readonly #models: readonly ReadModel[];
  #cached: { set: ReadModelSet; readMs: number } | undefined;

  constructor(db: Db, models: readonly ReadModel[]) {
    this.#db = db;
    this.#models = models;
  }

  /** As known at most 5 s ago. @throws MongoError */
  async get(): Promise<ReadModelSet> {
    if (this.#cached && performance.now() - this.#cached.readMs < CACHED_MS) return this.#cached.set;
    return this.getAfresh();
  }

  /** Makes the first set when there is none yet. @throws MongoError */
  async getAfresh(): Promise<ReadModelSet> {
    const readMs = performance.now();
    const pointer = await this.#pointers().findOne({ _id: 'live' });
    const number = pointer?.set ?? (await this.#createFirst());
    const set = this.#cached?.set.number === number ? this.#cached.set : this.set(number);
    this.#cached = { set, readMs };
    return set;
  }

  set(number: number): ReadModelSet {
    return new ReadModelSet(this.#db, number, this.#models);
  }

  async #createFirst(): Promise<number> {
    const first = 1;
    await this.set(first).create();
    try {
      await this.#pointers().insertOne({ _id: 'live', set: first }, { writeConcern: { w: 'majority' } });
    } catch (error) {
      if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
    }
    const pointer = await this.#pointers().findOne({ _id: 'live' });
    return pointer?.set ?? first;
  }

  #pointers(): Collection<PointerDocument> {
    return this.#db.collection<PointerDocument>('sets');
  }
}
