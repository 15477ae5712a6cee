import { MongoServerError, type Collection, type Db } from 'mongodb';
import { together } from '@touchline/event-log';
import type { ReadModel } from './read-model.ts';
import { ReadModelSet } from './read-model-set.ts';

/** `live` names the set that is read and, for a switch, who writes it; `last` the greatest number ever given to a set. */
interface PointerDocument {
  _id: 'live' | 'last';
  set: number;
  writer?: string;
}

const CACHED_MS = 5_000;
const DUPLICATE_KEY = 11000;
const MAJORITY = { writeConcern: { w: 'majority' } } as const;
const NUMBERED = /\.([1-9][0-9]*)$/;

/** The set that queries read, named by the one pointer document of the context. */
export class LiveSet {
  readonly #db: Db;
  readonly #models: readonly ReadModel[];
  #cached: { set: ReadModelSet; readMs: number } | undefined;
  /** Those who find the cache out of date ask together. */
  readonly #renewed: (question: undefined) => Promise<ReadModelSet>;

  constructor(db: Db, models: readonly ReadModel[]) {
    this.#db = db;
    this.#models = models;
    this.#renewed = together(async (questions) => {
      const set = await this.getAfresh();
      return questions.map(() => set);
    });
  }

  /** As known at most 5 s ago. @throws MongoError */
  async get(): Promise<ReadModelSet> {
    if (this.#cached && performance.now() - this.#cached.readMs < CACHED_MS) return this.#cached.set;
    return this.#renewed(undefined);
  }

  /** Makes the first set when there is none yet. @throws MongoError */
  async getAfresh(): Promise<ReadModelSet> {
    const readMs = performance.now();
    const pointer = await this.#pointers().findOne({ _id: 'live' });
    return this.#remember(pointer?.set ?? (await this.#createFirst()), readMs);
  }

  /** Whoever claims the set last is the only one who may switch. @throws MongoError */
  async claim(writer: string): Promise<ReadModelSet> {
    await this.getAfresh();
    const readMs = performance.now();
    const pointer = await this.#pointers().findOneAndUpdate({ _id: 'live' }, { $set: { writer } }, MAJORITY);
    if (!pointer) throw new Error('the pointer to the live set has vanished');
    return this.#remember(pointer.set, readMs);
  }

  /**
   * A set with a number that none ever had: what a writer that was paused in the middle of an abandoned set still
   * writes goes nowhere. @throws MongoError
   */
  async next(): Promise<ReadModelSet> {
    const numbers = [(await this.getAfresh()).number, ...(await this.#numbers())];
    const last = { _id: 'last' } as const;
    await this.#pointers().updateOne(last, { $max: { set: Math.max(...numbers) } }, { upsert: true });
    const given = await this.#pointers().findOneAndUpdate(
      last,
      { $inc: { set: 1 } },
      { returnDocument: 'after' },
    );
    if (!given) throw new Error('the number of the last set has vanished');
    return this.set(given.set);
  }

  /** @throws Error when the live set is another than `from` or was claimed by another writer, MongoError */
  async switch(from: ReadModelSet, to: ReadModelSet, writer: string): Promise<void> {
    const readMs = performance.now();
    const claimed = { _id: 'live', set: from.number, writer } as const;
    const switched = await this.#pointers().updateOne(claimed, { $set: { set: to.number } }, MAJORITY);
    if (switched.matchedCount === 0) throw new Error('another instance has taken over the live set');
    this.#cached = { set: to, readMs };
  }

  /** Drops whatever belongs to other sets than the live one: what broken off rebuilds left. @throws MongoError */
  async dropLeftOvers(): Promise<void> {
    const live = await this.getAfresh();
    for (const number of await this.#numbers()) if (number !== live.number) await this.drop(number);
  }

  /** Drops all collections of a set, also those of models that there are no more. @throws MongoError */
  async drop(number: number): Promise<void> {
    for (const name of await this.#names())
      if (numberOf(name) === number) await this.#db.dropCollection(name);
  }

  set(number: number): ReadModelSet {
    return new ReadModelSet(this.#db, number, this.#models);
  }

  #remember(number: number, readMs: number): ReadModelSet {
    const set = this.#cached?.set.number === number ? this.#cached.set : this.set(number);
    this.#cached = { set, readMs };
    return set;
  }

  async #createFirst(): Promise<number> {
    const first = 1;
    await this.set(first).create();
    try {
      await this.#pointers().insertOne({ _id: 'live', set: first }, MAJORITY);
    } catch (error) {
      if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
    }
    const pointer = await this.#pointers().findOne({ _id: 'live' });
    return pointer?.set ?? first;
  }

  async #names(): Promise<string[]> {
    return (await this.#db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
  }

  async #numbers(): Promise<Set<number>> {
    return new Set((await this.#names()).flatMap((name) => numberOf(name) ?? []));
  }

  #pointers(): Collection<PointerDocument> {
    return this.#db.collection<PointerDocument>('sets');
  }
}

function numberOf(collection: string): number | undefined {
  const number = NUMBERED.exec(collection)?.[1];
  return number === undefined ? undefined : Number(number);
}
