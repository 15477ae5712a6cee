import type { Collection } from 'mongodb';
import type { Position, StoredEvent } from '@touchline/event-log';

export interface ReadModelDocument {
  _id: string | number;
}

/** A document as it lies in its collection: with the position of the last event applied to it. */
export type Stored<D extends ReadModelDocument> = D & { position: Position; gone?: true };

export interface IndexDefinition {
  key: Readonly<Record<string, 1 | -1>>;
  name?: string;
  /** Deleted documents have no fields left: give `sparse`, too. */
  unique?: boolean;
  sparse?: boolean;
}

export type FieldValue = string | number | boolean;

/** Finds documents by what they hold at the event's place in the log, earlier events of the same batch included. */
export interface Lookup<Id extends string | number = string | number> {
  /** Ids of the documents whose fields (dotted paths) equal the values; an array does when an element does. */
  idsWhere(values: Readonly<Record<string, FieldValue>>): Promise<Id[]>;
}

export interface ReadModel<D extends ReadModelDocument = ReadModelDocument> {
  /** Base name of the collection: `athletes` lies in `athletes.1`. */
  readonly name: string;
  /** Exact event types. */
  readonly consumes: readonly string[];
  readonly indexes: readonly IndexDefinition[];
  /** Those of the types whose events are the first of their documents: these are not looked for before they are made. */
  readonly creates?: readonly string[];
  /** The documents that an event touches. */
  documentIds(
    event: StoredEvent,
    lookup: Lookup<D['_id']>,
  ): readonly D['_id'][] | Promise<readonly D['_id'][]>;
  /**
   * The document after the event; `undefined` leaves it as it is. The same document and event give the same result,
   * whenever and wherever: asynchronous only for decryption.
   */
  project(
    document: D | undefined,
    event: StoredEvent,
    id: D['_id'],
    tools: ProjectTools,
  ): D | 'gone' | undefined | Promise<D | 'gone' | undefined>;
}

export interface ProjectTools {
  /** Aborted when the runner stops or loses its lease. */
  signal: AbortSignal;
}

export type ReadModelCollection<D extends ReadModelDocument> = Collection<Stored<D>>;

/** What the runner itself knows of any document. */
export interface AnyStored {
  _id: string | number;
  position: Position;
  gone?: true;
  [field: string]: unknown;
}
