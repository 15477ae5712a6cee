import { MongoBulkWriteError, type AnyBulkWriteOperation, type Collection } from 'mongodb';
import type { StoredEvent } from '@touchline/event-log';
import type { AnyStored, FieldValue, Lookup, ProjectTools, ReadModel } from './read-model.ts';

type Id = string | number;
interface Entry {
  /** As it lies in the collection; undefined when absent. */
  read: AnyStored | undefined;
  current: AnyStored | undefined;
}
interface Touch {
  event: StoredEvent;
  id: Id;
}

const MAX_REDONE = 20;
const DUPLICATE_KEY = 11000;

/**
 * One read model's part of a batch: the documents as they will be, until they are written. Each document carries the
 * position of its last event, and is replaced only at the position it was read at: whoever else applies the same events
 * writes the same documents, and repeating a batch changes nothing.
 */
export class Overlay {
  readonly #collection: Collection<AnyStored>;
  readonly #model: ReadModel;
  readonly #tools: ProjectTools;
  readonly #entries = new Map<Id, Entry>();
  readonly #touches: Touch[] = [];
  #events: readonly StoredEvent[] = [];
  #isForeseen = false;
  /** Until a write meets a document that is there: the batch was applied before. */
  #trustsCreation = true;
  #settled = 0;
  /** What lies in the collection, by the values that were asked for: many events of a batch ask for the same. */
  readonly #found = new Map<string, readonly Id[]>();
  readonly #lookup: Lookup = { idsWhere: (values) => this.#idsWhere(values) };

  constructor(collection: Collection<AnyStored>, model: ReadModel, tools: ProjectTools) {
    this.#collection = collection;
    this.#model = model;
    this.#tools = tools;
  }

  /** @throws what the read model throws, MongoError */
  async apply(events: readonly StoredEvent[]): Promise<void> {
    this.#events = events;
    for (const event of events) {
      const ids = this.#model.documentIds(event, this.#lookup);
      for (const id of ids instanceof Promise ? await ids : ids) this.#touches.push({ event, id });
    }
    await this.#settle();
    for (let redone = 0; !(await this.#write()); redone++) {
      if (redone >= MAX_REDONE)
        throw new Error(`${this.#collection.collectionName}: documents keep changing`);
      this.#trustsCreation = false;
      this.#entries.clear();
      this.#settled = 0;
      await this.#settle();
    }
  }

  /** To be read before the touch; of what the event makes there is nothing yet. */
  #isMissing({ event, id }: Touch): boolean {
    if (this.#entries.has(id)) return false;
    if (!this.#trustsCreation || !this.#model.creates?.includes(event.type)) return true;
    this.#entries.set(id, { read: undefined, current: undefined });
    return false;
  }

  /** Brings the documents up to the last touch. */
  async #settle(): Promise<void> {
    const missing = new Set<Id>();
    for (let index = this.#settled; index < this.#touches.length; index++) {
      const touch = this.#touches[index]!;
      if (!missing.has(touch.id) && this.#isMissing(touch)) missing.add(touch.id);
    }
    await this.#read(missing);
    for (; this.#settled < this.#touches.length; this.#settled++) {
      const { event, id } = this.#touches[this.#settled]!;
      const entry = this.#entries.get(id)!;
      const { current } = entry;
      if (current && current.position >= event.position) continue;
      const known = current?.gone ? undefined : current;
      const outcome = this.#model.project(known, event, id, this.#tools);
      const next = outcome instanceof Promise ? await outcome : outcome;
      // A deletion leaves its mark on what was never seen, too: a rebuild cannot read what was erased before it.
      if (next === undefined) continue;
      const { position } = event;
      entry.current = next === 'gone' ? { _id: id, position, gone: true } : { ...next, _id: id, position };
    }
  }

  async #read(ids: ReadonlySet<Id>): Promise<void> {
    if (ids.size === 0) return;
    const stored = this.#collection.find({ _id: { $in: [...ids] } }, { batchSize: ids.size + 1 });
    for (const id of ids) this.#entries.set(id, { read: undefined, current: undefined });
    for await (const document of stored) {
      this.#entries.set(document._id, { read: document, current: document });
    }
  }

  /**
   * Reads at once what the batch is going to touch, as far as that can be told without looking it up: each lookup would
   * else read what came before it.
   */
  async #foresee(): Promise<void> {
    if (this.#isForeseen) return;
    this.#isForeseen = true;
    const ids = new Set<Id>();
    const blind: Lookup = { idsWhere: () => Promise.resolve([]) };
    for (const event of this.#events) {
      for (const id of await this.#model.documentIds(event, blind))
        if (!ids.has(id) && this.#isMissing({ event, id })) ids.add(id);
    }
    await this.#read(ids);
  }

  /** False when another runner changed one of the documents meanwhile. */
  async #write(): Promise<boolean> {
    const operations: AnyBulkWriteOperation<AnyStored>[] = [];
    let inserts = 0;
    for (const { read, current } of this.#entries.values()) {
      if (!current || current === read) continue;
      if (read) {
        const filter = { _id: read._id, position: read.position };
        operations.push({ replaceOne: { filter, replacement: current } });
      } else {
        inserts++;
        operations.push({ insertOne: { document: current } });
      }
    }
    if (operations.length === 0) return true;
    try {
      const result = await this.#collection.bulkWrite(operations, { ordered: false });
      return result.matchedCount === operations.length - inserts;
    } catch (error) {
      if (!(error instanceof MongoBulkWriteError)) throw error;
      const errors = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
      if (errors.length === 0 || errors.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
      return false;
    }
  }

  async #idsWhere(values: Readonly<Record<string, FieldValue>>): Promise<Id[]> {
    await this.#foresee();
    await this.#settle();
    const ids = new Set<Id>(await this.#stored(values));
    for (const [id, { read, current }] of this.#entries) {
      if (current === read) continue;
      if (current && !current.gone && matches(current, values)) ids.add(id);
      else ids.delete(id);
    }
    return [...ids];
  }

  async #stored(values: Readonly<Record<string, FieldValue>>): Promise<readonly Id[]> {
    const key = JSON.stringify(values);
    const known = this.#found.get(key);
    if (known) return known;
    const found = await this.#collection.find({ ...values }, { projection: { _id: 1 } }).toArray();
    const ids = found.map(({ _id }) => _id);
    this.#found.set(key, ids);
    return ids;
  }
}

function matches(document: AnyStored, values: Readonly<Record<string, FieldValue>>): boolean {
  return Object.entries(values).every(([path, value]) => holds(document, path.split('.'), value));
}

function holds(found: unknown, path: readonly string[], value: FieldValue): boolean {
  if (Array.isArray(found)) return found.some((element) => holds(element, path, value));
  const [field, ...rest] = path;
  if (field === undefined) return found === value;
  if (typeof found !== 'object' || found === null) return false;
  return holds((found as Record<string, unknown>)[field], rest, value);
}
