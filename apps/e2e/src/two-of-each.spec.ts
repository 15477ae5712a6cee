import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Api, type Bench, newBench, upToDate } from './api.ts';
import { contexts, Instances, leaseHolders, ready } from './instances.ts';
import { CallbackReceiver } from './receiver.ts';
import { newDataDir, removeDataDir } from './system.ts';

const dataDir = newDataDir();
const instances = new Instances();
const receiver = new CallbackReceiver();

beforeAll(async () => {
  await receiver.start();
  await instances.start(dataDir, 2);
}, 300_000);
afterAll(async () => {
  await instances.stop();
  await receiver.stop();
  removeDataDir(dataDir);
});

const KICK_OFF_MS = Date.UTC(2024, 4, 4, 13);
const FRAMES_MS = Date.UTC(2024, 4, 6);
const SAMPLES = 5;
const PAUSED = 'activity';

const iso = (ms: number): string => new Date(ms).toISOString();

/** A write that was sent once: through the one gateway or the other. */
interface Write {
  readonly gateway: number;
  readonly name: string;
  /** Of what was created, when it was acknowledged. */
  id?: number;
  /** It was said that nothing was done. */
  refused?: true;
}

/** Writes of one kind, one after the other, gateways in turn. */
class Writer {
  readonly writes: Write[] = [];
  readonly #send: (url: string, name: string, count: number) => Promise<Response>;
  readonly #written: Promise<void>;
  #writing = true;

  constructor(send: (url: string, name: string, count: number) => Promise<Response>) {
    this.#send = send;
    this.#written = this.#write();
  }

  get acknowledged(): readonly Write[] {
    return this.writes.filter(({ id }) => id !== undefined);
  }

  /** Resolves when the gateway has acknowledged one more. */
  async oneMore(gateway: number): Promise<void> {
    const from = this.writes.length;
    while (!this.writes.slice(from).some((write) => write.gateway === gateway && write.id !== undefined))
      await delay(20);
  }

  async stop(): Promise<void> {
    this.#writing = false;
    await this.#written;
  }

  async #write(): Promise<void> {
    for (let count = 0; this.#writing; count += 1) {
      const gateway = count % instances.gateways.length;
      const write: Write = { gateway, name: randomUUID() };
      try {
        const response = await this.#send(instances.gateways[gateway]!, write.name, count);
        const body = (await response.json()) as { id?: number; accepted?: number };
        if (response.ok) write.id = body.id ?? 0;
        else if (response.status === 503) write.refused = true;
        else if (response.status < 500) throw new Error(`${response.status} ${JSON.stringify(body)}`);
      } catch (error) {
        // Its gateway was killed.
        if (!(error instanceof TypeError)) throw error;
        await delay(50);
      }
      this.writes.push(write);
    }
  }
}

function writersOf(bench: Bench) {
  const { manager, activity, athlete, device, ingestToken } = bench;
  const post = (url: string, path: string, body: unknown, token = manager.api.token) =>
    fetch(`${url}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const athletes = new Writer((url, name) =>
    post(url, '/athletes/create-managed/', {
      managed_by: manager.id,
      external_id: name,
      athlete_profile: { first_name: 'Ada', last_name: name },
    }),
  );
  const timeFrames = new Writer((url, splitName, count) =>
    post(url, '/timeframes/', {
      start_time: iso(FRAMES_MS + count * 1000),
      end_time: iso(FRAMES_MS + count * 1000 + 1000),
      params: { splitName },
      device,
      activity,
      athlete,
    }),
  );
  const frames = new Writer((url, _name, count) => {
    const timestamp = Array.from({ length: SAMPLES }, (_, i) => KICK_OFF_MS + count * 1000 + i * 200);
    const gnss = {
      timestamp,
      latitude: timestamp.map((t) => 47.2 + ((t - KICK_OFF_MS) / 1000) * 1e-5),
      longitude: timestamp.map(() => 8.5),
      speed: timestamp.map(() => 4),
      altitude: timestamp.map(() => 400),
    };
    return post(url, `/devices/${device}/preprocessed/`, [{ gnss }], ingestToken);
  });
  return { athletes, timeFrames, frames };
}

/** All of a list, by its pages. */
async function all<Item>(api: Api, path: string): Promise<Item[]> {
  const found: Item[] = [];
  for (let page = 1; ; page += 1) {
    const { results, next } = await api.ok('GET', `${path}limit=100&page=${page}`);
    found.push(...results);
    if (next === null) return found;
  }
}

function expectOnce(writes: readonly Write[], found: readonly { id: number; name: string }[]) {
  expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
  for (const { name, id, refused } of writes) {
    const matching = found.filter((item) => item.name === name).map((item) => item.id);
    if (id !== undefined) expect(matching).toEqual([id]);
    else expect(matching.length).toBeLessThanOrEqual(refused ? 0 : 1);
  }
}

it(
  'two of each process lose and double nothing when those that write are killed or paused under load',
  { timeout: 420_000 },
  async () => {
    const { credentials, gateways, mongodbUrl } = instances;
    const [first = '', second = ''] = gateways;
    const bench = await newBench(first, credentials, { ownedFrom: iso(KICK_OFF_MS) });
    const { activity, athlete, device, manager } = bench;
    await manager.api.ok('POST', `/api/v1/activities/${activity}/webhooks/`, {
      webhook_url: receiver.url('/two'),
      secret_token: '563456789',
      activity_events: false,
      timeframes_events: true,
    });
    const window = { start_time: iso(KICK_OFF_MS), end_time: iso(KICK_OFF_MS + 3_600_000) };
    const played = { ...window, device, activity, athlete };
    const timeFrame = await manager.api.ok('POST', '/api/v1/timeframes/', played);

    const { athletes, timeFrames, frames } = writersOf(bench);
    const writers = [athletes, timeFrames, frames];
    const bothWrite = () => Promise.all(writers.flatMap((writer) => [writer.oneMore(0), writer.oneMore(1)]));
    await bothWrite();

    const before = await leaseHolders(mongodbUrl);
    const harmed = contexts.map((context) => {
      const instance = before.get(`${context}.projections`) === 'instance-0' ? 0 : 1;
      // One of them only sleeps, and goes on writing when it wakes up, for all it knows.
      instances.signal(context, instance, context === PAUSED ? 'SIGSTOP' : 'SIGKILL');
      return [context, instance] as const;
    });
    instances.signal('gateway', 0, 'SIGKILL');
    await Promise.all(writers.map((writer) => writer.oneMore(1)));
    for (const [context, instance] of harmed) {
      const other = `instance-${1 - instance}`;
      while ((await leaseHolders(mongodbUrl)).get(`${context}.projections`) !== other) await delay(100);
      if (context === PAUSED) instances.signal(context, instance, 'SIGCONT');
      else instances.startOne(context, instance);
    }
    instances.startOne('gateway', 0);
    await ready(first);
    await bothWrite();
    await Promise.all(writers.map((writer) => writer.stop()));

    const ends = [new Api(first, manager.api.token), new Api(second, manager.api.token)];
    for (const api of ends) {
      const people = await all<{ id: number; external_id: string }>(api, '/api/v1/athletes/?');
      expectOnce(
        athletes.writes,
        people.map(({ id, external_id }) => ({ id, name: external_id })),
      );
      const split = await all<{ id: number; params: { splitName?: string } }>(
        api,
        `/api/v1/timeframes/?activity=${activity}&`,
      );
      expectOnce(
        timeFrames.writes,
        split.map(({ id, params }) => ({ id, name: params.splitName ?? '' })),
      );
      const { extensions } = await upToDate(api, timeFrame.id);
      const samples = extensions.quality.gnss_samples;
      expect(samples % SAMPLES).toBe(0);
      expect(samples / SAMPLES).toBeGreaterThanOrEqual(frames.acknowledged.length);
      expect(samples / SAMPLES).toBeLessThanOrEqual(frames.writes.filter(({ refused }) => !refused).length);
    }

    // Each at least once, and for the first time in the order in which they were created.
    const created = timeFrames.acknowledged.map(({ id }) => id);
    const told = () => [...new Set(receiver.at('/two').map(({ json }) => json.data.timeframe_id as number))];
    while (!created.every((id) => told().includes(id!))) await delay(50);
    expect(told().filter((id) => created.includes(id))).toEqual(created);
  },
);
