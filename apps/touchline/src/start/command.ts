import path from 'node:path';
import { parseArgs } from 'node:util';
import { dataDirectory } from '../client/options.ts';
import { CommandError } from '../command-error.ts';
import { runSystem } from './run-system.ts';

/** Runs the whole system until a signal, or until the channel to a parent that made one closes. */
export async function start(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { 'data-dir': { type: 'string' } } });
  await runSystem({
    dataDir: dataDirectory(values['data-dir']),
    gatewayPort: readPort(process.env['PORT']),
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    entryOf,
  });
}

const here = import.meta.dirname;
const extension = path.extname(import.meta.filename);
const compileCache = path.resolve(here, '../../../../node_modules/.cache/touchline');

/** Sources start sources and compiled files compiled ones. */
function entryOf(name: string): string {
  const built = path.basename(path.dirname(here));
  return name === 'engines'
    ? path.resolve(here, `../engines/process${extension}`)
    : path.resolve(here, '../../..', name, built, `main${extension}`);
}

function readPort(given: string | undefined): number {
  if (given === undefined || given === '') return 8080;
  const port = /^[0-9]{1,5}$/.test(given) ? Number(given) : 0;
  if (port < 1 || port > 65_535) {
    throw new CommandError(`PORT is wrong: expected a port from 1 to 65535, got ${JSON.stringify(given)}.`, {
      exitCode: 78,
    });
  }
  return port;
}
