import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/**
 * Below what systems hand out to outgoing connections, so that a port stays free while the process that listened on it
 * is started again.
 */
const range = { first: 15_000, last: 31_999 };

/** Distinct ports on which nobody listens at the moment. */
export async function freePorts(count: number): Promise<number[]> {
  const held: { port: number; server: Server }[] = [];
  for (let attempts = 0; held.length < count; attempts += 1) {
    if (attempts > count + 1000)
      throw new Error(`No free ports were found from ${range.first} to ${range.last}.`);
    const port = randomInt(range.first, range.last + 1);
    const server = await tryListen('127.0.0.1', port);
    if (server instanceof Error) continue;
    held.push({ port, server });
  }
  await Promise.all(held.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  return held.map(({ port }) => port);
}

/** @returns the error when the port cannot be listened on */
export async function portProblem(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  const server = await tryListen(host, port);
  if (server instanceof Error) return server;
  await new Promise((resolve) => server.close(resolve));
  return undefined;
}

function tryListen(host: string, port: number): Promise<Server | NodeJS.ErrnoException> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port }, () => resolve(server));
  });
}
