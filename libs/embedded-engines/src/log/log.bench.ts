import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { EventStoreDBClient, eventTypeFilter, jsonEvent, START } from '@eventstore/db-client';

import { BareLog } from './bench/bare-log.ts';
import { spawnEngine } from './testing/spawn-engine.ts';

/** One figure, beside a baseline measured in the same run. */
interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: number | null;
  readonly ratio: number | null;
  readonly goal: string;
  readonly met: boolean | null;
}

const WARM_UP_APPENDS = 2000;
const SINGLE_APPENDS = 2000;
const PARALLEL_APPENDS = 60_000;
const IN_FLIGHT = 64;
/** Every so many events one has the type that the filtered subscription asks for. */
const WANTED_EVERY = 4;
const READ_RUNS = 3;

const DATA = { athlete: 12, device: 7, channel: 'gnss', note: 'x'.repeat(120) };
const METADATA = { correlation_id: randomUUID(), causation_id: randomUUID(), actor: 'user-12' };
const EVENT_BYTES = {
  data: Buffer.from(JSON.stringify(DATA)),
  metadata: Buffer.from(JSON.stringify(METADATA)),
};
const typeOf = (number: number): string =>
  number % WANTED_EVERY === 0 ? 'bench.v1.Wanted' : 'bench.v1.Other';

async function perSecond(count: number, work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (count * 1000) / (performance.now() - start);
}

const figure = (name: string, value: number, baseline: number, goal: number): Figure => ({
  name,
  value,
  unit: 'events/s',
  baseline,
  ratio: value / baseline,
  goal: `>= ${goal}`,
  met: value >= goal,
});

async function append(client: EventStoreDBClient, count: number, inFlight: number): Promise<void> {
  let sent = 0;
  const writer = async (stream: string): Promise<void> => {
    while (sent < count)
      await client.appendToStream(
        stream,
        jsonEvent({ type: typeOf(sent++), data: DATA, metadata: METADATA }),
      );
  };
  const run = randomUUID();
  await Promise.all(Array.from({ length: inFlight }, (_, number) => writer(`bench-${run}-${number}`)));
}

async function readAll(client: EventStoreDBClient): Promise<number> {
  let count = 0;
  for await (const { event } of client.readAll()) if (event) count += 1;
  return count;
}

/** Events of the type that a filtered subscription gives until it has caught up. */
function catchUp(client: EventStoreDBClient): Promise<number> {
  return new Promise((resolve, reject) => {
    let count = 0;
    const subscription = client.subscribeToAll({
      fromPosition: START,
      filter: eventTypeFilter({ prefixes: ['bench.v1.Wanted'] }),
    });
    subscription.on('data', () => (count += 1));
    subscription.on('error', reject);
    subscription.on('caughtUp', () => resolve(subscription.unsubscribe().then(() => count)));
  });
}

/** The best of a few runs: what the machine does besides only ever makes one slower. */
async function best(measure: () => Promise<number> | number): Promise<number> {
  const rates: number[] = [];
  for (let run = 0; run < READ_RUNS; run += 1) rates.push(await measure());
  return Math.max(...rates);
}

/**
 * The log in a process of its own, through the unmodified client. The baselines are the same events through bare
 * `node:sqlite` in this process: no protocol, no idempotency, the same durability, the same number of events a commit.
 */
export async function* benchLog(): AsyncGenerator<Figure> {
  const folder = await mkdtemp(path.join(tmpdir(), 'touchline-bench-log-'));
  const engine = await spawnEngine(path.join(folder, 'engine'));
  const bare = new BareLog(path.join(folder, 'bare.sqlite'));
  const client = EventStoreDBClient.connectionString(engine.url);
  const bareAppend = (count: number, perCommit: number): Promise<number> =>
    perSecond(count, () => bare.append(count, perCommit, typeOf, EVENT_BYTES));
  try {
    await append(client, WARM_UP_APPENDS, IN_FLIGHT);
    const bareSingle = await bareAppend(SINGLE_APPENDS, 1);
    const single = await perSecond(SINGLE_APPENDS, () => append(client, SINGLE_APPENDS, 1));
    yield figure('append, one at a time', single, bareSingle, 900);

    const bareParallel = await bareAppend(PARALLEL_APPENDS, IN_FLIGHT);
    const parallel = await perSecond(PARALLEL_APPENDS, () => append(client, PARALLEL_APPENDS, IN_FLIGHT));
    yield figure(`append, ${IN_FLIGHT} in flight`, parallel, bareParallel, 10_000);

    const stored = await readAll(client);
    const bareRead = await best(() => perSecond(bare.count, () => bare.readAll()));
    const read = await best(() => perSecond(stored, () => readAll(client)));
    yield figure('readAll', read, bareRead, 60_000);

    // Counted are the events looked at, wanted or not.
    const bareFiltered = await best(() => perSecond(bare.count, () => bare.readOfType('bench.v1.Wanted')));
    const filtered = await best(() => perSecond(stored, () => catchUp(client)));
    yield figure('catch-up of $all, one event in four wanted', filtered, bareFiltered, 28_000);
  } finally {
    void client.dispose();
    bare.close();
    await engine.close();
    await rm(folder, { recursive: true });
  }
}
