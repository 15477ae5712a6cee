import { parseArgs } from 'node:util';
import { dataDirectory } from '../client/options.ts';
import { CommandError } from '../command-error.ts';
import { openDataDirectory } from '../data-directory/open.ts';
import { endRequested } from '../end-requested.ts';
import { type RunningEngines, startEngines } from './start-engines.ts';
import { eventstoreUrl, mongodbUrl } from './workers.ts';

/** Runs the two engines alone until a signal, or until the channel to a parent that made one closes. */
export async function engines(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { 'data-dir': { type: 'string' } } });
  const { ending } = endRequested();
  const dataDir = dataDirectory(values['data-dir']);
  const lock = openDataDirectory(dataDir);
  const running = await start(dataDir);
  const { log = 0, database = 0 } = running.ports;
  process.stdout.write(`EVENTSTORE_URL=${eventstoreUrl(log)}\nMONGODB_URL=${mongodbUrl(database)}\n`);
  await Promise.race([ending, running.died]);
  await running.close();
  lock.release();
}

async function start(dataDir: string): Promise<RunningEngines> {
  try {
    return await startEngines(dataDir, { log: 0, database: 0 });
  } catch (cause) {
    throw new CommandError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
