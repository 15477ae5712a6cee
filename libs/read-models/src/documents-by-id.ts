import { together } from '@touchline/event-log';
import type { ProjectionRunner } from './projection-runner.ts';
import type { ReadModel, ReadModelDocument, Stored } from './read-model.ts';

/** Documents of the live set by their ids; what is asked for while a query is under way is one query more. */
export class DocumentsById<D extends ReadModelDocument> {
  /** The document, of a deleted one its id and position; null when there is none. @throws MongoError */
  readonly get: (id: D['_id']) => Promise<Stored<D> | null>;

  constructor(projections: Pick<ProjectionRunner, 'collection'>, model: ReadModel<D>) {
    this.get = together(async (ids) => {
      const collection = await projections.collection(model);
      const found = new Map<D['_id'], Stored<D>>();
      // The driver's type wants to know more of the ids than that they are.
      const filter = { _id: { $in: [...new Set(ids)] } } as Parameters<typeof collection.find>[0];
      const documents = await collection.find(filter, { batchSize: ids.length + 1 }).toArray();
      for (const document of documents) {
        found.set(document._id as D['_id'], document as Stored<D>);
      }
      return ids.map((id) => found.get(id) ?? null);
    });
  }
}
