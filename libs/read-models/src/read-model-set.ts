import type { Collection, Db } from 'mongodb';
import type { Position, StoredEvent } from '@touchline/event-log';
import { Overlay } from './overlay.ts';
import type {
  AnyStored,
  ProjectTools,
  ReadModel,
  ReadModelCollection,
  ReadModelDocument,
} from './read-model.ts';

const CHECKPOINT = 'checkpoint';

interface CheckpointDocument {
  _id: 'position';
  position: Position;
  /** Consumed so far: about what a rebuild has to read. */
  events: number;
}

/** All collections of a context that were filled together, `<name>.<number>`, and how far: `checkpoint.<number>`. */
export class ReadModelSet {
  readonly number: number;
  readonly #db: Db;
  readonly #models: readonly ReadModel[];

  /** @throws RangeError when two models share a name or one has a name of the runner's own */
  constructor(db: Db, number: number, models: readonly ReadModel[]) {
    const names = new Set([CHECKPOINT, 'sets']);
    for (const { name } of models) {
      if (names.has(name)) throw new RangeError(`the name ${name} of a read model is taken`);
      names.add(name);
    }
    this.number = number;
    this.#db = db;
    this.#models = models;
  }

  collection<D extends ReadModelDocument>(model: ReadModel<D>): ReadModelCollection<D> {
    return this.#db.collection(`${model.name}.${this.number}`);
  }

  /** Makes collections and indexes; what is there stays. @throws MongoError */
  async create(): Promise<void> {
    for (const model of this.#models) {
      if (model.indexes.length === 0) continue;
      await this.collection(model).createIndexes(
        model.indexes.map((index) => ({ ...index, key: { ...index.key } })),
      );
    }
  }

  /**
   * Applies events in the order of the log, without moving the checkpoint. Events applied before change nothing.
   *
   * @throws what the read models throw, MongoError
   */
  async apply(events: readonly StoredEvent[], tools: ProjectTools): Promise<void> {
    await Promise.all(
      this.#models.map(async (model) => {
        const consumed = events.filter(({ type }) => model.consumes.includes(type));
        if (consumed.length === 0) return;
        const collection = this.collection(model) as unknown as Collection<AnyStored>;
        await new Overlay(collection, model, tools).apply(consumed);
      }),
    );
  }

  /** Everything up to here is in the documents. @throws MongoError */
  async checkpoint(): Promise<Position | undefined> {
    const document = await this.#checkpoints().findOne({ _id: 'position' });
    return document?.position;
  }

  /** How many events the set has consumed. @throws MongoError */
  async consumed(): Promise<number> {
    const document = await this.#checkpoints().findOne({ _id: 'position' });
    return document?.events ?? 0;
  }

  /**
   * Moves the checkpoint forward, never back.
   *
   * @param events consumed since the last one
   * @throws MongoError
   */
  async moveCheckpoint(position: Position, events = 0): Promise<void> {
    const checkpoints = this.#checkpoints();
    const behind = { _id: 'position', position: { $lt: position } } as const;
    const moved = await checkpoints.updateOne(behind, { $set: { position }, $inc: { events } });
    if (moved.matchedCount > 0) return;
    await checkpoints.updateOne(
      { _id: 'position' },
      { $setOnInsert: { position, events } },
      { upsert: true },
    );
  }

  /** Counts events that were consumed without moving the checkpoint. @throws MongoError */
  async countConsumed(events: number): Promise<void> {
    if (events > 0) await this.#checkpoints().updateOne({ _id: 'position' }, { $inc: { events } });
  }

  #checkpoints(): Collection<CheckpointDocument> {
    return this.#db.collection<CheckpointDocument>(`${CHECKPOINT}.${this.number}`);
  }
}
