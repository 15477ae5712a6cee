import { randomUUID } from 'node:crypto';
import { EventLog, type StoredEvent } from '@touchline/event-log';
import { type Engines, startEngines } from '@touchline/testing/engines';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { followEvents } from './follow-events.ts';
import { silentLogger } from './logger.ts';
import { connectMongo, type Mongo } from './mongo.ts';

const type = 'test.v1.Followed';

let engines: Engines;
let log: EventLog;
let mongo: Mongo;

beforeAll(async () => {
  engines = await startEngines();
  log = EventLog.connect({ url: engines.eventstoreUrl });
  mongo = connectMongo(engines.mongodbUrl);
});

afterAll(async () => {
  await log?.close();
  await mongo?.close();
  await engines?.close();
});

async function append(stream: string, number: number): Promise<void> {
  const id = randomUUID();
  const metadata = { correlation_id: id, actor: 'user:1', at: new Date().toISOString() };
  await log.append(stream, [{ type, data: { number }, id, metadata }], 'any');
}

/** Follows until it is stopped. @param handle what is done with the events of `stream` */
function follow(name: string, stream: string, handle: (event: StoredEvent) => Promise<void>) {
  const stopping = new AbortController();
  const done = followEvents({
    log,
    state: mongo.state('follow-test'),
    name,
    types: [type],
    handle: async (event) => {
      if (event.stream === stream) await handle(event);
    },
    signal: stopping.signal,
    logger: silentLogger,
  });
  return async () => {
    stopping.abort();
    await done;
  };
}

it('hands out each event in order, and goes on after the last when it is started again', async () => {
  const stream = `follow-${randomUUID()}`;
  const seen: number[] = [];
  const handle = async ({ revision }: StoredEvent) => void seen.push(revision);
  await append(stream, 1);
  await append(stream, 2);
  const stopFirst = follow(stream, stream, handle);
  await expect.poll(() => seen, { timeout: 20_000 }).toEqual([0, 1]);
  // The third says that the second was taken note of.
  await append(stream, 3);
  await expect.poll(() => seen, { timeout: 20_000 }).toEqual([0, 1, 2]);
  await stopFirst();
  await append(stream, 4);
  const stopSecond = follow(stream, stream, handle);
  await expect.poll(() => seen.at(-1), { timeout: 20_000 }).toBe(3);
  await stopSecond();
  expect(seen.filter((revision) => revision < 2)).toEqual([0, 1]);
});

it('tries again what fails, and lets no later event overtake it', async () => {
  const stream = `follow-${randomUUID()}`;
  const tried: number[] = [];
  await append(stream, 1);
  await append(stream, 2);
  const stop = follow(stream, stream, async ({ revision }) => {
    tried.push(revision);
    if (tried.length < 3) throw new Error('not yet');
  });
  await expect.poll(() => tried, { timeout: 20_000 }).toEqual([0, 0, 0, 1]);
  await stop();
});
