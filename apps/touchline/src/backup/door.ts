import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { writePrivateJson } from '../data-directory/private-file.ts';
import { copyEngines, type EnginePair } from './copy-engines.ts';

/** How a command reaches the engines that hold the files of a data directory; for the owner of the directory only. */
interface DoorFile {
  port: number;
  token: string;
}

export interface Door {
  close(): Promise<void>;
}

const fileIn = (dataDir: string): string => path.join(dataDir, 'engines.json');
const mostBytes = 16 * 1024;

/** Lets commands on this machine that can read `<dir>/engines.json` have the engines copied. */
export async function openDoor(dataDir: string, engines: EnginePair): Promise<Door> {
  const token = randomBytes(32);
  // The engines take one question at a time.
  let last: Promise<unknown> = Promise.resolve();
  const copy = (directory: string): Promise<number> => {
    const copied = last.then(() => copyEngines(engines, directory));
    last = copied.catch(() => undefined);
    return copied;
  };
  const server = createServer((incoming, response) => {
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (!carries(incoming, token)) return answer(401, { error: 'This is not for you.' });
    bodyOf(incoming)
      .then((body) => copy((JSON.parse(body) as { directory: string }).directory))
      .then(
        (position) => answer(200, { position }),
        (error: unknown) => answer(500, { error: error instanceof Error ? error.message : String(error) }),
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  writePrivateJson(fileIn(dataDir), { port, token: token.toString('base64url') } satisfies DoorFile);
  return {
    close() {
      rmSync(fileIn(dataDir), { force: true });
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function carries({ headers }: IncomingMessage, token: Buffer): boolean {
  const given = Buffer.from(headers.authorization?.replace(/^Bearer /, '') ?? '', 'base64url');
  return given.length === token.length && timingSafeEqual(given, token);
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    if (chunks.reduce((sum, { length }) => sum + length, 0) > mostBytes) throw new Error('That is too much.');
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Has the running engines of a data directory copied into another.
 *
 * @returns the position at which the log's copy ends; undefined when no engines run there
 * @throws Error with the engines' own words
 */
export async function askToCopy(dataDir: string, directory: string): Promise<number | undefined> {
  const door = readDoor(dataDir);
  if (!door) return undefined;
  const answer = await post(door, { directory });
  if (!answer) return undefined;
  if (answer.position === undefined) throw new Error(answer.error ?? 'The engines gave no answer.');
  return answer.position;
}

function readDoor(dataDir: string): DoorFile | undefined {
  try {
    return JSON.parse(readFileSync(fileIn(dataDir), 'utf8')) as DoorFile;
  } catch {
    return undefined;
  }
}

/** Undefined when nobody listens: the file was left by engines that were killed. */
function post(
  { port, token }: DoorFile,
  body: object,
): Promise<{ position?: number; error?: string } | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    // Without a time limit: a large log takes its time.
    const sent = request({ host: '127.0.0.1', port, method: 'POST', headers, agent: false }, (response) => {
      bodyOf(response).then(
        (text) => resolve(JSON.parse(text) as { position?: number; error?: string }),
        reject,
      );
    });
    sent.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNREFUSED' ? resolve(undefined) : reject(error),
    );
    sent.end(JSON.stringify(body));
  });
}
