import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { EngineError } from '../errors.ts';

const SCHEMA_VERSION = 1;

/** `position` is the place in $all; ids are looked up within a stream, to recognise a retried append. */
const SCHEMA = `
  CREATE TABLE streams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    id BLOB NOT NULL,
    created_ms INTEGER NOT NULL,
    is_json INTEGER NOT NULL,
    type TEXT NOT NULL,
    metadata BLOB NOT NULL,
    data BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX events_of_stream ON events (stream, revision);
  CREATE INDEX ids_of_stream ON events (stream, id, revision);
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** A whole check reads the whole file; beyond this size a start would take too long, and pages are checked as they are read. */
const MAX_CHECKED_BYTES = 128 * 1024 * 1024;

const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** SQLite's primary result code, 0 when the error is none of SQLite's. */
export function sqliteCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : 0;
}

const corrupt = (file: string, cause: unknown): EngineError =>
  new EngineError(
    'database-corrupt',
    `The log's database ${file} is damaged: ${cause instanceof Error ? cause.message : String(cause)}. ` +
      'Nothing was changed. Restore the file (with its -wal file, if any) from a backup, or move it away to start with an empty log.',
    cause,
  );

function explain(file: string, error: unknown): EngineError {
  const code = sqliteCode(error);
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) return corrupt(file, error);
  if (code === SQLITE_BUSY) {
    return new EngineError(
      'database-in-use',
      `The log's database ${file} is in use by another process. Stop that one, or choose another data directory.`,
      error,
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new EngineError(
    'data-directory-unusable',
    `The log cannot write ${file}: ${reason}. The data directory and the files in it must be writable by this user, and the disk must have room.`,
    error,
  );
}

/** What is said of a failure while the log runs. */
export function storageMessage(file: string, error: unknown, doing: 'read' | 'write'): string {
  const reason = error instanceof Error ? error.message : String(error);
  const kept = doing === 'write' ? ' Nothing of it was kept.' : '';
  const advice =
    sqliteCode(error) === SQLITE_CORRUPT ? ' The file is damaged: restore it from a backup.' : '';
  return `The log could not ${doing} ${file}: ${reason}.${kept}${advice}`;
}

/**
 * Opens or creates the log's database, locked against other processes by the operating system.
 * Every commit is on the disk before it returns (WAL, synchronous=FULL).
 * @throws EngineError that names the file and what to do.
 */
export function openDatabase(dataDir: string): { database: DatabaseSync; file: string } {
  const file = path.join(dataDir, 'log.sqlite');
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dataDir, { recursive: true });
    const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    // Made here, so that nobody else may read it; SQLite gives its other files the same rights.
    closeSync(openSync(file, 'a', 0o600));
    database = new DatabaseSync(file);
    database.exec(`
      PRAGMA page_size = 8192;
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA secure_delete = ON;
      PRAGMA cache_size = -32768;
      PRAGMA wal_autocheckpoint = 2048;
    `);
    // Takes the lock at once, for as long as the connection lives.
    database.exec('BEGIN IMMEDIATE');
    prepareSchema(database, file);
    database.exec('COMMIT');
    if (bytes > 0 && bytes <= MAX_CHECKED_BYTES) check(database, file);
    return { database, file };
  } catch (error) {
    database?.close();
    throw error instanceof EngineError ? error : explain(file, error);
  }
}

function prepareSchema(database: DatabaseSync, file: string): void {
  const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
  if (version === SCHEMA_VERSION) return;
  const objects = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.['count'];
  if (version === 0 && objects === 0) {
    database.exec(SCHEMA);
    return;
  }
  throw new EngineError(
    'database-newer',
    `The database ${file} has the format ${String(version)}; this version of Touchline reads format ${SCHEMA_VERSION}. ` +
      'Start the version that wrote it, or choose another data directory.',
  );
}

function check(database: DatabaseSync, file: string): void {
  const result = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (result !== 'ok') throw corrupt(file, new Error(String(result).replaceAll('\n', ' ').trim()));
}
