import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { RunningEngine } from '../engines/workers.ts';

export const logFile = 'log.sqlite';
export const databaseFile = 'database.sqlite';

export interface EnginePair {
  readonly log: Pick<RunningEngine, 'ask'>;
  readonly database: Pick<RunningEngine, 'ask'>;
}

/**
 * Copies the log and the state databases of running engines into a directory. Read models stay out: they are made anew
 * from the log.
 *
 * The two copies must belong to one moment. Were the log later than the state, it would hold events sealed under keys
 * that the state lacks, which nobody can ever open. Were it earlier, a key destroyed in between could be gone from the
 * state before the log has what was sealed anew in its place. So the state is copied while its engine holds still, the
 * log tells at that very moment where it ends, and whatever the copy of the log, made after that at leisure, holds
 * beyond is cut off. What was acknowledged before the beginning is in both.
 *
 * @returns the position at which the copy of the log ends
 */
export async function copyEngines({ log, database }: EnginePair, directory: string): Promise<number> {
  const gate = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const open = () => {
    Atomics.store(new Int32Array(gate), 0, 1);
    Atomics.notify(new Int32Array(gate), 0);
  };
  const moment = Promise.withResolvers<number>();
  moment.promise.catch(() => undefined);
  const file = path.join(directory, databaseFile);
  await database.ask({ ask: 'copy', file, nameEnd: '-state', gate }, () => {
    log.ask({ ask: 'position' }).then(moment.resolve, moment.reject).finally(open);
  });
  const position = await moment.promise;
  await log.ask({ ask: 'copy', file: path.join(directory, logFile) });
  return position;
}

/** Takes away what a copy of the log holds beyond the position. */
export function cutLog(directory: string, position: number): void {
  const database = new DatabaseSync(path.join(directory, logFile));
  try {
    database.exec('PRAGMA secure_delete = ON; PRAGMA synchronous = FULL');
    database.prepare('DELETE FROM events WHERE position > ?').run(position);
  } finally {
    database.close();
  }
}
