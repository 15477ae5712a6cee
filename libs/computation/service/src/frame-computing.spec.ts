import type { KeySource } from '@touchline/event-log';
import type { ReadModelCollection } from '@touchline/read-models';
import { expect, it } from 'vitest';
import { FrameComputing } from './frame-computing.ts';
import type { FrameInput, Inputs } from './inputs.ts';
import type { ComputedDocument } from './projections/computed.ts';

const day = Date.UTC(2021, 10, 19);
const window = { startMs: day, endMs: day + 60_000 };
const frame = (changedMs: number): FrameInput => ({
  id: 42,
  device: 7,
  intervals: [window],
  metrics: { sport: 'soccer', window, birthDate: null },
  changedMs,
  position: '5',
  erased: false,
});
const keys: KeySource = { get: () => Promise.resolve(new Map()) };
const signal = new AbortController().signal;

/** Keeps the one document as the collection would: an older one is replaced. */
function oneDocument() {
  const kept: { position: string; last?: number }[] = [];
  const collection = {
    bulkWrite(
      operations: readonly {
        replaceOne: { replacement: { position: string; document?: null; changedMs?: number } };
      }[],
    ) {
      for (const { replaceOne } of operations) {
        const { position, changedMs } = replaceOne.replacement;
        const [before] = kept;
        if (before && before.position >= position) continue;
        kept[0] = { position, ...(changedMs !== undefined && { last: changedMs }) };
      }
      return Promise.resolve();
    },
  };
  return {
    kept,
    targets: () => Promise.resolve([collection as unknown as ReadModelCollection<ComputedDocument>]),
  };
}

it('replaces a document that was made of facts of a batch half written', async () => {
  const { kept, targets } = oneDocument();
  let [changedMs, projectedTo] = [1, '4'];
  const inputs = { of: () => Promise.resolve(frame(changedMs)) } as unknown as Inputs;
  const log = { async *read() {} };
  const computing = new FrameComputing({
    log,
    inputs,
    dayKeys: keys,
    targets,
    projectedTo: () => projectedTo,
  });
  expect(await computing.compute(42, signal)).toBe('4');
  expect(kept).toEqual([{ position: '4', last: 1 }]);
  [changedMs, projectedTo] = [2, '6'];
  expect(await computing.compute(42, signal)).toBe('5');
  expect(kept).toEqual([{ position: '5', last: 2 }]);
});
