import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { dataDirectory } from '../client/options.ts';
import { CommandError } from '../command-error.ts';
import { openDataDirectory } from '../data-directory/open.ts';
import { writePrivateJson } from '../data-directory/private-file.ts';
import { startEngines } from '../engines/start-engines.ts';
import { askToCopy } from './door.ts';
import { cutLog, databaseFile, logFile } from './copy-engines.ts';

/** Written last: a directory without it is no backup. */
export const manifestFile = 'backup.json';
export const formatVersion = '1';
/** What the engines' files cannot be read without, and the credentials made at the first start. */
export const secretFiles = ['secrets.json', 'credentials.json', 'import-credentials.json'] as const;

const HELP = `Usage: npm run touchline -- backup <directory> [options]

Copies the log and the state of a deployment on embedded engines into a new directory, while it runs or while it does not.
The secrets of the deployment (secrets.json) are part of it: whoever has the backup can read everything in it. Read models
are left out; a start on the restored directory makes them anew.

  --data-dir <dir>   the deployment (TOUCHLINE_DATA_DIR; default ./.touchline)
`;

/** `touchline backup <dir>` */
export async function backup(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return;
  }
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { 'data-dir': { type: 'string' } },
  });
  const [given, surplus] = positionals;
  if (given === undefined || surplus !== undefined)
    throw new CommandError(`Name the one directory that the backup goes to.\n\n${HELP}`, { exitCode: 64 });
  const target = path.resolve(given);
  const dataDir = dataDirectory(values['data-dir']);
  if (!existsSync(path.join(dataDir, 'secrets.json')))
    throw new CommandError(`There is no deployment in ${dataDir}: it has no secrets.json.`);
  makeEmpty(target, 'The backup goes to a new directory');
  const startedAt = new Date();
  const position = await copied(dataDir, target);
  cutLog(target, position);
  for (const file of secretFiles) {
    const source = path.join(dataDir, file);
    if (existsSync(source)) copyFileSync(source, path.join(target, file));
  }
  for (const file of readdirSync(target)) chmodSync(path.join(target, file), 0o600);
  writePrivateJson(path.join(target, manifestFile), {
    format: formatVersion,
    started_at: startedAt.toISOString(),
    log_position: String(position),
  });
  const megabytes = [logFile, databaseFile].reduce(
    (sum, file) => sum + statSync(path.join(target, file)).size,
    0,
  );
  process.stdout.write(
    `The backup is in ${target} (${(megabytes / 1e6).toFixed(1)} MB), as of ${startedAt.toISOString()} or a little later.\n` +
      'It holds the secrets of the deployment: keep it as you keep those.\n',
  );
}

async function copied(dataDir: string, target: string): Promise<number> {
  try {
    const position = await askToCopy(dataDir, target);
    if (position !== undefined) return position;
  } catch (cause) {
    throw new CommandError(`The engines could not be copied: ${messageOf(cause)}`, { cause });
  }
  if (!existsSync(path.join(dataDir, logFile)))
    throw new CommandError(
      `${dataDir} has no embedded engines. A deployment on servers of its own is backed up with their own tools.`,
    );
  const lock = openDataDirectory(dataDir);
  try {
    return await copiedFromStopped(dataDir, target);
  } finally {
    lock.release();
  }
}

async function copiedFromStopped(dataDir: string, target: string): Promise<number> {
  const engines = await startEngines(dataDir, { log: 0, database: 0 });
  try {
    const position = await askToCopy(dataDir, target);
    if (position === undefined) throw new CommandError('The engines ended before they were copied.');
    return position;
  } finally {
    await engines.close();
  }
}

/** @throws CommandError when the directory has something in it */
export function makeEmpty(directory: string, what: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (readdirSync(directory).length === 0) return;
  } catch (cause) {
    throw new CommandError(`${directory} cannot be used: ${messageOf(cause)}`, { cause });
  }
  throw new CommandError(`${what}, and ${directory} is not empty.`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
