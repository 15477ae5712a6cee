import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ItemBuffer } from './item-buffer.ts';

async function* counting(upTo: number, brought: number[] = []) {
  for (let n = 0; n < upTo; n++) {
    brought.push(n);
    yield n;
    await null;
  }
}

describe('an item buffer', () => {
  test('hands out everything in order and nothing twice, at most as much as wanted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(60),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 10 }),
        async (upTo, capacity, max) => {
          const buffer = new ItemBuffer<number>(capacity);
          const filled = buffer.fill(counting(upTo));
          const taken: number[] = [];
          for (let items = await buffer.take(max); items.length > 0; items = await buffer.take(max)) {
            expect(items.length).toBeLessThanOrEqual(max);
            taken.push(...items);
          }
          await filled;
          expect(taken).toEqual(Array.from({ length: upTo }, (_, n) => n));
        },
      ),
    );
  });

  test('makes the source wait when it is full', async () => {
    const buffer = new ItemBuffer<number>(3);
    const brought: number[] = [];
    const filled = buffer.fill(counting(10, brought));
    await buffer.take(1);
    for (let turn = 0; turn < 100; turn++) await null;
    expect(brought.length).toBeLessThanOrEqual(4);
    buffer.close();
    await filled;
  });

  test('hands out what came before a failure, then the failure', async () => {
    const buffer = new ItemBuffer<number>(10);
    await buffer.fill(
      (async function* () {
        yield 1;
        throw new Error('broken');
      })(),
    );
    expect(await buffer.take(5)).toEqual([1]);
    await expect(buffer.take(5)).rejects.toThrow('broken');
  });

  test('wakes a waiting taker when it is closed', async () => {
    const buffer = new ItemBuffer<number>(1);
    const taking = buffer.take(1);
    buffer.close();
    expect(await taking).toEqual([]);
  });
});
