import { closeSync, copyFileSync, existsSync, fsyncSync, openSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { dataDirectory } from '../client/options.ts';
import { CommandError } from '../command-error.ts';
import { readPrivateJson } from '../data-directory/private-file.ts';
import { formatVersion, makeEmpty, manifestFile, secretFiles } from './command.ts';
import { databaseFile, logFile } from './copy-engines.ts';

const HELP = `Usage: npm run touchline -- restore <backup> [options]

Puts a backup into a new data directory. Start the system on it as ever; it makes its read models anew from the log.

  --data-dir <dir>   the new directory (TOUCHLINE_DATA_DIR; default ./.touchline)
`;

/** `touchline restore <dir>` */
export async function restore(args: readonly string[]): Promise<void> {
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
    throw new CommandError(`Name the one directory that the backup is in.\n\n${HELP}`, { exitCode: 64 });
  const source = path.resolve(given);
  const manifest = readPrivateJson(path.join(source, manifestFile), ['format', 'started_at', 'log_position']);
  if (!manifest)
    throw new CommandError(
      `${source} holds no complete backup: it has no ${manifestFile}, which is written last.`,
    );
  if (manifest.format !== formatVersion)
    throw new CommandError(
      `The backup in ${source} has format ${manifest.format}; this version restores format ${formatVersion}.`,
    );
  const required = [logFile, databaseFile, 'secrets.json', 'credentials.json'];
  const missing = required.filter((file) => !existsSync(path.join(source, file)));
  if (missing.length > 0) throw new CommandError(`The backup in ${source} lacks ${missing.join(', ')}.`);
  const dataDir = dataDirectory(values['data-dir']);
  makeEmpty(dataDir, 'A backup is restored into a new data directory');
  for (const file of new Set([...required, ...secretFiles]))
    if (existsSync(path.join(source, file))) copyDurably(path.join(source, file), path.join(dataDir, file));
  process.stdout.write(
    `The backup of ${manifest.started_at} is restored into ${dataDir}. The first start makes the read models anew.\n`,
  );
}

function copyDurably(source: string, target: string): void {
  copyFileSync(source, target);
  const descriptor = openSync(target, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
