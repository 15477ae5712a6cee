import { type Collection, MongoClient } from 'mongodb';

export interface Filling {
  readonly timeFrames: number;
  /** So many of them are the owner's, evenly among the others'. */
  readonly ownTimeFrames: number;
  /** All readable by whoever reads the first athlete. */
  readonly athletes: number;
  /** READ grants on each athlete: that of the first athlete's reader, and others'. */
  readonly permissions: number;
  readonly owner: number;
}

interface Row {
  _id: number;
  [field: string]: unknown;
}

const BATCH = 5000;
/** Above all ids that the log has given. */
const FIRST_ID = 100_000_000;

/**
 * Copies rows that the projections made, under new ids: what the lists cost, without the hours that so many commands
 * would take. The log knows nothing of them.
 */
export async function fillReadModels(mongodbUrl: string, filling: Filling): Promise<void> {
  const client = await MongoClient.connect(mongodbUrl);
  try {
    const timeFrames = await live(client, 'activity', 'time-frames');
    const frame = await oneOf(timeFrames);
    const every = Math.max(1, Math.floor(filling.timeFrames / filling.ownTimeFrames));
    await fill(timeFrames, filling.timeFrames, (i) => ({
      ...frame,
      _id: FIRST_ID + i,
      owner: i % every === 0 ? filling.owner : FIRST_ID + (i % 97),
      activity: FIRST_ID + (i % 1000),
    }));
    const athletes = await live(client, 'identity', 'athletes');
    const athlete = await oneOf(athletes);
    const reader = (athlete['readers'] as readonly object[])[0];
    if (!reader) throw new Error('Nobody may read the first athlete.');
    const readers = (i: number) =>
      Array.from({ length: filling.permissions }, (_, k) =>
        k === 0 ? reader : { ...reader, manager: FIRST_ID + ((i * 31 + k * 7) % 4999) },
      );
    await fill(athletes, filling.athletes, (i) => ({
      ...athlete,
      _id: FIRST_ID + i,
      username: `Number ${i}`,
      readers: readers(i),
      folded: { ...(athlete['folded'] as object), username: `number ${i}`, lastName: `of ${i}` },
      searched: `number ${i}\n${athlete['email'] as string}\nnumber\nof ${i}`,
    }));
  } finally {
    await client.close();
  }
}

/** The collection of a read model that is served; a system that was started just now has one set. */
async function live(client: MongoClient, context: string, model: string): Promise<Collection<Row>> {
  const database = client.db(context);
  const collections = await database.listCollections({}, { nameOnly: true }).toArray();
  const names = collections.map(({ name }) => name).filter((name) => name.startsWith(`${model}.`));
  const [name] = names;
  if (name === undefined || names.length > 1)
    throw new Error(`${context} has ${names.length} sets of ${model}.`);
  return database.collection<Row>(name);
}

async function oneOf(collection: Collection<Row>): Promise<Row> {
  const found = await collection.findOne({ gone: { $exists: false } });
  if (!found) throw new Error(`${collection.collectionName} is empty.`);
  return found;
}

async function fill(collection: Collection<Row>, count: number, row: (i: number) => Row): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    const length = Math.min(BATCH, count - from);
    await collection.insertMany(
      Array.from({ length }, (_, i) => row(from + i)),
      { ordered: false },
    );
  }
}
