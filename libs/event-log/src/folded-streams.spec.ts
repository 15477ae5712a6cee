import { beforeEach, expect, it } from 'vitest';
import type { ReadOptions, StoredEvent } from './event.ts';
import { FoldedStreams } from './folded-streams.ts';
import { InMemoryLog } from './in-memory-log.ts';

/** A log that can hold a read back after it has begun. */
class SlowLog extends InMemoryLog {
  readonly reads: number[] = [];
  gate: Promise<void> = Promise.resolve();

  override async *read(stream: string, options: ReadOptions = {}) {
    this.reads.push(options.from ?? 0);
    const found: StoredEvent[] = [];
    for await (const event of super.read(stream, options)) found.push(event);
    await this.gate;
    yield* found;
  }

  put(item: string, stream = 'basket-1') {
    const metadata = { correlation_id: 'r', actor: 'user:1', at: '2021-11-19T12:18:29.000Z' };
    return this.append(
      stream,
      [{ id: crypto.randomUUID(), type: 'test.v1.Put', data: { item }, metadata }],
      'any',
    );
  }
}

const codec = { decode: ({ data }: StoredEvent) => (data as { item: string }).item };
const decider = {
  initial: [] as readonly string[],
  evolve: (state: readonly string[], item: string) => [...state, item],
};

let log: SlowLog;
let streams: FoldedStreams<readonly string[], string>;
const load = async (stream = 'basket-1') => (await streams.load(stream)).state;

beforeEach(() => {
  log = new SlowLog();
  streams = new FoldedStreams(log, codec, decider, 2);
});

it('reads only what came after what it knows', async () => {
  expect(await load()).toEqual([]);
  await log.put('apple');
  expect(await load()).toEqual(['apple']);
  await log.put('pear');
  expect(await load()).toEqual(['apple', 'pear']);
  expect(log.reads).toEqual([0, 0, 1]);
});

it('never answers with a read that began before the question, and shares one that begins after it', async () => {
  await log.put('apple');
  const { promise, resolve } = Promise.withResolvers<void>();
  log.gate = promise;
  const before = load();
  await expect.poll(() => log.reads).toEqual([0]);
  await log.put('pear');
  const after = [load(), load()];
  resolve();
  await before;
  expect(await Promise.all(after)).toEqual([
    ['apple', 'pear'],
    ['apple', 'pear'],
  ]);
  expect(log.reads).toEqual([0, 1]);
});

it('tells what it knows without reading, its own appends included, and forgets what was not used for long', async () => {
  expect(streams.known('basket-1')).toBeUndefined();
  await log.put('apple');
  await load();
  const known = streams.known('basket-1')!;
  expect(known.state).toEqual(['apple']);
  streams.follow('basket-1', { ...known, state: ['apple', 'pear'], revision: 1 });
  streams.follow('basket-1', known);
  expect(streams.known('basket-1')?.state).toEqual(['apple', 'pear']);
  await load('basket-2');
  await load('basket-3');
  expect(streams.known('basket-1')).toBeUndefined();
});
