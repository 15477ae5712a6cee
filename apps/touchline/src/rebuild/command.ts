import { parseArgs } from 'node:util';
import {
  operator,
  readModelsClient,
  RebuildPhase,
  RpcError,
  serviceToken,
  TokenSigner,
} from '@touchline/rpc';
import { dataDirectory } from '../client/options.ts';
import { findOrStart } from '../client/system.ts';
import { CommandError } from '../command-error.ts';
import { readRunFile } from '../data-directory/run-file.ts';
import { endRequested } from '../end-requested.ts';
import { loadSecrets } from '../start/secrets.ts';
import { RebuildBar } from './rebuild-bar.ts';

const HELP = `Usage: npm run touchline -- rebuild [<context>|all] [options]

Makes the read models of a context anew from the log, beside those that are read meanwhile, and then switches to them.
Ctrl-C before the switch leaves everything as it was.

  --data-dir <dir>   where the system keeps everything (TOUCHLINE_DATA_DIR; default ./.touchline)
`;

/** A rebuild may take as long as it takes. */
const PATIENCE_MS = 7 * 86_400_000;
const INTERRUPTED = 130;

/** `touchline rebuild [<context>|all]`, on the system that runs on the data directory or on one started for it. */
export async function rebuild(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return;
  }
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { 'data-dir': { type: 'string' } },
  });
  const [wanted = 'all', surplus] = positionals;
  if (surplus !== undefined)
    throw new CommandError(`Name one context or "all", not also "${surplus}".`, { exitCode: 64 });
  const dataDir = dataDirectory(values['data-dir']);
  const interrupted = new AbortController();
  void endRequested().ending.then(() => interrupted.abort());
  const system = await findOrStart(dataDir);
  try {
    const services = readRunFile(dataDir)?.services ?? {};
    const token = serviceToken(TokenSigner.fromPrivateJwk(loadSecrets(dataDir).keys.serviceKey), operator);
    const dropping: Promise<void>[] = [];
    for (const [context, address] of chosen(services, wanted)) {
      const switched = Promise.withResolvers<void>();
      const over = rebuildContext(context, address, token, interrupted.signal, switched.resolve);
      over.catch(() => undefined);
      dropping.push(over);
      // The old set stays a while for those who do not know yet; the next context need not wait for that.
      await Promise.race([switched.promise, over]);
    }
    await Promise.all(dropping);
  } catch (error) {
    if (interrupted.signal.aborted)
      throw new CommandError('Interrupted. What had not been switched is as it was.', {
        exitCode: INTERRUPTED,
      });
    throw error;
  } finally {
    await system.stop();
  }
}

function chosen(services: Readonly<Record<string, string>>, wanted: string): [string, string][] {
  const all = Object.entries(services);
  if (wanted === 'all') return all;
  const found = all.filter(([context]) => context === wanted);
  if (found.length > 0) return found;
  const known = all.map(([context]) => context).join(', ');
  throw new CommandError(`There is no context "${wanted}". Name one of ${known}, or "all".`, {
    exitCode: 64,
  });
}

async function rebuildContext(
  context: string,
  address: string,
  token: () => Promise<string>,
  signal: AbortSignal,
  onSwitched: () => void,
): Promise<void> {
  const client = readModelsClient(address, token);
  const bar = new RebuildBar(context);
  try {
    for await (const report of client.rebuild({}, { signal, timeoutMs: PATIENCE_MS })) {
      bar.show(report);
      if (report.phase === RebuildPhase.SWITCHED || report.phase === RebuildPhase.DONE) {
        bar.finish();
        onSwitched();
      }
    }
  } catch (cause) {
    bar.stop();
    if (signal.aborted || !(cause instanceof RpcError)) throw cause;
    throw new CommandError(`${context} was not rebuilt: ${cause.detail}`, { cause });
  } finally {
    client.close();
  }
}
