import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

import { decideAppend, type ExpectedRevision, type StreamView } from './append-decision.ts';
import { METADATA_TYPE, type ProposedEvent, TOMBSTONE_REVISION, TOMBSTONE_TYPE } from './records.ts';
import type { StreamCatalog, StreamHead } from './stream-catalog.ts';
import { isSoftDeleted, SOFT_DELETE_METADATA, undeletedMetadata } from './stream-metadata.ts';
import { describedStreamOf, isMetadataStream, metadataStreamOf } from './stream-name.ts';

export type WriteOutcome =
  | {
      readonly kind: 'written';
      /** -1 when nothing was written to a stream without events. */
      readonly lastRevision: number;
      /** Of the last event; undefined for the retry of events that a deletion has hidden since. */
      readonly position: number | undefined;
    }
  | { readonly kind: 'wrong-expected-revision'; readonly actualRevision: number }
  | { readonly kind: 'stream-deleted' };

const EMPTY = new Uint8Array();
/** An id that no event has: a deletion is never a retry. */
const NEW_ID = '';

const systemEvent = (type: string, isJson: boolean, data: Uint8Array): ProposedEvent => ({
  id: randomUUID().replaceAll('-', ''),
  type,
  isJson,
  metadata: EMPTY,
  data,
});

const metadataEvent = (json: string): ProposedEvent =>
  systemEvent(METADATA_TYPE, true, Buffer.from(json, 'utf8'));

/** Writes events. All methods but `reset` must run within a transaction and decide before they write. */
export class LogWriter {
  readonly #catalog: StreamCatalog;
  readonly #insert;
  readonly #selectLastPosition;
  readonly #selectId;
  readonly #selectLatestRevision;
  readonly #selectPosition;
  #lastPosition = 0;

  constructor(database: DatabaseSync, catalog: StreamCatalog) {
    this.#catalog = catalog;
    this.#insert = database.prepare(
      'INSERT INTO events (position, stream, revision, id, created_ms, is_json, type, metadata, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#selectLastPosition = database.prepare('SELECT max(position) AS position FROM events');
    this.#selectId = database.prepare('SELECT id FROM events WHERE stream = ? AND revision = ?');
    // Left to itself, SQLite walks down the stream's revisions instead of looking the id up.
    this.#selectLatestRevision = database.prepare(
      'SELECT max(revision) AS revision FROM events INDEXED BY ids_of_stream WHERE stream = ? AND id = ?',
    );
    this.#selectPosition = database.prepare('SELECT position FROM events WHERE stream = ? AND revision = ?');
    this.reset();
  }

  /** Of the newest event, written in this transaction or before; 0 when there is none. */
  get lastPosition(): number {
    return this.#lastPosition;
  }

  /** Takes the last position from the table, after a transaction was undone. */
  reset(): void {
    this.#lastPosition = Number(this.#selectLastPosition.get()?.['position'] ?? 0);
  }

  append(stream: string, expected: ExpectedRevision, events: readonly ProposedEvent[]): WriteOutcome {
    if (this.#catalog.isTombstoned(stream)) return { kind: 'stream-deleted' };
    const head = this.#catalog.head(stream);
    const decision = decideAppend(
      expected,
      events.map((event) => event.id),
      this.#view(head),
    );
    switch (decision.kind) {
      case 'stream-deleted':
        return decision;
      case 'wrong-expected-revision':
        return { kind: decision.kind, actualRevision: head.lastRevision };
      case 'repeat':
        return {
          kind: 'written',
          lastRevision: decision.lastRevision,
          position: this.#positionOf(head, decision.lastRevision),
        };
      case 'write':
        return this.#write(head, events, decision.undelete);
      default:
        return decision satisfies never;
    }
  }

  /** Hides the stream's events; its revisions go on when it is appended to again. */
  softDelete(stream: string, expected: ExpectedRevision): WriteOutcome {
    const refused = this.#checkDeletion(stream, expected);
    if (refused !== undefined) return refused;
    const { lastRevision } = this.#catalog.head(stream);
    if (lastRevision < 0) return { kind: 'wrong-expected-revision', actualRevision: -1 };
    this.#setMetadata(stream, SOFT_DELETE_METADATA);
    return { kind: 'written', lastRevision, position: this.#lastPosition };
  }

  /** Ends the stream for ever. */
  tombstone(stream: string, expected: ExpectedRevision): WriteOutcome {
    const refused = this.#checkDeletion(stream, expected);
    if (refused !== undefined) return refused;
    const head = this.#catalog.head(stream);
    this.#insertEvent(head, TOMBSTONE_REVISION, systemEvent(TOMBSTONE_TYPE, false, EMPTY));
    head.hasTombstone = true;
    return { kind: 'written', lastRevision: head.lastRevision, position: this.#lastPosition };
  }

  #checkDeletion(stream: string, expected: ExpectedRevision): WriteOutcome | undefined {
    if (this.#catalog.isTombstoned(stream)) return { kind: 'stream-deleted' };
    const head = this.#catalog.head(stream);
    const decision = decideAppend(expected, [NEW_ID], this.#view(head));
    switch (decision.kind) {
      case 'write':
        return undefined;
      case 'stream-deleted':
        return decision;
      case 'wrong-expected-revision':
      case 'repeat':
        return { kind: 'wrong-expected-revision', actualRevision: head.lastRevision };
      default:
        return decision satisfies never;
    }
  }

  #write(head: StreamHead, events: readonly ProposedEvent[], undelete: boolean): WriteOutcome {
    if (events.length === 0)
      return { kind: 'written', lastRevision: head.lastRevision, position: this.#lastPosition };
    const firstRevision = head.lastRevision + 1;
    const wakes = isMetadataStream(head.name) && this.#isSoftlyDeleted(describedStreamOf(head.name));
    for (const event of events) this.#insertNext(head, event);
    const written: WriteOutcome = {
      kind: 'written',
      lastRevision: head.lastRevision,
      position: this.#lastPosition,
    };
    if (isMetadataStream(head.name)) this.#catalog.forgetMetadata(head.name);
    if (undelete) this.#undelete(head.name, firstRevision);
    // New metadata for a softly deleted stream brings it back, empty.
    if (wakes)
      this.#undelete(
        describedStreamOf(head.name),
        this.#catalog.head(describedStreamOf(head.name)).lastRevision + 1,
      );
    return written;
  }

  #undelete(stream: string, firstRevision: number): void {
    this.#setMetadata(stream, undeletedMetadata(this.#catalog.rawMetadataOf(stream) ?? '{}', firstRevision));
  }

  #setMetadata(stream: string, json: string): void {
    const metadataStream = metadataStreamOf(stream);
    this.#insertNext(this.#catalog.head(metadataStream), metadataEvent(json));
    this.#catalog.forgetMetadata(metadataStream);
  }

  #insertNext(head: StreamHead, event: ProposedEvent): void {
    this.#insertEvent(head, head.lastRevision + 1, event);
    head.lastRevision += 1;
  }

  #insertEvent(head: StreamHead, revision: number, event: ProposedEvent): void {
    const stream = this.#catalog.ensureRow(head);
    const id = Buffer.from(event.id, 'hex');
    this.#insert.run(
      this.#lastPosition + 1,
      stream,
      revision,
      id,
      Date.now(),
      Number(event.isJson),
      event.type,
      event.metadata,
      event.data,
    );
    this.#lastPosition += 1;
  }

  #isSoftlyDeleted(stream: string): boolean {
    return isSoftDeleted(this.#catalog.metadataOf(this.#catalog.head(stream)));
  }

  #positionOf(head: StreamHead, revision: number): number | undefined {
    if (isSoftDeleted(this.#catalog.metadataOf(head))) return undefined;
    return Number(this.#selectPosition.get(head.id, revision)?.['position']);
  }

  #view(head: StreamHead): StreamView {
    return {
      lastRevision: head.lastRevision,
      softDeleted: isSoftDeleted(this.#catalog.metadataOf(head)),
      hasMetadata: this.#catalog.hasMetadata(head.name),
      idAt: (revision) => {
        if (revision > head.lastRevision) return undefined;
        const id = this.#selectId.get(head.id, revision)?.['id'];
        return id instanceof Uint8Array ? Buffer.from(id).toString('hex') : undefined;
      },
      latestRevisionOf: (eventId) => {
        if (head.lastRevision < 0) return undefined;
        const revision = this.#selectLatestRevision.get(head.id, Buffer.from(eventId, 'hex'))?.['revision'];
        return typeof revision === 'number' ? revision : undefined;
      },
    };
  }
}
