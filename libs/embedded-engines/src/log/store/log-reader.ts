import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

import type { EventFilter } from './event-filter.ts';
import type { StoredEvent } from './records.ts';
import type { StreamCatalog, StreamHead } from './stream-catalog.ts';
import { isSoftDeleted, visibleRange } from './stream-metadata.ts';

const COLUMNS = 'position, stream, revision, id, created_ms, is_json, type, metadata, data';

/** Bounds what one page holds in memory; a page has at least one event. */
const MAX_PAGE_BYTES = 256 * 1024;
const MAX_PAGE_EVENTS = 256;
/** How many events one page of a filtered read looks at, at most. */
const SEARCHED_PER_PAGE = 1024;

export interface AllQuery {
  /** Most events of the page. */
  readonly limit: number;
  readonly filter?: EventFilter | undefined;
  /** Most events to look at, matching or not. */
  readonly window?: number | undefined;
}

export type StreamState = 'missing' | 'deleted' | 'tombstoned' | 'readable';

export interface StreamPage {
  readonly events: readonly StoredEvent[];
  /** Whether the stream's end was reached. */
  readonly atEnd: boolean;
}

export interface AllPage {
  readonly events: readonly StoredEvent[];
  /** Up to where it was looked, inclusive; where to go on. */
  readonly searchedTo: number;
  /** How many events were looked at, matching or not. */
  readonly searched: number;
  readonly atEnd: boolean;
}

type Row = Iterable<unknown> & { readonly [column: number]: unknown };

/** Reads pages of bounded size; every page is a consistent view of its own. */
export class LogReader {
  readonly #catalog: StreamCatalog;
  readonly #lastPosition: () => number;
  readonly #streamForwards: StatementSync;
  readonly #streamBackwards: StatementSync;
  readonly #allForwards: StatementSync;
  readonly #allBackwards: StatementSync;
  readonly #filteredForwards: StatementSync;
  readonly #filteredBackwards: StatementSync;
  readonly #one: StatementSync;
  /** What the SQL function `wanted` asks; set for the time of one query. */
  #wanted: (streamId: number, type: string) => boolean = () => true;

  constructor(database: DatabaseSync, catalog: StreamCatalog, lastPosition: () => number) {
    this.#catalog = catalog;
    this.#lastPosition = lastPosition;
    // As a function in SQL the filter sees an event before SQLite reads its data, which may lie on many pages.
    database.function('wanted', (streamId, type) => Number(this.#wanted(Number(streamId), String(type))));
    const prepare = (condition: string): StatementSync => {
      const statement = database.prepare(`SELECT ${COLUMNS} FROM events WHERE ${condition}`);
      statement.setReturnArrays(true);
      return statement;
    };
    this.#streamForwards = prepare(
      'stream = ? AND revision >= ? AND revision <= ? AND created_ms >= ? ORDER BY revision',
    );
    this.#streamBackwards = prepare(
      'stream = ? AND revision >= ? AND revision <= ? AND created_ms >= ? ORDER BY revision DESC',
    );
    this.#allForwards = prepare('position > ? AND position <= ? ORDER BY position');
    this.#allBackwards = prepare('position > ? AND position <= ? ORDER BY position DESC');
    this.#filteredForwards = prepare(
      'position > ? AND position <= ? AND wanted(stream, type) ORDER BY position',
    );
    this.#filteredBackwards = prepare(
      'position > ? AND position <= ? AND wanted(stream, type) ORDER BY position DESC',
    );
    this.#one = prepare('stream = ? AND revision = ?');
  }

  get lastPosition(): number {
    return this.#lastPosition();
  }

  stateOf(stream: string): StreamState {
    if (this.#catalog.isTombstoned(stream)) return 'tombstoned';
    const head = this.#catalog.head(stream);
    if (head.lastRevision < 0) return 'missing';
    return isSoftDeleted(this.#catalog.metadataOf(head)) ? 'deleted' : 'readable';
  }

  lastRevisionOf(stream: string): number {
    return this.#catalog.head(stream).lastRevision;
  }

  /** At most `limit` visible events with revisions from `from` on. */
  streamForwards(stream: string, from: number, limit: number): StreamPage {
    const head = this.#catalog.head(stream);
    return this.#streamPage(head, this.#streamForwards, from, head.lastRevision, limit);
  }

  /** At most `limit` visible events with revisions from `from` down. */
  streamBackwards(stream: string, from: number, limit: number): StreamPage {
    const head = this.#catalog.head(stream);
    return this.#streamPage(head, this.#streamBackwards, 0, Math.min(from, head.lastRevision), limit);
  }

  #streamPage(
    head: StreamHead,
    statement: StatementSync,
    from: number,
    to: number,
    limit: number,
  ): StreamPage {
    const { firstRevision, createdSinceMs } = visibleRange(
      this.#catalog.metadataOf(head),
      head.lastRevision,
      Date.now(),
    );
    const first = Math.max(from, firstRevision);
    if (first > to) return { events: [], atEnd: true };
    const { events, exhausted } = this.#take(statement, [head.id, first, to, createdSinceMs], limit);
    return { events, atEnd: exhausted };
  }

  /** Events after position `after`, oldest first. */
  allForwards(after: number, { limit, filter, window = SEARCHED_PER_PAGE }: AllQuery): AllPage {
    const last = this.#lastPosition();
    const to = Math.min(last, after + Math.min(window, SEARCHED_PER_PAGE));
    if (after >= last) return { events: [], searchedTo: after, searched: 0, atEnd: true };
    const { events, exhausted } = this.#takeFiltered(
      filter,
      this.#allForwards,
      this.#filteredForwards,
      [after, to],
      limit,
    );
    const searchedTo = exhausted ? to : (events.at(-1)?.position ?? to);
    return { events, searchedTo, searched: searchedTo - after, atEnd: searchedTo >= last };
  }

  /** Events before position `before`, newest first. */
  allBackwards(before: number, { limit, filter, window = SEARCHED_PER_PAGE }: AllQuery): AllPage {
    const newest = Math.min(before - 1, this.#lastPosition());
    const after = Math.max(0, newest - Math.min(window, SEARCHED_PER_PAGE));
    if (newest <= 0) return { events: [], searchedTo: 1, searched: 0, atEnd: true };
    const { events, exhausted } = this.#takeFiltered(
      filter,
      this.#allBackwards,
      this.#filteredBackwards,
      [after, newest],
      limit,
    );
    const searchedTo = exhausted ? after + 1 : (events.at(-1)?.position ?? after + 1);
    return { events, searchedTo, searched: newest - searchedTo + 1, atEnd: searchedTo <= 1 };
  }

  /** The event that a link names, when it is there to be read. */
  linked(stream: string, revision: number): StoredEvent | undefined {
    if (this.stateOf(stream) !== 'readable') return undefined;
    const head = this.#catalog.head(stream);
    const { firstRevision, createdSinceMs } = visibleRange(
      this.#catalog.metadataOf(head),
      head.lastRevision,
      Date.now(),
    );
    if (revision < firstRevision || revision > head.lastRevision) return undefined;
    const [event] = this.#take(this.#one, [head.id, revision], 1).events;
    return event !== undefined && event.createdMs >= createdSinceMs ? event : undefined;
  }

  /** The event that ended a stream, when one did. */
  tombstoneOf(stream: string, tombstoneRevision: number): StoredEvent | undefined {
    return this.#take(this.#one, [this.#catalog.head(stream).id, tombstoneRevision], 1).events[0];
  }

  #takeFiltered(
    filter: EventFilter | undefined,
    plain: StatementSync,
    filtered: StatementSync,
    parameters: readonly SQLInputValue[],
    limit: number,
  ): { events: StoredEvent[]; exhausted: boolean } {
    if (filter === undefined) return this.#take(plain, parameters, limit);
    this.#wanted =
      filter.on === 'type'
        ? (_, type) => filter.matches(type)
        : (stream) => filter.matches(this.#catalog.nameOf(stream));
    return this.#take(filtered, parameters, limit);
  }

  #take(
    statement: StatementSync,
    parameters: readonly SQLInputValue[],
    limit: number,
  ): { events: StoredEvent[]; exhausted: boolean } {
    const events: StoredEvent[] = [];
    const most = Math.min(limit, MAX_PAGE_EVENTS);
    let bytes = 0;
    for (const row of statement.iterate(...parameters) as Iterable<unknown>) {
      const event = this.#event(row as Row);
      events.push(event);
      bytes += event.data.length + event.metadata.length;
      if (events.length >= most || bytes >= MAX_PAGE_BYTES) return { events, exhausted: false };
    }
    return { events, exhausted: true };
  }

  #event(row: Row): StoredEvent {
    return {
      position: row[0] as number,
      stream: this.#catalog.nameOf(row[1] as number),
      revision: row[2] as number,
      id: row[3] as Uint8Array,
      createdMs: row[4] as number,
      isJson: row[5] === 1,
      type: row[6] as string,
      metadata: row[7] as Uint8Array,
      data: row[8] as Uint8Array,
    };
  }
}
