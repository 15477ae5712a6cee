import { randomUUID } from 'node:crypto';
import {
  EventLog,
  eventId,
  IdSequence,
  WrongExpectedRevision,
  writtenBy,
  type EncodedEvent,
  type StoredEvent,
  type SubscriptionItem,
} from '@touchline/event-log';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startEngines, type Engines } from './engines.ts';

let engines: Engines;
let log: EventLog;
/** Given servers are shared: every test has types and streams of its own. */
let run: string;

beforeAll(async () => {
  engines = await startEngines();
  log = EventLog.connect({ url: engines.eventstoreUrl });
});
afterAll(async () => {
  await log?.close();
  await engines?.close();
});
beforeEach(() => {
  run = randomUUID().slice(0, 8);
});

const metadata = { correlation_id: 'c', actor: 'user:1', at: '2021-11-19T10:00:00.000Z' };

function events(stream: string, count: number, type = 'Happened', first = 0): EncodedEvent[] {
  return Array.from({ length: count }, (_, index) => ({
    type: `test.${run}.${type}`,
    id: eventId(run + type, stream, first + index),
    data: { number: first + index, text: 'naïve ☃ 𝔘' },
    metadata,
  }));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

const numbers = (stored: readonly StoredEvent[]) =>
  stored.map(({ data }) => (data as { number: number }).number);

describe('the log', () => {
  test('gives back what was appended: data, metadata, places and times', async () => {
    const stream = `${run}-1`;
    const [json, other] = events(stream, 2);
    const binary = { ...other!, data: new Uint8Array([0, 255, 128, 10]) };
    const appended = await log.append(stream, [json!, binary], 'no_stream');
    const stored = await collect(log.read(stream));
    expect(stored).toMatchObject([
      { ...json, stream, revision: 0 },
      { id: binary.id, stream, revision: 1, metadata },
    ]);
    expect(new Uint8Array(stored[1]!.data as Uint8Array)).toEqual(binary.data);
    expect(appended).toEqual({ revision: 1, position: stored[1]!.position });
    expect(stored[0]!.position < stored[1]!.position).toBe(true);
    expect(Math.abs(stored[0]!.createdMs - Date.now())).toBeLessThan(60_000);
    expect(await log.lastPosition()).toBe(appended.position);
  });

  test('recognises a repeated append and refuses another at the same place', async () => {
    const stream = `${run}-1`;
    const first = await log.append(stream, events(stream, 2), 'no_stream');
    expect(await log.append(stream, events(stream, 2), 'no_stream')).toEqual(first);
    const refused = log.append(stream, events(stream, 1, 'Other'), 'no_stream');
    await expect(refused).rejects.toThrow(WrongExpectedRevision);
    await expect(refused).rejects.toMatchObject({ stream, expected: 'no_stream', actual: 1 });
    await expect(log.append(stream, events(stream, 1, 'Other'), 5)).rejects.toMatchObject({ actual: 1 });
    await expect(log.append(`${run}-none`, events(stream, 1), 0)).rejects.toMatchObject({
      actual: undefined,
    });
    expect(await collect(log.read(stream))).toHaveLength(2);
  });

  test('reads from a revision, backwards and no more than wanted; a missing stream is empty', async () => {
    const stream = `${run}-1`;
    await log.append(stream, events(stream, 5), 'no_stream');
    expect(numbers(await collect(log.read(stream, { from: 2 })))).toEqual([2, 3, 4]);
    expect(numbers(await collect(log.read(stream, { backwards: true, limit: 2 })))).toEqual([4, 3]);
    expect(numbers(await collect(log.read(stream, { backwards: true, from: 1 })))).toEqual([1, 0]);
    expect(numbers(await collect(log.read(stream, { from: 9 })))).toEqual([]);
    expect(numbers(await collect(log.read(stream, { limit: 0 })))).toEqual([]);
    expect(await collect(log.read(`${run}-none`))).toEqual([]);
  });

  test('reads everything after a position, in order', async () => {
    const start = await log.lastPosition();
    for (const n of [1, 2, 3])
      await log.append(`${run}-${n}`, events(`${run}-${n}`, 2, 'Happened', 10 * n), 'any');
    const all = await collect(log.readAll(start === undefined ? {} : { from: start }));
    const own = all.filter(({ stream }) => stream.startsWith(run));
    expect(numbers(own)).toEqual([10, 11, 20, 21, 30, 31]);
    expect(all.every(({ position }) => start === undefined || position > start)).toBe(true);
    expect(numbers(await collect(log.readAll({ from: own[3]!.position, limit: 1 })))).toEqual([30]);
  });

  test('tells where the last event of each type of an append lies', async () => {
    const stream = `${run}-1`;
    const batch = [...events(stream, 2, 'A'), ...events(stream, 2, 'B'), ...events(stream, 1, 'A', 2)];
    const written = await writtenBy(log, stream, batch, await log.append(stream, batch, 'any'));
    const stored = await collect(log.read(stream));
    expect(written).toEqual([
      { eventType: `test.${run}.A`, position: stored[4]!.position },
      { eventType: `test.${run}.B`, position: stored[3]!.position },
    ]);
  });

  test('gives no id twice to sequences in different processes', async () => {
    const other = EventLog.connect({ url: engines.eventstoreUrl });
    const sequences = [log, other, log].map((given) => new IdSequence(given, run, { blockSize: 2 }));
    const taken = await Promise.all(sequences.map((sequence) => sequence.take(9)));
    await other.close();
    expect(new Set(taken.flat()).size).toBe(27);
  });
});

describe('a subscription', () => {
  test('hands out what is there, says so, and goes on live', async () => {
    const stream = `${run}-1`;
    await log.append(stream, events(stream, 3), 'no_stream');
    const stop = new AbortController();
    const seen: unknown[] = [];
    for await (const item of log.subscribe({ types: [`test.${run}.Happened`], signal: stop.signal })) {
      if (item.kind === 'checkpoint') continue;
      seen.push(item.kind === 'event' ? (item.event.data as { number: number }).number : item.kind);
      if (item.kind === 'caught-up') await log.append(stream, events(stream, 1, 'Happened', 3), 2);
      if (seen.at(-1) === 3) stop.abort();
    }
    expect(seen).toEqual([0, 1, 2, 'caught-up', 3]);
  });

  test('starts after the position, and filters by exact type and by beginning of the stream', async () => {
    const appended = await log.append(`${run}-a-1`, events('x', 2), 'any');
    await log.append(`${run}-b-1`, events('y', 1, 'Happened', 100), 'any');
    await log.append(`${run}-a-1`, events('x', 1, 'HappenedNot', 200), 'any');
    await log.append(`${run}-a-2`, events('z', 2, 'Happened', 300), 'any');
    const until = async (options: { types?: string[]; streamPrefixes?: string[] }) => {
      const stop = new AbortController();
      const seen: SubscriptionItem[] = [];
      for await (const item of log.subscribe({ ...options, from: appended.position, signal: stop.signal })) {
        if (item.kind === 'caught-up') stop.abort();
        seen.push(item);
      }
      return numbers(seen.flatMap((item) => (item.kind === 'event' ? [item.event] : [])));
    };
    const types = [`test.${run}.Happened`];
    expect(await until({ types })).toEqual([100, 300, 301]);
    expect(await until({ streamPrefixes: [`${run}-a-`] })).toEqual([200, 300, 301]);
    expect(await until({ types, streamPrefixes: [`${run}-a-`] })).toEqual([300, 301]);
  });

  test('of everything passes the last position and tells of no event of the server', async () => {
    await log.append(`${run}-1`, events('x', 3), 'any');
    const last = await log.lastPosition();
    const stop = new AbortController();
    let passed = '';
    for await (const item of log.subscribe({ signal: stop.signal })) {
      if (item.kind === 'event') {
        passed = item.event.position;
        expect(item.event.type.startsWith('$') || item.event.stream.startsWith('$')).toBe(false);
      }
      if (item.kind === 'caught-up') stop.abort();
    }
    expect(passed).toBe(last);
  });
});
