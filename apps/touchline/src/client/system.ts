import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient, type ClientCredentials } from './api.ts';
import { CommandError } from '../command-error.ts';

export interface System {
  readonly url: string;
  readonly client: ClientCredentials;
  /** Signed in as the operator. */
  readonly admin: ApiClient;
  /** Ends the system when this command started it, else leaves it alone. */
  stop(): Promise<void>;
}

type Environment = Readonly<Record<string, string>>;

const PATIENCE_MS = 60_000;

interface Credentials {
  readonly admin_username: string;
  readonly admin_password: string;
  readonly client_id: string;
  readonly client_secret: string;
}

async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

/** Starts the system as its user would and waits for the line that says it is ready. */
async function start(dataDir: string, env: Environment): Promise<{ url: string; stop(): Promise<void> }> {
  const main = path.resolve(import.meta.dirname, `../main${path.extname(import.meta.filename)}`);
  const child = spawn(process.execPath, [...process.execArgv, main, 'start', '--data-dir', dataDir], {
    env: { ...env, ...process.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ready = new Promise<string>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      const url = /^Touchline is ready at (\S+)$/.exec(line)?.[1];
      if (url) resolve(url);
    });
  });
  const url = await Promise.race([ready, exited.then(() => undefined)]);
  if (url === undefined) throw new CommandError('Touchline did not start.');
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Where the system answers that runs on the data directory, or one started now. */
export async function findOrStart(
  dataDir: string,
  env: Environment = {},
): Promise<Pick<System, 'url' | 'stop'>> {
  const giveUpMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const running = await readJson<{ url: string; pid: number }>(path.join(dataDir, 'run.json'));
    if (!running || !isAlive(running.pid)) return start(dataDir, env);
    if (await answers(running.url)) return { url: running.url, stop: () => Promise.resolve() };
    // One of its processes is being started again, or it is ending.
    if (performance.now() > giveUpMs) throw new CommandError(`${running.url} is there but not ready.`);
    await delay(100);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * The system that runs on the data directory, or one started now, with its operator signed in.
 *
 * @param env of one that is started now, where the own environment says nothing else
 */
export async function findOrStartSystem(dataDir: string, env: Environment = {}): Promise<System> {
  const { url, stop } = await findOrStart(dataDir, env);
  try {
    const credentials = await readJson<Credentials>(path.join(dataDir, 'credentials.json'));
    if (!credentials)
      throw new CommandError(`There are no credentials in ${path.join(dataDir, 'credentials.json')}.`);
    const client = { clientId: credentials.client_id, clientSecret: credentials.client_secret };
    const admin = await new ApiClient(url).signIn(
      client,
      credentials.admin_username,
      credentials.admin_password,
    );
    return { url, client, admin, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
