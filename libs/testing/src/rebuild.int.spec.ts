import { randomUUID } from 'node:crypto';
import { EventLog, eventId, type EncodedEvent, type StoredEvent } from '@touchline/event-log';
import {
  connectMongo,
  LiveSet,
  ProjectionRunner,
  type Mongo,
  type ProjectionRunnerOptions,
  type ReadModel,
  type RebuildProgress,
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

interface Score {
  _id: number;
  goals: number;
}

const scored = () => `${context}.Scored`;
const scores = (onProject: (event: StoredEvent) => void | Promise<void> = () => {}): ReadModel<Score> => ({
  name: 'scores',
  consumes: [scored()],
  indexes: [{ key: { goals: 1 } }],
  documentIds: ({ data }) => [(data as unknown as { player: number }).player],
  async project(score, event, id) {
    await onProject(event);
    return { _id: id, goals: (score?.goals ?? 0) + 1 };
  },
});

let appended = 0;
async function score(...players: number[]) {
  const stream = `${context}-1`;
  const metadata = { correlation_id: 'c', actor: 'user:1', at: '2021-11-19T10:00:00.000Z' };
  const events = players.map((player): EncodedEvent => {
    return { type: scored(), id: eventId(context, stream, appended++), data: { player }, metadata };
  });
  const { position } = await log.append(stream, events, 'any');
  return [{ eventType: scored(), position }];
}

function runner(options: Partial<ProjectionRunnerOptions> = {}): ProjectionRunner {
  const models = [scores()] as unknown as readonly ReadModel[];
  const started = new ProjectionRunner({
    context,
    log,
    mongo,
    models,
    instance: 'one',
    bothFedMs: 50,
    ...options,
  });
  runners.push(started);
  started.start();
  return started;
}

const soon = () => AbortSignal.timeout(10_000);
const forever = new AbortController().signal;
const pointer = async () =>
  (await mongo.readModels(context).collection<{ _id: string; set: number }>('sets').findOne({ _id: 'live' }))
    ?.set;
const sets = async () =>
  (await mongo.readModels(context).listCollections().toArray())
    .map(({ name }) => name)
    .filter((name) => name.startsWith('scores.'));
const bytes = async (set: number): Promise<string[]> => {
  const documents = mongo.readModels(context).collection(`scores.${set}`);
  const raw = await documents.find({}, { raw: true, sort: { _id: 1 } }).toArray();
  return raw.map((document) => (document as unknown as Buffer).toString('hex'));
};
const total = async (of: ProjectionRunner) => {
  const rows = await (await of.collection(scores())).find().toArray();
  return rows.reduce((sum, { goals }) => sum + goals, 0);
};
async function rebuilt(of: ProjectionRunner, onProgress: (progress: RebuildProgress) => void = () => {}) {
  for await (const progress of of.rebuild(forever)) onProgress(progress);
}
const many = (count: number) => Array.from({ length: count }, (_, n) => n % 7);

describe('a rebuild', () => {
  test('makes the same bytes of the same log, moves the pointer and drops the old set', async () => {
    const started = runner();
    await started.waitFor(await score(...many(100)), soon());
    const before = await bytes(1);
    expect(before).toHaveLength(7);
    const phases: string[] = [];
    let last: RebuildProgress | undefined;
    const live = new LiveSet(mongo.readModels(context), [scores()] as unknown as readonly ReadModel[]);
    await live.get();
    await rebuilt(started, (progress) => {
      phases.push(progress.phase);
      last = progress;
    });
    expect(await pointer()).toBe(2);
    expect(await bytes(2)).toEqual(before);
    expect(await sets()).toEqual(['scores.2']);
    expect(last).toMatchObject({ phase: 'done', set: 2, events: 100, expectedEvents: 100 });
    expect(phases.at(-1)).toBe('done');
    await started.waitFor(await score(1), soon());
    expect(await total(started)).toBe(101);
    expect((await live.getAfresh()).number).toBe(2);
  });

  test('under writes never lets a reader see less than what was waited for, in any instance', async () => {
    const holder = runner({ batchSize: 20, bothFedMs: 600 });
    const other = runner({ instance: 'two' });
    await holder.waitFor(await score(...many(500)), soon());
    let [written, rebuilding] = [500, true];
    const over = rebuilt(holder).finally(() => (rebuilding = false));
    while (rebuilding) {
      const position = await score(...many(9));
      written += 9;
      for (const reader of [holder, other]) {
        await reader.waitFor(position, soon());
        expect(await total(reader)).toBe(written);
      }
    }
    await over;
    expect(await pointer()).toBe(2);
    expect(await total(holder)).toBe(written);
  });

  test('that is given up leaves the live set and nothing else', async () => {
    const started = runner();
    await started.waitFor(await score(...many(50)), soon());
    const before = await bytes(1);
    let project: (event: StoredEvent) => Promise<void> = () => Promise.resolve();
    await started.stop();
    const slow = runner({ models: [scores((event) => project(event))] as unknown as readonly ReadModel[] });
    await slow.ready;
    const reached = Promise.withResolvers<void>();
    const cancelled = new AbortController();
    project = () => {
      reached.resolve();
      return new Promise((resolve) => cancelled.signal.addEventListener('abort', () => resolve()));
    };
    const rebuild = slow.rebuild(cancelled.signal);
    const ending = (async () => {
      for await (const progress of rebuild) expect(progress.phase).toBe('projecting');
    })();
    await reached.promise;
    expect(slow.rebuildRefusal).toContain('under way');
    await expect(slow.rebuild(forever).next()).rejects.toThrow('under way');
    project = () => Promise.resolve();
    cancelled.abort(new Error('Ctrl-C'));
    await expect(ending).rejects.toThrow('Ctrl-C');
    await vi.waitUntil(() => slow.rebuildRefusal === undefined);
    expect(await sets()).toEqual(['scores.1']);
    expect(await bytes(1)).toEqual(before);
    expect(await pointer()).toBe(1);
    await rebuilt(slow);
    expect(await bytes(3)).toEqual(before);
  });

  test('drops what a killed one left, and gives no number twice', async () => {
    const started = runner();
    await started.waitFor(await score(...many(20)), soon());
    await mongo.readModels(context).collection<{ _id: number }>('scores.5').insertOne({ _id: 1 });
    await rebuilt(started);
    expect(await pointer()).toBe(6);
    expect(await sets()).toEqual(['scores.6']);
    expect(await total(started)).toBe(20);
  });

  test('is left to the instance that writes', async () => {
    await runner().ready;
    const other = runner({ instance: 'two' });
    await other.ready;
    expect(other.rebuildRefusal).toContain('Another instance');
    await expect(other.rebuild(forever).next()).rejects.toThrow('Another instance');
  });

  test('of a writer that was paused while another took over never becomes the live set', async () => {
    const models = [scores()] as unknown as readonly ReadModel[];
    const paused = new LiveSet(mongo.readModels(context), models);
    const old = await paused.claim('paused');
    const next = await paused.next();
    await new LiveSet(mongo.readModels(context), models).claim('successor');
    await expect(paused.switch(old, next, 'paused')).rejects.toThrow('another instance');
    expect(await pointer()).toBe(1);
  });
});
