import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { repositoryRoot } from '@touchline/testing/shared';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of the one system for all specs that do not harm it; see global-setup.ts. */
    url: string;
    dataDir: string;
    credentials: Credentials;
  }
}

export const root = repositoryRoot();

export interface Credentials {
  readonly admin_username: string;
  readonly admin_password: string;
  readonly client_id: string;
  readonly client_secret: string;
}

export interface RunningSystem {
  readonly url: string;
  readonly dataDir: string;
  readonly credentials: Credentials;
  readonly child: ChildProcess;
  /** What the command has written so far. */
  said(): string;
  /** SIGTERM; resolves with the exit status. */
  stop(): Promise<number | null>;
  /** SIGKILL to the supervisor and everything below it, at once. */
  kill(): Promise<void>;
}

/** Where the OAuth client's users are sent back to; nobody listens there. */
export const redirectUri = 'http://127.0.0.1:9/back?of=app';

export const newDataDir = (): string => mkdtempSync(path.join(tmpdir(), 'touchline-e2e-'));
export const removeDataDir = (dataDir: string): void => rmSync(dataDir, { recursive: true, force: true });

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** The arguments of Node for a subcommand of `npm run touchline`. */
export const command = (...args: string[]): string[] => [
  '--conditions=touchline-source',
  path.join(root, 'apps/touchline/src/main.ts'),
  ...args,
];

/** The process and all below it. */
export function family(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const members = [pid];
  for (const member of members)
    for (const [child, parent] of parents) if (parent === member) members.push(child);
  return members;
}

const exited = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once('exit', (code) => resolve(code)));

/** Starts the whole system as its user would, and waits until it says that it is ready. */
export async function startSystem(
  dataDir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningSystem> {
  const child = spawn(process.execPath, command('start', '--data-dir', dataDir), {
    cwd: root,
    env: {
      ...process.env,
      PORT: String(await freePort()),
      NODE_OPTIONS: '',
      // Receivers of callbacks that the tests start.
      WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8',
      TOUCHLINE_CLIENT_REDIRECT_URIS: redirectUri,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ready = new Promise<string>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      said += `${line}\n`;
      const url = /^Touchline is ready at (\S+)$/.exec(line)?.[1];
      if (url) resolve(url);
    });
  });
  const url = await Promise.race([ready, exited(child).then(() => undefined)]);
  if (url === undefined) throw new Error(`the system did not start:\n${said}`);
  return {
    url,
    dataDir,
    child,
    said: () => said,
    credentials: JSON.parse(readFileSync(path.join(dataDir, 'credentials.json'), 'utf8')) as Credentials,
    stop() {
      child.kill('SIGTERM');
      return exited(child);
    },
    async kill() {
      for (const pid of family(child.pid ?? 0)) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It ended meanwhile.
        }
      }
      await exited(child);
    },
  };
}
