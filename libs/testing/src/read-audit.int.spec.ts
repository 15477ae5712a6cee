import { randomUUID } from 'node:crypto';
import { connectMongo, type Mongo, ReadAudit, type ReadEntry } from '@touchline/read-models';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngines, type Engines } from './engines.ts';

let engines: Engines;
let mongo: Mongo;
beforeAll(async () => {
  engines = await startEngines();
  mongo = connectMongo(engines.mongodbUrl);
});
afterAll(async () => {
  await mongo?.close();
  await engines?.close();
});

const minute = 60_000;
const hour = 60 * minute;

/** Two instances over one database, with one clock. */
function audits() {
  const state = mongo.state(`t${randomUUID().slice(0, 8)}`);
  const clock = { nowMs: 1000 * hour };
  const [one, two] = [new ReadAudit(state, () => clock.nowMs), new ReadAudit(state, () => clock.nowMs)];
  const entries = async (...subjects: string[]) => {
    const found: string[] = [];
    for await (const { subject, what, reader, at, startMs, endMs } of two.of(
      subjects,
    ) as AsyncIterable<ReadEntry>) {
      const window = startMs === undefined ? '' : ` ${startMs}-${endMs}`;
      found.push(`${subject} ${what} ${reader} ${(at.getTime() - 1000 * hour) / minute}${window}`);
    }
    return found;
  };
  return { one, two, clock, entries };
}

const profile = (athlete: number) => ({ subject: `athlete-${athlete}`, what: 'profile' });

test('a reading is in the state when it is recorded, with its first time in the hour', async () => {
  const { one, two, clock, entries } = audits();
  await one.record(3, [profile(1), profile(2)]);
  expect(await entries('athlete-1', 'athlete-2')).toEqual(['athlete-1 profile 3 0', 'athlete-2 profile 3 0']);
  clock.nowMs += 59 * minute;
  await one.record(3, [profile(1)]);
  await two.record(3, [profile(1)]);
  await two.record(4, [profile(1)]);
  clock.nowMs += minute;
  await one.record(3, [profile(1)]);
  await one.record(3, []);
  expect(await entries('athlete-1')).toEqual([
    'athlete-1 profile 3 0',
    'athlete-1 profile 4 59',
    'athlete-1 profile 3 60',
  ]);
});

test('a window grows to what was read within the hour', async () => {
  const { one, two, entries } = audits();
  const samples = (startMs: number, endMs: number) => [
    { subject: 'day', what: 'samples', window: { startMs, endMs } },
  ];
  await one.record(3, samples(10, 20));
  await one.record(3, samples(12, 18));
  await two.record(3, samples(15, 30));
  await one.record(3, samples(5, 8));
  expect(await entries('day')).toEqual(['day samples 3 0 5-30']);
});

test('two instances at once make one entry, and what is forgotten is gone', async () => {
  const { one, two, entries } = audits();
  const many = Array.from({ length: 50 }, (_, i) => profile(i));
  await Promise.all([one.record(3, many), two.record(3, many), one.record(3, many)]);
  expect(await entries(...many.map(({ subject }) => subject))).toHaveLength(50);
  await one.forget('athlete-7');
  expect(await entries('athlete-7')).toEqual([]);
});
