import { type BSONSerializeOptions, type Document, MongoNetworkError } from 'mongodb';
import type { ReadModelCollection, ReadModelDocument } from './read-model.ts';

/** Fields (dotted paths) or operators; looser than the driver's type, which wants ids to be its own. */
export type QueryFilter = Readonly<Record<string, unknown>>;

export interface StoredQuery {
  readonly filter: QueryFilter;
  readonly sort: Readonly<Record<string, 1 | -1>>;
  readonly skip: number;
  readonly limit: number;
  /** Fields that are left out of the documents. */
  readonly without?: readonly string[];
}

interface Batch {
  readonly id: bigint;
  readonly firstBatch?: Buffer[];
  readonly nextBatch?: Buffer[];
}

/** Documents stay as they came, and a cursor's id is a bigint. */
const asStored: BSONSerializeOptions = {
  fieldsAsRaw: { firstBatch: true, nextBatch: true },
  useBigInt64: true,
};

/**
 * The documents of a query as they are stored, in BSON: at least one batch, and hardly ever a second one. The driver's
 * cursor takes each document apart before it gives its bytes away, which costs as much as everything else.
 *
 * @throws MongoError
 */
export async function* findStored<D extends ReadModelDocument>(
  { db, collectionName }: Pick<ReadModelCollection<D>, 'db' | 'collectionName'>,
  { filter, sort, skip, limit, without = [] }: StoredQuery,
): AsyncGenerator<Buffer[], void, void> {
  const session = db.client.startSession();
  const run = async (command: Document): Promise<Batch> =>
    (await db.command(command, { ...asStored, session }))['cursor'] as Batch;
  let batch: Batch | undefined;
  try {
    const projection = Object.fromEntries(without.map((field) => [field, 0]));
    const find = { find: collectionName, filter, projection, sort, skip, limit, batchSize: limit + 1 };
    batch = await run(find).catch((error: unknown) => {
      // As the driver does with reads: the connection may be an old one.
      if (error instanceof MongoNetworkError) return run(find);
      throw error;
    });
    while (batch.id !== 0n) {
      yield documentsOf(batch);
      batch = await run({ getMore: batch.id, collection: collectionName });
    }
  } finally {
    if (batch !== undefined && batch.id !== 0n) {
      await run({ killCursors: collectionName, cursors: [batch.id] }).catch(() => undefined);
    }
    await session.endSession();
  }
  yield documentsOf(batch);
}

const documentsOf = ({ firstBatch, nextBatch }: Batch): Buffer[] => firstBatch ?? nextBatch ?? [];
