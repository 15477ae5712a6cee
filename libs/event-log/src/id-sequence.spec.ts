import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { IdSequence } from './id-sequence.ts';
import { InMemoryLog } from './in-memory-log.ts';

describe('an id sequence', () => {
  test('counts from 1, one append a block, and grows blocks that do not last', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0);
    const log = new InMemoryLog();
    const ids = new IdSequence(log, 'user', { blockSize: 3 });
    const taken = [];
    for (let n = 0; n < 9; n++) taken.push(await ids.next());
    now.mockReturnValue(1_000);
    taken.push(await ids.next());
    expect(taken).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(log.events.map(({ stream, data }) => [stream, data])).toEqual([
      ['sequence-user', { first: 1, size: 3 }],
      ['sequence-user', { first: 4, size: 6 }],
      ['sequence-user', { first: 10, size: 3 }],
    ]);
    now.mockRestore();
  });

  test('goes on after what a stopped process had reserved', async () => {
    const log = new InMemoryLog();
    await new IdSequence(log, 'user', { blockSize: 10 }).next();
    expect(await new IdSequence(log, 'user', { blockSize: 10 }).next()).toBe(11);
  });

  test('reserves as many as are wanted at once', async () => {
    const log = new InMemoryLog();
    expect(await new IdSequence(log, 'user', { blockSize: 2 }).take(5)).toEqual([1, 2, 3, 4, 5]);
    expect(log.events).toHaveLength(1);
  });

  test('gives no id twice, whatever number of instances take from it at once, and each ascends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 4 }),
        async (takes, blockSize) => {
          const log = new InMemoryLog();
          const instances = takes.map(() => new IdSequence(log, 'user', { blockSize }));
          const taken = await Promise.all(
            takes.map((count, index) =>
              Promise.all(Array.from({ length: count }, () => instances[index]!.next())),
            ),
          );
          expect(new Set(taken.flat()).size).toBe(taken.flat().length);
          for (const ids of taken) expect(ids).toEqual(ids.toSorted((a, b) => a - b));
        },
      ),
      { numRuns: 30 },
    );
  });
});
