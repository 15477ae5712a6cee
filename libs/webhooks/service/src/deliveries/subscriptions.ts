import { type Binary, type Collection, type Db, MongoBulkWriteError } from 'mongodb';
import type { Position } from '@touchline/event-log';

/** A webhook as it was when the log had come to `position`. */
export interface Subscription {
  _id: number;
  activity: number;
  url: string;
  /** Absent when it never had a token, or has it no longer. */
  secret?: { keyId: string; nonce: Binary; ciphertext: Binary };
  activityEvents: boolean;
  timeFramesEvents: boolean;
  position: Position;
  disabled?: true;
  /** `activity`: what was pending when its activity was deleted is still delivered. */
  ended?: 'deleted' | 'activity';
}

/** A time frame as it was when the log had come to `position`. */
export interface KnownTimeFrame {
  _id: number;
  activity: number;
  position: Position;
  gone?: true;
}

/** An activity that was deleted. */
interface DeletedActivity {
  _id: number;
  position: Position;
}

interface Checkpoint {
  _id: string;
  position: Position;
}

interface Placed {
  _id: number;
  position: Position;
}

/**
 * What the log said so far of webhooks and time frames, kept as state since calls that were derived from it are never
 * derived from a later one. A document is replaced only by one of a later place in the log. Each method throws MongoError.
 */
export class Subscriptions {
  readonly #subscriptions: Collection<Subscription>;
  readonly #timeFrames: Collection<KnownTimeFrame>;
  readonly #deletedActivities: Collection<DeletedActivity>;
  readonly #checkpoints: Collection<Checkpoint>;

  constructor(state: Db) {
    this.#subscriptions = state.collection('subscriptions');
    this.#timeFrames = state.collection('time-frames');
    this.#deletedActivities = state.collection('deleted-activities');
    this.#checkpoints = state.collection('checkpoints');
  }

  async createIndexes(): Promise<void> {
    await this.#subscriptions.createIndexes([{ key: { activity: 1 } }, { key: { ended: 1 }, sparse: true }]);
    await this.#timeFrames.createIndexes([{ key: { activity: 1 } }]);
  }

  async checkpoint(): Promise<Position | undefined> {
    return (await this.#checkpoints.findOne({ _id: 'deliveries' }))?.position;
  }

  async moveCheckpoint(position: Position): Promise<void> {
    await this.#checkpoints.updateOne({ _id: 'deliveries' }, { $set: { position } }, { upsert: true });
  }

  async byId(id: number): Promise<Subscription | undefined> {
    return (await this.#subscriptions.findOne({ _id: id })) ?? undefined;
  }

  /** Those of the ids and of the activities. */
  async find(ids: readonly number[], activities: readonly number[]): Promise<Subscription[]> {
    if (ids.length === 0 && activities.length === 0) return [];
    const [named, ofActivities] = await Promise.all([
      ids.length === 0 ? [] : this.#subscriptions.find({ _id: { $in: [...ids] } }).toArray(),
      activities.length === 0
        ? []
        : this.#subscriptions.find({ activity: { $in: [...activities] } }).toArray(),
    ]);
    return [...named, ...ofActivities];
  }

  /** Whose activity was deleted and whose queue was not seen empty yet. */
  async ending(): Promise<Subscription[]> {
    return this.#subscriptions.find({ ended: 'activity', secret: { $exists: true } }).toArray();
  }

  async timeFrames(ids: readonly number[], activities: readonly number[]): Promise<KnownTimeFrame[]> {
    if (ids.length === 0 && activities.length === 0) return [];
    const [named, ofActivities] = await Promise.all([
      ids.length === 0 ? [] : this.#timeFrames.find({ _id: { $in: [...ids] } }).toArray(),
      activities.length === 0 ? [] : this.#timeFrames.find({ activity: { $in: [...activities] } }).toArray(),
    ]);
    return [...named, ...ofActivities];
  }

  async deletedActivities(ids: readonly number[]): Promise<ReadonlySet<number>> {
    if (ids.length === 0) return new Set();
    const found = await this.#deletedActivities.find({ _id: { $in: [...ids] } }).toArray();
    return new Set(found.map(({ _id }) => _id));
  }

  saveSubscriptions(documents: readonly Subscription[]): Promise<void> {
    return replaceOlder(this.#subscriptions, documents);
  }

  saveTimeFrames(documents: readonly KnownTimeFrame[]): Promise<void> {
    return replaceOlder(this.#timeFrames, documents);
  }

  saveDeletedActivities(documents: readonly DeletedActivity[]): Promise<void> {
    return replaceOlder(this.#deletedActivities, documents);
  }

  /** The secret of a webhook that sends nothing any longer. */
  async forgetSecret(id: number): Promise<void> {
    await this.#subscriptions.updateOne({ _id: id }, { $unset: { secret: '' } });
  }
}

/** Where a later document is there, the upsert meets its id and nothing happens. */
async function replaceOlder<D extends Placed>(
  collection: Collection<D>,
  documents: readonly D[],
): Promise<void> {
  if (documents.length === 0) return;
  // The driver's types cannot see that every D has these fields.
  const loose = collection as unknown as Collection<Placed>;
  try {
    await loose.bulkWrite(
      documents.map((document) => ({
        replaceOne: {
          filter: { _id: document._id, position: { $lt: document.position } },
          replacement: document,
          upsert: true,
        },
      })),
      { ordered: false },
    );
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    if ([error.writeErrors].flat().some(({ code }) => code !== 11000)) throw error;
  }
}
