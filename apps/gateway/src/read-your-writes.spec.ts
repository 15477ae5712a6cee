import type { WrittenPosition } from '@touchline/rpc';
import { describe, expect, it, vi } from 'vitest';
import { type Clients, type ReadModelContext, readModelContexts } from './clients.ts';
import { ReadYourWrites } from './read-your-writes.ts';

const written: WrittenPosition[] = [{ eventType: 'identity.v1.AthleteCreated', position: '0005' }];

/** @param consumedTypes what every context says that it consumes */
function harness(
  waits: Partial<Record<ReadModelContext, (deadlineMs: number) => Promise<void>>>,
  consumedTypes: readonly string[] = [],
) {
  const asked: { context: string; positions: readonly WrittenPosition[]; deadlineMs: number }[] = [];
  const warned: object[] = [];
  const client = (context: ReadModelContext) => ({
    async waitFor({ positions }: { positions: WrittenPosition[] }, { deadlineMs }: { deadlineMs: number }) {
      asked.push({ context, positions, deadlineMs });
      await waits[context]?.(deadlineMs);
      return { message: { consumedTypes }, written: [] };
    },
    close() {},
  });
  const clients = Object.fromEntries(readModelContexts.map((context) => [context, client(context)]));
  return {
    waits,
    asked,
    warned,
    readable: new ReadYourWrites({
      readModels: clients as unknown as Clients['readModels'],
      logger: { warn: (fields: object) => void warned.push(fields) },
    }),
  };
}

describe('waiting until a write can be read', () => {
  it('asks all contexts at once, each with the same deadline of 5 s', async () => {
    const all = Promise.withResolvers<void>();
    let waiting = 0;
    const meet = async () => {
      if (++waiting === readModelContexts.length) all.resolve();
      await all.promise;
    };
    const test = harness(Object.fromEntries(readModelContexts.map((context) => [context, meet])));
    const startedMs = Date.now();
    await test.readable.until(written, 'r');
    expect(test.asked.map(({ context }) => context)).toEqual([...readModelContexts]);
    for (const { positions, deadlineMs } of test.asked) {
      expect(positions).toEqual(written);
      expect(deadlineMs - startedMs).toBeGreaterThanOrEqual(5000);
      expect(deadlineMs - startedMs).toBeLessThan(6000);
    }
  });

  it('asks once for what is written in one turn, for the last position of each type', async () => {
    const test = harness({}, ['a.v1.A']);
    const at = (eventType: string, position: string) => test.readable.until([{ eventType, position }], 'r');
    await Promise.all([
      at('a.v1.A', '0005'),
      at('a.v1.A', '0007'),
      at('b.v1.B', '0006'),
      at('a.v1.A', '0006'),
    ]);
    expect(test.asked).toHaveLength(readModelContexts.length);
    for (const { positions } of test.asked) {
      expect(positions).toEqual([
        { eventType: 'a.v1.A', position: '0007' },
        { eventType: 'b.v1.B', position: '0006' },
      ]);
    }
  });

  it('asks nobody when nothing was written', async () => {
    const test = harness({});
    await test.readable.until([], 'r');
    expect(test.asked).toEqual([]);
  });

  it('returns all the same when a context fails, and says so', async () => {
    const test = harness({ telemetry: () => Promise.reject(new Error('away')) });
    await test.readable.until(written, 'r');
    expect(test.warned).toEqual([{ request_id: 'r', context: 'telemetry', err: new Error('away') }]);
  });

  it('asks no context again that consumes nothing of it, whether it is there or not', async () => {
    const other: WrittenPosition[] = [{ eventType: 'activity.v1.ActivityCreated', position: '0006' }];
    const test = harness({}, ['activity.v1.ActivityCreated']);
    await test.readable.until(other, 'r');
    expect(test.asked).toHaveLength(readModelContexts.length);
    await test.readable.until(written, 'r');
    expect(test.asked).toHaveLength(readModelContexts.length);
    await test.readable.until(other, 'r');
    expect(test.asked).toHaveLength(2 * readModelContexts.length);
  });

  it('asks in the background after a while, since newer code may consume more', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const away = Promise.withResolvers<void>();
      const test = harness({}, ['activity.v1.ActivityCreated']);
      await test.readable.until(written, 'r');
      vi.advanceTimersByTime(11_000);
      test.waits.webhooks = () => away.promise;
      await test.readable.until(written, 'r');
      expect(test.asked.slice(readModelContexts.length).map(({ positions }) => positions)).toEqual(
        readModelContexts.map(() => []),
      );
      away.resolve();
    } finally {
      vi.useRealTimers();
    }
  });
});
