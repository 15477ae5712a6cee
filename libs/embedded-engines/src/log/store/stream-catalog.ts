import type { DatabaseSync } from 'node:sqlite';

import { TOMBSTONE_REVISION } from './records.ts';
import {
  METADATA_OF_METADATA,
  NO_METADATA,
  parseStreamMetadata,
  type StreamMetadata,
} from './stream-metadata.ts';
import { describedStreamOf, isMetadataStream, metadataStreamOf } from './stream-name.ts';
import { TwoGenerationCache } from './two-generation-cache.ts';

/** What is known of a stream. `id` is 0 and `lastRevision` -1 as long as it has no event. */
export interface StreamHead {
  id: number;
  readonly name: string;
  lastRevision: number;
  hasTombstone: boolean;
  /** Undefined until somebody asks. */
  metadata: StreamMetadata | undefined;
}

const CACHED_STREAMS = 20_000;

/** Streams by name and by id, kept in memory as far as there is room. */
export class StreamCatalog {
  readonly #heads = new TwoGenerationCache<string, StreamHead>(CACHED_STREAMS);
  readonly #names = new TwoGenerationCache<number, string>(CACHED_STREAMS);
  readonly #selectId;
  readonly #selectName;
  readonly #selectLastRevisions;
  readonly #selectData;
  readonly #insert;

  constructor(database: DatabaseSync) {
    this.#selectId = database.prepare('SELECT id FROM streams WHERE name = ?');
    this.#selectName = database.prepare('SELECT name FROM streams WHERE id = ?');
    this.#selectLastRevisions = database.prepare(
      'SELECT revision FROM events WHERE stream = ? ORDER BY revision DESC LIMIT 2',
    );
    this.#selectData = database.prepare('SELECT data FROM events WHERE stream = ? AND revision = ?');
    this.#insert = database.prepare('INSERT INTO streams (name) VALUES (?)');
  }

  head(name: string): StreamHead {
    const known = this.#heads.get(name);
    if (known !== undefined) return known;
    const head = this.#load(name);
    this.#heads.set(name, head);
    return head;
  }

  nameOf(id: number): string {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const name = String(this.#selectName.get(id)?.['name']);
    this.#names.set(id, name);
    return name;
  }

  /** Inserts the stream's row when it has none. Only within a transaction. */
  ensureRow(head: StreamHead): number {
    if (head.id === 0) head.id = Number(this.#insert.run(head.name).lastInsertRowid);
    return head.id;
  }

  /** A tombstone also ends the metadata stream. */
  isTombstoned(name: string): boolean {
    return (
      this.head(name).hasTombstone ||
      (isMetadataStream(name) && this.head(describedStreamOf(name)).hasTombstone)
    );
  }

  metadataOf(head: StreamHead): StreamMetadata {
    if (isMetadataStream(head.name)) return METADATA_OF_METADATA;
    if (head.metadata !== undefined) return head.metadata;
    const json = this.rawMetadataOf(head.name);
    head.metadata = json === undefined ? NO_METADATA : parseStreamMetadata(json);
    return head.metadata;
  }

  /** The newest metadata event's data. */
  rawMetadataOf(name: string): string | undefined {
    const { id, lastRevision } = this.head(metadataStreamOf(name));
    if (lastRevision < 0) return undefined;
    const data = this.#selectData.get(id, lastRevision)?.['data'];
    return data instanceof Uint8Array
      ? Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8')
      : undefined;
  }

  hasMetadata(name: string): boolean {
    return this.head(metadataStreamOf(name)).lastRevision >= 0;
  }

  /** To be called when a metadata stream has grown. */
  forgetMetadata(metadataStream: string): void {
    this.head(describedStreamOf(metadataStream)).metadata = undefined;
  }

  clear(): void {
    this.#heads.clear();
    this.#names.clear();
  }

  #load(name: string): StreamHead {
    const id = Number(this.#selectId.get(name)?.['id'] ?? 0);
    const revisions = id === 0 ? [] : this.#selectLastRevisions.all(id).map((row) => Number(row['revision']));
    const hasTombstone = revisions[0] === TOMBSTONE_REVISION;
    return {
      id,
      name,
      lastRevision: revisions[hasTombstone ? 1 : 0] ?? -1,
      hasTombstone,
      metadata: undefined,
    };
  }
}
