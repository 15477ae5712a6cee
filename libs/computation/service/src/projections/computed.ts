import type { Position } from '@touchline/event-log';
import type { MetricsDocument } from '@touchline/metrics';
import type { ReadModel, ReadModelCollection } from '@touchline/read-models';

/** The computed document of a time frame, unrounded. Written by the computer, not by the projections. */
export type ComputedDocument = { _id: number; algorithm: number } & Computed;

/** Of a recording without samples only when it changed last: the rest follows from the time frame. */
export type Computed = { document: MetricsDocument } | { document: null; changedMs: number };

/** In the set of the projections, so that it is rebuilt and switched with them. */
export const computedModel: ReadModel<ComputedDocument> = {
  name: 'computed',
  consumes: [],
  indexes: [],
  documentIds: () => [],
  project: () => undefined,
};

/** Beside the computed documents: time frames touched up to here are all computed. */
const SWEPT = -1;
const DUPLICATE_KEY = 11000;

type Collection = ReadModelCollection<ComputedDocument>;

export type WrittenDocument = { _id: number; position: Position } & (
  { gone: true } | ({ algorithm: number } & Computed)
);

/** Each replaces an older document; a newer one, of another instance, stays. @throws MongoError */
export async function writeComputed(
  computed: Collection,
  documents: readonly WrittenDocument[],
): Promise<void> {
  const operations = documents.map((document) => ({
    replaceOne: {
      filter: { _id: document._id, position: { $lt: document.position } },
      replacement: document,
      upsert: true,
    },
  }));
  try {
    // A deleted document has nothing but its id and position.
    await computed.bulkWrite(operations as Parameters<typeof computed.bulkWrite>[0], { ordered: false });
  } catch (error) {
    const errors = [(error as { writeErrors?: readonly { code?: unknown }[] }).writeErrors ?? []].flat();
    if (errors.length === 0 || errors.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
  }
}

/** Every time frame that was touched up to here has its document; `''` when nothing is known. @throws MongoError */
export async function sweptOf(computed: Collection): Promise<Position> {
  return (await computed.findOne({ _id: SWEPT }))?.position ?? '';
}

/** Remembers, when nothing is left to do, that a restart need not look further back. @throws MongoError */
export function writeSwept(computed: Collection, position: Position): Promise<void> {
  return writeComputed(computed, [{ _id: SWEPT, position, gone: true }]);
}
