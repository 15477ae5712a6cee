import { randomUUID } from 'node:crypto';
import { EventLog, eventId, generateKey, type EncodedEvent, type StoredEvent } from '@touchline/event-log';
import {
  connectMongo,
  findLive,
  foldedSearch,
  KeyDestroyed,
  KeyStore,
  Lease,
  listPage,
  listStored,
  ProjectionRunner,
  ReadModelSet,
  RowEncoder,
  type Mongo,
  type ProjectionRunnerOptions,
  type ReadModel,
  type ReadModelCollection,
} from '@touchline/read-models';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startEngines, type Engines } from './engines.ts';

let engines: Engines;
let log: EventLog;
let mongo: Mongo;
/** Given servers are shared: every test has databases, types and streams of its own. */
let context: string;
const runners: ProjectionRunner[] = [];

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
beforeEach(() => {
  context = `t${randomUUID().slice(0, 8)}`;
});
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.stop()));
  await mongo.readModels(context).dropDatabase();
  await mongo.state(context).dropDatabase();
});

interface Player {
  _id: number;
  name: string;
  team: string;
  goals: number;
}
type PlayerEvent =
  | { type: 'Joined'; player: number; name: string; team: string }
  | { type: 'Scored'; player: number }
  | { type: 'Left'; player: number }
  | { type: 'Disbanded'; team: string };

const typeOf = (type: PlayerEvent['type']) => `${context}.${type}`;
const eventOf = (stored: StoredEvent) => stored.data as unknown as PlayerEvent;

function players(): ReadModel<Player> {
  return {
    name: 'players',
    consumes: (['Joined', 'Scored', 'Left', 'Disbanded'] as const).map(typeOf),
    indexes: [{ key: { team: 1 } }],
    creates: [typeOf('Joined')],
    documentIds(stored, lookup) {
      const event = eventOf(stored);
      return event.type === 'Disbanded' ? lookup.idsWhere({ team: event.team }) : [event.player];
    },
    project(player, stored, id) {
      const event = eventOf(stored);
      switch (event.type) {
        case 'Joined':
          return { _id: id, name: event.name, team: event.team, goals: 0 };
        case 'Scored':
          return player && { ...player, goals: player.goals + 1 };
        case 'Left':
        case 'Disbanded':
          return 'gone';
      }
    },
  };
}

let appended = 0;
async function append(...events: PlayerEvent[]) {
  const stream = `${context}-1`;
  const encoded = events.map((event): EncodedEvent => {
    const metadata = { correlation_id: 'c', actor: 'user:1', at: '2021-11-19T10:00:00.000Z' };
    return {
      type: typeOf(event.type),
      id: eventId(context, stream, appended++),
      data: { ...event },
      metadata,
    };
  });
  const { position } = await log.append(stream, encoded, 'any');
  return [{ eventType: encoded.at(-1)!.type, position }];
}

function runner(options: Partial<ProjectionRunnerOptions> = {}): ProjectionRunner {
  const started = new ProjectionRunner({
    context,
    log,
    mongo,
    models: [players()],
    instance: 'one',
    ...options,
  });
  runners.push(started);
  started.start();
  return started;
}

const soon = () => AbortSignal.timeout(10_000);
const set = () => new ReadModelSet(mongo.readModels(context), 1, [players()]);
const documents = () => set().collection(players()).find().sort({ _id: 1 }).toArray();
const plain = async () => (await documents()).map(({ position: _position, ...rest }) => rest);
const leases = () => mongo.state(context).collection<{ _id: string; holder: string }>('leases');
const ada = { type: 'Joined', player: 1, name: 'Ada', team: 'red' } as const;
const bob = { type: 'Joined', player: 2, name: 'Bob', team: 'red' } as const;
const scored = { type: 'Scored', player: 1 } as const;

describe('a projection', () => {
  test('shows what was appended before and after it started, once waited for', async () => {
    await append(ada, scored);
    const started = runner();
    await started.ready;
    expect(await plain()).toEqual([{ _id: 1, name: 'Ada', team: 'red', goals: 1 }]);
    await started.waitFor(await append(scored, bob), soon());
    expect(await plain()).toEqual([
      { _id: 1, name: 'Ada', team: 'red', goals: 2 },
      { _id: 2, name: 'Bob', team: 'red', goals: 0 },
    ]);
  });

  test('answers within milliseconds after idling', async () => {
    const started = runner();
    await started.ready;
    const tookMs: number[] = [];
    for (let n = 0; n < 20; n++) {
      const written = await append({ ...ada, player: 100 + n });
      const begunMs = performance.now();
      await started.waitFor(written, soon());
      tookMs.push(performance.now() - begunMs);
    }
    const median = tookMs.toSorted((a, b) => a - b)[10]!;
    console.log(`append acknowledged -> read model waited for: median ${median.toFixed(1)} ms`);
    expect(median).toBeLessThan(500);
  });

  test('answers at once for types that nobody consumes', async () => {
    const started = runner();
    const position = 'ffffffffffffffff/ffffffffffffffff';
    await started.waitFor([{ eventType: `${context}.Other`, position }], AbortSignal.timeout(1));
    await expect(
      started.waitFor([{ eventType: typeOf('Scored'), position }], AbortSignal.timeout(50)),
    ).rejects.toThrow(/timeout/);
  });

  test('leaves the position and nothing else of a deleted document, which no reader sees', async () => {
    const started = runner();
    await started.waitFor(await append(ada, bob, { type: 'Left', player: 1 }), soon());
    const [gone] = await documents();
    expect(gone).toEqual({ _id: 1, position: gone!.position, gone: true });
    const collection = await started.collection(players());
    expect((await listPage(collection, { page: 1, limit: 10 })).rows).toMatchObject([{ name: 'Bob' }]);
    expect(await findLive(collection, { _id: 1 })).toBeUndefined();
    await started.waitFor(await append(scored), soon());
    expect((await documents())[0]).toEqual(gone);
  });

  test('leaves the same of a document that it never saw, since what it held was erased', async () => {
    const started = runner();
    await started.waitFor(await append({ type: 'Left', player: 5 }), soon());
    const [gone] = await documents();
    expect(gone).toEqual({ _id: 5, position: gone!.position, gone: true });
  });

  test('finds documents by what they hold, those of the same batch included', async () => {
    await append(ada, bob, { ...ada, player: 3, team: 'blue' });
    await append({ ...ada, player: 4 }, { ...bob, team: 'blue' }, { type: 'Disbanded', team: 'red' });
    await runner().ready;
    expect((await plain()).map(({ _id, ...rest }) => [_id, 'gone' in rest])).toEqual([
      [1, true],
      [2, false],
      [3, false],
      [4, true],
    ]);
  });

  test('makes the same of the log whatever the size of its batches', async () => {
    const history: PlayerEvent[] = [];
    for (let n = 0; n < 60; n++) {
      history.push(
        { ...ada, player: n % 7, team: n % 3 === 0 ? 'red' : 'blue' },
        { type: 'Scored', player: n % 5 },
      );
      if (n % 10 === 9) history.push({ type: 'Disbanded', team: 'red' }, { type: 'Left', player: n % 7 });
    }
    await append(...history);
    const results = [];
    for (const batchSize of [1, 7, 500]) {
      const started = runner({ batchSize });
      await started.ready;
      await started.stop();
      results.push(await documents());
      await mongo.readModels(context).dropDatabase();
    }
    expect(results[0]!.length).toBe(7);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  test('applies nothing twice when it starts again from an older checkpoint', async () => {
    const started = runner();
    await started.waitFor(await append(ada, scored, bob, scored), soon());
    await started.stop();
    const before = await documents();
    await mongo.readModels(context).collection('checkpoint.1').deleteMany({});
    await runner().ready;
    expect(await documents()).toEqual(before);
  });

  test('continues after a crash between documents and checkpoint, and between documents', async () => {
    const written = await append(ada, bob, scored, { type: 'Left', player: 2 });
    const history = (await stored()).filter(({ stream }) => stream === `${context}-1`);
    for (let applied = 0; applied <= history.length; applied++) {
      await mongo.readModels(context).dropDatabase();
      await set().apply(history.slice(0, applied), { signal: soon() });
      const started = runner();
      await started.waitFor(written, soon());
      await started.stop();
      expect(await plain()).toEqual([
        { _id: 1, name: 'Ada', team: 'red', goals: 1 },
        { _id: 2, gone: true },
      ]);
    }
  });

  test('of two runners at once writes what one would, however their batches meet', async () => {
    await append(ada, bob, ...Array.from({ length: 40 }, () => scored), { type: 'Disbanded', team: 'red' });
    const history = (await stored()).filter(({ stream }) => stream === `${context}-1`);
    const apply = async (size: number) => {
      for (let from = 0; from < history.length; from += size) {
        await set().apply(history.slice(from, from + size), { signal: soon() });
      }
    };
    await apply(history.length);
    const alone = await documents();
    await mongo.readModels(context).dropDatabase();
    await Promise.all([apply(1), apply(3), apply(7), apply(history.length)]);
    expect(await documents()).toEqual(alone);
  });

  test('of a paused runner that wakes up late changes nothing', async () => {
    await append(ada, scored);
    const early = (await stored()).filter(({ stream }) => stream === `${context}-1`);
    let wake = () => {};
    const paused = new Promise<void>((resolve) => (wake = resolve));
    const slow: ReadModel<Player> = {
      ...players(),
      project: async (...given) => (await paused, players().project(...given)),
    };
    const late = new ReadModelSet(mongo.readModels(context), 1, [slow]).apply(early, { signal: soon() });
    const started = runner();
    await started.waitFor(await append(scored, { type: 'Left', player: 1 }), soon());
    const before = await documents();
    wake();
    await late;
    expect(await documents()).toEqual(before);
  });

  test('that fails is tried again and skips nothing', async () => {
    let failures = 2;
    const failing: ReadModel<Player> = {
      ...players(),
      project(...given) {
        if (failures-- > 0) throw new Error('not yet');
        return players().project(...given);
      },
    };
    const logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    const started = runner({ models: [failing], logger });
    await started.waitFor(await append(ada, scored), soon());
    expect(await plain()).toEqual([{ _id: 1, name: 'Ada', team: 'red', goals: 1 }]);
    expect(logger.error).toHaveBeenCalledTimes(2);
  });

  test('makes the indexes of its models with the set, and the pointer that names it', async () => {
    const started = runner();
    await started.ready;
    const indexes = await (await started.collection(players())).indexes();
    expect(indexes.map(({ key }) => key)).toEqual([{ _id: 1 }, { team: 1 }]);
    expect(await mongo.readModels(context).collection('sets').find().toArray()).toMatchObject([
      { _id: 'live', set: 1 },
    ]);
  });
});

async function stored(): Promise<StoredEvent[]> {
  const all: StoredEvent[] = [];
  for await (const event of log.read(`${context}-1`)) all.push(event);
  return all;
}

describe('instances', () => {
  const timing = { renewEveryMs: 50, staleAfterMs: 300, pollEveryMs: 30 };

  test('without the lease see the live checkpoint within milliseconds', async () => {
    const holder = runner({ instance: 'one' });
    await holder.ready;
    const other = runner({ instance: 'two' });
    await other.waitFor(await append(ada), soon());
    expect(await plain()).toHaveLength(1);
    expect(await leases().findOne({})).toMatchObject({ holder: 'one' });
  });

  test('without the lease are ready when its holder is', async () => {
    await runner({ instance: 'one', lease: timing }).ready;
    await runner({ instance: 'two', lease: timing }).ready;
    expect(await leases().findOne({})).toMatchObject({ holder: 'one', caughtUp: true });
  });

  test('take over from one that stopped', async () => {
    const holder = runner({ instance: 'one', lease: timing });
    await holder.ready;
    const other = runner({ instance: 'two', lease: timing });
    await holder.stop();
    await other.waitFor(await append(ada), soon());
    await vi.waitUntil(async () => (await leases().findOne({}))?.holder === 'two', { timeout: 5_000 });
  });
});

describe('a lease', () => {
  const timing = { renewEveryMs: 50, staleAfterMs: 400, pollEveryMs: 20 };
  const lease = (holder: string) =>
    new Lease({ state: mongo.state(context), name: 'work', holder, ...timing });
  const untilAborted = (signal: AbortSignal) =>
    new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  const dead = { _id: 'work' as never, session: 's', renewals: 3, caughtUp: true };

  test('goes at once to the one who held it before', async () => {
    await leases().insertOne({ ...dead, holder: 'one' });
    const stop = new AbortController();
    const begunMs = performance.now();
    await lease('one').hold(async () => stop.abort(), stop.signal);
    expect(performance.now() - begunMs).toBeLessThan(300);
  });

  test('goes to another once its holder has stopped counting', async () => {
    await leases().insertOne({ ...dead, holder: 'one' });
    const stop = new AbortController();
    const begunMs = performance.now();
    await lease('two').hold(async () => stop.abort(), stop.signal);
    expect(performance.now() - begunMs).toBeGreaterThanOrEqual(400);
  });

  test('stays with a holder who counts, and is told to watchers', async () => {
    const stop = new AbortController();
    const held = lease('one');
    let holding = false;
    const one = held.hold((signal) => ((holding = true), untilAborted(signal)), stop.signal);
    await vi.waitUntil(() => holding);
    held.caughtUp = true;
    let seen = 0;
    let stolen = false;
    const two = lease('two').hold(
      async (signal) => {
        stolen = !stop.signal.aborted;
        await untilAborted(signal);
      },
      stop.signal,
      ({ caughtUp }) => void (caughtUp && seen++),
    );
    await vi.waitUntil(() => seen > 15, { timeout: 10_000 });
    expect(stolen).toBe(false);
    stop.abort();
    await Promise.all([one, two]);
  });

  test('that was lost stops the work', async () => {
    const stop = new AbortController();
    let lost = 0;
    const one = lease('one').hold(async (signal) => {
      await untilAborted(signal);
      if (!stop.signal.aborted) lost++;
    }, stop.signal);
    await vi.waitUntil(async () => (await leases().findOne({}))?.holder === 'one');
    await leases().updateOne({}, { $set: { holder: 'two', session: 'stolen' } });
    await vi.waitUntil(() => lost === 1);
    stop.abort();
    await one;
  });
});

describe('the key store', () => {
  const store = (master = MASTER) => new KeyStore(mongo.state(context), master);
  const MASTER = generateKey();

  test('keeps keys wrapped, the same for all who ask', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => store().getOrCreate('person-1')));
    for (const key of keys) expect(key).toEqual(keys[0]);
    expect(await store().get(['person-1', 'person-2'])).toEqual(
      new Map([
        ['person-1', { state: 'present', key: keys[0] }],
        ['person-2', { state: 'unknown' }],
      ]),
    );
    const bytes = JSON.stringify(await mongo.state(context).collection('keys').find().toArray());
    expect(bytes).not.toContain(Buffer.from(keys[0]!).toString('base64'));
  });

  test('destroys for ever, also what never was', async () => {
    await store().create('person-1');
    for (const id of ['person-1', 'person-2']) {
      await store().destroy(id);
      await expect(store().getOrCreate(id)).rejects.toThrow(KeyDestroyed);
    }
    expect((await store().get(['person-1'])).get('person-1')).toEqual({ state: 'destroyed' });
    expect(await mongo.state(context).collection('keys').find().toArray()).toEqual([
      { _id: 'person-1', destroyed: true },
      { _id: 'person-2', destroyed: true },
    ]);
  });

  test('names another master key as the reason, and does not open a key moved to another id', async () => {
    await store().create('person-1');
    await expect(store(generateKey()).get(['person-1'])).rejects.toThrow(
      'is TOUCHLINE_MASTER_KEY the right one?',
    );
    const keys = mongo.state(context).collection<{ _id: string }>('keys');
    const { _id, ...wrapped } = (await keys.findOne({}))!;
    await keys.insertOne({ _id: `${_id}0`, ...wrapped });
    await expect(store().get(['person-10'])).rejects.toThrow('cannot be opened');
  });
});

describe('a list', () => {
  test('is filtered, searched, sorted and paged with ties broken by id', async () => {
    const started = runner();
    const names = ['Ada', 'ada', 'Bob.', 'Eve', 'ada b'];
    await started.waitFor(
      await append(...names.map((name, index) => ({ ...ada, player: index + 1, name: name.toLowerCase() }))),
      soon(),
    );
    const collection = await started.collection(players());
    const page = (number: number) =>
      listPage(collection, { filter: { team: 'red' }, sort: { name: -1 }, page: number, limit: 2 });
    const ids = async (number: number) => (await page(number)).rows.map(({ _id }) => _id);
    expect((await page(1)).count).toBe(5);
    expect([await ids(1), await ids(2), await ids(3), await ids(4)]).toEqual([[4, 3], [5, 1], [2], []]);
    const found = await listPage(collection, { filter: foldedSearch(['name'], 'A .'), page: 1, limit: 9 });
    expect(found.rows).toEqual([]);
    const both = await listPage(collection, {
      filter: foldedSearch(['name', 'team'], 'B. red'),
      page: 1,
      limit: 9,
    });
    expect(both.rows.map(({ name }) => name)).toEqual(['bob.']);
  });

  test('comes as it is stored, in batches when it is large, and leaves nothing open when its reader goes', async () => {
    const db = mongo.readModels(context);
    const command = vi.spyOn(db, 'command');
    const collection: ReadModelCollection<Player> = db.collection('large');
    const large = { name: 'x'.repeat(9_000_000), team: 'red', goals: 0, position: '0' };
    for (let _id = 1; _id <= 3; _id++) await collection.insertOne({ _id, ...large });
    const list = (limit: number) => listStored(collection, { filter: { team: 'red' }, page: 1, limit });
    const { document } = new RowEncoder<Player>(() => new Uint8Array());
    const read = async (limit: number) => {
      const batches = [];
      for await (const { count, rows } of list(limit)) {
        batches.push([count, ...rows.map((row) => document(row)._id)]);
      }
      return batches;
    };
    expect(await read(3)).toEqual([
      [3, 1],
      [3, 2],
      [3, 3],
    ]);
    expect(await read(1)).toEqual([[3, 1]]);
    for await (const { rows } of list(3)) {
      expect(rows).toHaveLength(1);
      break;
    }
    const names = command.mock.calls.map(([sent]) => Object.keys(sent)[0]);
    expect(names).toEqual(['find', 'getMore', 'getMore', 'find', 'find', 'killCursors']);
    const wrong = listStored(collection, { filter: { $team: 1 }, page: 1, limit: 1 });
    await expect(wrong.next()).rejects.toThrow('$team');
  });

  test('leaves out of its documents what the list does not show', async () => {
    const collection: ReadModelCollection<Player> = mongo.readModels(context).collection('shown');
    await collection.insertOne({ _id: 1, name: 'Ada', team: 'red', goals: 2, position: '0' });
    const options = { filter: { team: 'red' }, page: 1, limit: 9, without: ['goals', 'team'] };
    const { document } = new RowEncoder<Player>(() => new Uint8Array());
    for await (const { count, rows } of listStored(collection, options)) {
      expect(count).toBe(1);
      expect(rows.map((row) => document(row))).toEqual([{ _id: 1, name: 'Ada', position: '0' }]);
    }
    expect.assertions(2);
  });
});
