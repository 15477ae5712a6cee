export { DocumentsById } from './documents-by-id.ts';
export { ItemBuffer } from './item-buffer.ts';
export { followEvents, type FollowOptions } from './follow-events.ts';
export { KeyDestroyed, KeyStore } from './key-store.ts';
export { Lease, type LeaseOptions } from './lease.ts';
export { listMessages } from './list-messages.ts';
export { LiveSet } from './live-set.ts';
export { type ReadModelsLogger } from './logger.ts';
export { connectMongo, Mongo } from './mongo.ts';
export { ProjectionRunner, type ProjectionRunnerOptions } from './projection-runner.ts';
export {
  findLive,
  foldedContains,
  foldedSearch,
  listPage,
  listStored,
  live,
  type Page,
  type PageOptions,
  type QueryFilter,
  type StoredRows,
} from './queries.ts';
export { ReadAudit, type ReadEntry, type Reading } from './read-audit.ts';
export {
  type FieldValue,
  type IndexDefinition,
  type Lookup,
  type ProjectTools,
  type ReadModel,
  type ReadModelCollection,
  type ReadModelDocument,
  type Stored,
} from './read-model.ts';
export { RowEncoder } from './row-encoder.ts';
export { ReadModelSet } from './read-model-set.ts';
export { type DerivedDocuments, type RebuildPhase, type RebuildProgress } from './rebuild.ts';
