import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from './shared.ts';

export interface Engines {
  eventstoreUrl: string;
  mongodbUrl: string;
  /** Ends the engines that were started here and removes their data. */
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 20_000;

/**
 * The two engines for a suite: the servers of `EVENTSTORE_URL` and `MONGODB_URL` when given, else embedded ones in a
 * process of their own with a temporary data directory. Given servers are shared: suites use names of their own.
 *
 * @throws Error with the engines' own words when they do not start
 */
export async function startEngines(): Promise<Engines> {
  const { EVENTSTORE_URL: eventstoreUrl, MONGODB_URL: mongodbUrl } = process.env;
  if (eventstoreUrl && mongodbUrl) return { eventstoreUrl, mongodbUrl, close: async () => {} };
  const dataDir = await mkdtemp(join(tmpdir(), 'touchline-engines-'));
  const main = join(repositoryRoot(), 'apps/touchline/src/main.ts');
  const child = spawn(
    process.execPath,
    ['--conditions=touchline-source', main, 'engines', '--data-dir', dataDir],
    // The channel ends the engines when this process dies without saying so.
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  );
  const close = async () => {
    await ended(child);
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const urls = await announcedUrls(child);
    return {
      eventstoreUrl: eventstoreUrl || urls.eventstoreUrl,
      mongodbUrl: mongodbUrl || urls.mongodbUrl,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function announcedUrls(child: ChildProcess): Promise<Omit<Engines, 'close'>> {
  return new Promise((resolve, reject) => {
    let output = '';
    let complaints = '';
    const fail = (why: string) => {
      clearTimeout(timer);
      reject(new Error(`the engines did not start: ${why}\n${complaints}${output}`));
    };
    const timer = setTimeout(() => fail(`nothing announced within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints += text));
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const log = /^EVENTSTORE_URL=(.+)\n/m.exec(output)?.[1];
      const database = /^MONGODB_URL=(.+)\n/m.exec(output)?.[1];
      if (log === undefined || database === undefined) return;
      clearTimeout(timer);
      resolve({ eventstoreUrl: log, mongodbUrl: database });
    });
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => fail(`ended with ${code ?? signal}`));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exited;
  clearTimeout(timer);
}
