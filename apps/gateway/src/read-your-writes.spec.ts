import type { WrittenPosition } from '@touchline/rpc';
import { describe, expect, it } from 'vitest';
import { type Clients, type ReadModelContext, readModelContexts } from './clients.ts';
import { waitUntilReadable } from './read-your-writes.ts';

const written: WrittenPosition[] = [{ eventType: 'identity.v1.AthleteCreated', position: '0005' }];

function harness(waits: Partial<Record<ReadModelContext, (deadlineMs: number) => Promise<void>>>) {
  const asked: { context: string; positions: readonly WrittenPosition[]; deadlineMs: number }[] = [];
  const warned: object[] = [];
  const client = (context: ReadModelContext) => ({
    async waitFor({ positions }: { positions: WrittenPosition[] }, { deadlineMs }: { deadlineMs: number }) {
      asked.push({ context, positions, deadlineMs });
      await waits[context]?.(deadlineMs);
      return { message: {}, written: [] };
    },
    close() {},
  });
  const clients = Object.fromEntries(readModelContexts.map((context) => [context, client(context)]));
  return {
    asked,
    warned,
    readModels: clients as unknown as Clients['readModels'],
    options: { requestId: 'r', logger: { warn: (fields: object) => void warned.push(fields) } },
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
    await waitUntilReadable(written, test.readModels, test.options);
    expect(test.asked.map(({ context }) => context)).toEqual([...readModelContexts]);
    for (const { positions, deadlineMs } of test.asked) {
      expect(positions).toEqual(written);
      expect(deadlineMs - startedMs).toBeGreaterThanOrEqual(5000);
      expect(deadlineMs - startedMs).toBeLessThan(6000);
    }
  });

  it('asks nobody when nothing was written', async () => {
    const test = harness({});
    await waitUntilReadable([], test.readModels, test.options);
    expect(test.asked).toEqual([]);
  });

  it('returns all the same when a context fails, and says so', async () => {
    const test = harness({ telemetry: () => Promise.reject(new Error('away')) });
    await waitUntilReadable(written, test.readModels, test.options);
    expect(test.warned).toEqual([{ request_id: 'r', context: 'telemetry', err: new Error('away') }]);
  });
});
