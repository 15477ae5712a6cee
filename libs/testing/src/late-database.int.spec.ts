import { createServer, type AddressInfo, type Server, type Socket, connect } from 'node:net';
import { connectMongo } from '@touchline/read-models';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startEngines, type Engines } from './engines.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await startEngines();
});
afterAll(() => engines?.close());

/** Hands every connection on to the database once it listens. */
async function doorTo(url: string, port: number): Promise<Server> {
  const { hostname, port: inner } = new URL(url);
  const server = createServer((outside: Socket) => {
    const inside = connect(Number(inner), hostname);
    for (const [from, to] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

test('a database that comes long after the first operation gave up is found', async () => {
  const first = await doorTo(engines.mongodbUrl, 0);
  const { port } = first.address() as AddressInfo;
  await new Promise((resolve) => first.close(resolve));
  const mongo = connectMongo(`mongodb://127.0.0.1:${port}/`, { serverSelectionTimeoutMs: 100 });
  await expect(mongo.ping()).rejects.toThrow();
  await expect(mongo.ping()).rejects.toThrow();
  const door = await doorTo(engines.mongodbUrl, port);
  try {
    await vi.waitUntil(
      () =>
        mongo.ping().then(
          () => true,
          () => false,
        ),
      { timeout: 20_000 },
    );
    await mongo.ping();
  } finally {
    await mongo.close();
    door.close();
  }
});
