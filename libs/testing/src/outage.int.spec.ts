import { randomUUID } from 'node:crypto';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { EventLog, EventLogUnavailable, eventId, type EncodedEvent } from '@touchline/event-log';
import { connectMongo, ProjectionRunner, type ReadModel } from '@touchline/read-models';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEngines, type Engines } from './engines.ts';

/** A door to a server that can be shut and opened again. */
class Door {
  readonly #host: string;
  readonly #port: number;
  readonly #open = new Set<Socket>();
  #server: Server | undefined;
  #ownPort = 0;

  constructor(url: string) {
    const { hostname, port } = new URL(url.replace(/^[a-z+]+:/, 'http:'));
    this.#host = hostname;
    this.#port = Number(port);
  }

  through(url: string): string {
    return url.replace(`${this.#host}:${this.#port}`, `127.0.0.1:${this.#ownPort}`);
  }

  async open(): Promise<void> {
    this.#server = createServer((inner) => {
      const outer = connect(this.#port, this.#host);
      for (const [socket, other] of [
        [inner, outer],
        [outer, inner],
      ] as const) {
        this.#open.add(socket);
        socket.on('error', () => other.destroy()).on('close', () => other.destroy());
        socket.pipe(other);
      }
    });
    await new Promise<void>((resolve) => this.#server!.listen(this.#ownPort, '127.0.0.1', resolve));
    this.#ownPort = (this.#server.address() as AddressInfo).port;
  }

  async shut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    for (const socket of this.#open) socket.resetAndDestroy();
    this.#open.clear();
    await closed;
  }
}

interface Counter {
  _id: string;
  count: number;
}

let engines: Engines;
let directLog: EventLog;
const run = randomUUID().slice(0, 8);
const type = `test.${run}.Counted`;
const counters: ReadModel<Counter> = {
  name: 'counters',
  consumes: [type],
  indexes: [],
  documentIds: () => ['all'],
  project: (counter) => ({ _id: 'all', count: (counter?.count ?? 0) + 1 }),
};

beforeAll(async () => {
  engines = await startEngines();
  directLog = EventLog.connect({ url: engines.eventstoreUrl });
});
afterAll(async () => {
  await directLog?.close();
  await engines?.close();
});

let made = 0;
function event(): EncodedEvent {
  const metadata = { correlation_id: 'c', actor: 'user:1', at: '2021-11-19T10:00:00.000Z' };
  return { type, id: eventId(run, 'counter', made++), data: {}, metadata };
}

describe('after an outage', () => {
  test('of both engines everything goes on by itself, soon, with nothing lost or doubled', async () => {
    const logDoor = new Door(engines.eventstoreUrl);
    const mongoDoor = new Door(engines.mongodbUrl);
    await Promise.all([logDoor.open(), mongoDoor.open()]);
    const log = EventLog.connect({ url: logDoor.through(engines.eventstoreUrl), appendTimeoutMs: 1_000 });
    const mongo = connectMongo(mongoDoor.through(engines.mongodbUrl), { serverSelectionTimeoutMs: 1_000 });
    const runner = new ProjectionRunner({
      context: `t${run}`,
      log,
      mongo,
      models: [counters],
      instance: 'one',
    });
    runner.start();
    await runner.ready;
    for (const outageMs of [0, 3_000]) {
      await Promise.all([logDoor.shut(), mongoDoor.shut()]);
      const { position } = await directLog.append(`${run}-counter`, [event()], 'any');
      if (outageMs > 0) {
        const begunMs = performance.now();
        while (performance.now() - begunMs < outageMs) {
          await expect(log.append(`${run}-refused`, [event()], 'any')).rejects.toThrow(EventLogUnavailable);
        }
      }
      await Promise.all([logDoor.open(), mongoDoor.open()]);
      const openedMs = performance.now();
      await log.append(`${run}-again-${outageMs}`, [{ ...event(), type: `test.${run}.Other` }], 'any');
      const appendedMs = performance.now() - openedMs;
      await runner.waitFor([{ eventType: type, position }], AbortSignal.timeout(20_000));
      const projectedMs = performance.now() - openedMs;
      console.log(
        `outage of ${outageMs} ms: append after ${appendedMs.toFixed(0)} ms, read model after ${projectedMs.toFixed(0)} ms`,
      );
      expect(projectedMs).toBeLessThan(10_000);
    }
    const collection = await runner.collection(counters);
    expect(await collection.findOne({ _id: 'all' })).toMatchObject({ count: 2 });
    await runner.stop();
    await mongo.readModels(`t${run}`).dropDatabase();
    await mongo.state(`t${run}`).dropDatabase();
    await Promise.all([log.close(), mongo.close()]);
    await Promise.all([logDoor.shut(), mongoDoor.shut()]);
  });
});
