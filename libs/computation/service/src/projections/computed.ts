import type { Position } from '@touchline/event-log';
import type { MetricsDocument } from '@touchline/metrics';
import type { ReadModel, ReadModelCollection } from '@touchline/read-models';

/** The computed document of a time frame, unrounded. Written by the computer, not by the projections. */
export interface ComputedDocument {
  _id: number;
  algorithm: number;
  document: MetricsDocument;
}

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

/** Replaces an older document; a newer one, of another instance, stays. @throws MongoError */
export async function writeComputed(
  computed: Collection,
  document: { _id: number; position: Position } & ({ gone: true } | Omit<ComputedDocument, '_id'>),
): Promise<void> {
  try {
    await computed.replaceOne(
      { _id: document._id, position: { $lt: document.position } },
      // A deleted document has nothing but its id and position.
      document as Parameters<typeof computed.replaceOne>[1],
      { upsert: true },
    );
  } catch (error) {
    if ((error as { code?: unknown }).code !== DUPLICATE_KEY) throw error;
  }
}

/** Every time frame that was touched up to here has its document; `''` when nothing is known. @throws MongoError */
export async function sweptOf(computed: Collection): Promise<Position> {
  return (await computed.findOne({ _id: SWEPT }))?.position ?? '';
}

/** Remembers, when nothing is left to do, that a restart need not look further back. @throws MongoError */
export function writeSwept(computed: Collection, position: Position): Promise<void> {
  return writeComputed(computed, { _id: SWEPT, position, gone: true });
}
