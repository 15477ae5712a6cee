import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface Lock {
  release(): void;
}

/**
 * Takes the operating system's lock on `<dir>/<name>.sqlite`: an open exclusive transaction, which ends with the
 * process however it ends.
 *
 * @returns undefined when another process holds it
 * @throws the error of SQLite when the file cannot be used
 */
export function tryLock(dataDir: string, name: string): Lock | undefined {
  const database = new DatabaseSync(path.join(dataDir, `${name}.sqlite`), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return { release: () => database.close() };
}

const sqliteBusy = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy;
}
