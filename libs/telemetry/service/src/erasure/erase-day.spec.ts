import { type CommandContext, EventLogUnavailable, type StoredEvent } from '@touchline/event-log';
import { KeyDestroyed } from '@touchline/read-models';
import { dayErasedType, framesIngestedType, openFrames, readDayErased, readFrames } from '@touchline/samples';
import { type Interval, splitByDay, type SampleColumns } from '@touchline/telemetry-domain';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { DayWriter } from '../ingest/day-writer.ts';
import { MemoryKeys, MemoryLog } from '../memory-log.fixture.ts';
import { readRecording } from '../recordings.ts';
import { eraseDay, type EraseDayDependencies } from './erase-day.ts';

const day = Date.UTC(2024, 4, 1);
const stream = 'telemetry-7-20240501';
const deviceId = 7;
const { signal } = new AbortController();

let log: MemoryLog;
let keys: MemoryKeys;
let deps: EraseDayDependencies;
beforeEach(() => {
  log = new MemoryLog();
  keys = new MemoryKeys((keyId) => new KeyDestroyed(keyId));
  deps = { log, keys, now: () => 0 };
});

const writer = () => new DayWriter({ log, keys, deviceId, stream });
const context = (): CommandContext => ({ commandId: 'c', correlationId: 'r', actor: 'device:7', at: day });
const seconds = (startMs: number, endMs: number): Interval => ({
  startMs: day + startMs * 1000,
  endMs: day + endMs * 1000,
});

function ecg(...times: number[]): SampleColumns {
  const t = times.map((s) => day + s * 1000);
  return splitByDay([{ ecg: { t, fields: { hr: times.map((s) => 60 + s) } } }]).get('20240501')!;
}

/** Ingests some, an event each, stored at 1, 2, … */
async function recorded(...events: (readonly number[])[]): Promise<void> {
  const one = writer();
  for (const times of events) {
    log.createdMs++;
    await one.submit(ecg(...times), context());
  }
  log.createdMs = 1000;
}

const erase = (
  intervals: readonly Interval[],
  cause = 'deletion',
  over: Partial<EraseDayDependencies> = {},
) =>
  eraseDay(
    { ...deps, ...over },
    { deviceId, stream, intervals, cause: { id: cause, correlationId: 'request' } },
    signal,
  );

const framesOf = (events: readonly StoredEvent[]) =>
  events.filter(({ type }) => type === framesIngestedType).map((event) => ({ event, ...readFrames(event) }));

/** Each readable event of the stream: seconds of the day, and when the log is said to have taken them first. */
async function readable(): Promise<{ at: number; seconds: number[] }[]> {
  const found: { at: number; seconds: number[] }[] = [];
  for (const frames of framesOf(log.events)) {
    const key = (await keys.get([frames.keyId])).get(frames.keyId);
    if (key?.state !== 'present') continue;
    const { t } = openFrames(frames, key.key).ecg;
    if (t.length === 0) continue;
    const at = frames.firstStoredMs ?? frames.event.createdMs;
    found.push({ at, seconds: [...t].map((ms) => (ms - day) / 1000) });
  }
  return found;
}

const erasedDays = () => log.events.filter(({ type }) => type === dayErasedType);

describe('the erasure of a day', () => {
  it('leaves every sample outside once, in its order, with the time when it was stored', async () => {
    await recorded([0, 1], [2, 3], [4, 5], [6, 7]);
    await erase([seconds(1, 5)]);
    expect(await readable()).toEqual([
      { at: 1, seconds: [0] },
      { at: 3, seconds: [5] },
      { at: 4, seconds: [6, 7] },
    ]);
    expect((await keys.get([`${stream}.1`])).get(`${stream}.1`)).toEqual({ state: 'destroyed' });
    expect(erasedDays().map(readDayErased)).toEqual([
      { deviceId, keyIds: [`${stream}.1`], intervals: [seconds(1, 5)] },
    ]);
    expect(log.events.at(-1)?.type).toBe(dayErasedType);
  });

  it('cuts any recording at any intervals', async () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 8 });
    const intervals = fc.array(
      fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 30 })).map(([from, length]) => [from, from + length]),
      { maxLength: 3 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(times, { minLength: 1, maxLength: 6 }), intervals, async (events, gone) => {
        log = new MemoryLog();
        keys = new MemoryKeys((keyId) => new KeyDestroyed(keyId));
        deps = { log, keys, now: () => 0 };
        await recorded(...events);
        const before = (await readable()).map(({ at, seconds }) => ({
          at,
          seconds: seconds.filter((s) => !gone.some(([from, to]) => from! <= s && s < to!)),
        }));
        await erase(gone.map(([from, to]) => seconds(from!, to!)));
        expect(await readable()).toEqual(before.filter(({ seconds }) => seconds.length > 0));
      }),
      { numRuns: 60 },
    );
  });

  it('does not touch a day on which nothing of it was recorded', async () => {
    await recorded([0, 1], [8, 9]);
    await erase([seconds(3, 5)]);
    await eraseDay(
      { ...deps, log: new MemoryLog() },
      { deviceId, stream, intervals: [seconds(0, 1)], cause: { id: 'd', correlationId: 'r' } },
      signal,
    );
    expect(log.events).toHaveLength(2);
    expect((await keys.get([`${stream}.1`])).get(`${stream}.1`)?.state).toBe('present');
  });

  it('appends something before the key goes even when nothing is left', async () => {
    await recorded([0, 1]);
    await erase([seconds(0, 60)]);
    expect(framesOf(log.events).map(({ keyId }) => keyId)).toEqual([`${stream}.1`, `${stream}.2`]);
    expect(await readable()).toEqual([]);
  });

  it('is not done twice, and another one goes on from where it ended', async () => {
    await recorded([0, 1, 2, 3]);
    await erase([seconds(0, 1)]);
    const length = log.events.length;
    await erase([seconds(0, 1)]);
    expect(log.events).toHaveLength(length);
    await erase([seconds(2, 3)], 'another');
    expect(await readable()).toEqual([{ at: 1, seconds: [1, 3] }]);
    expect(erasedDays().map((event) => readDayErased(event).keyIds)).toEqual([
      [`${stream}.1`],
      [`${stream}.1`, `${stream}.2`],
    ]);
  });

  it('turns a writer that was paused with the old key to the new one', async () => {
    await recorded([0, 1]);
    const paused = writer();
    await paused.submit(ecg(0), context());
    const { promise, resolve } = Promise.withResolvers<void>();
    // The writer has sealed and is about to append while the erasure goes by.
    let held = true;
    const waiting = new DayWriter({
      keys,
      deviceId,
      stream,
      log: {
        read: (name, options) => log.read(name, options),
        async append(name, events, expected) {
          if (held) await promise;
          held = false;
          return log.append(name, events, expected);
        },
      },
    });
    const answer = waiting.submit(ecg(2), context());
    await new Promise(setImmediate);
    await erase([seconds(0, 1)]);
    resolve();
    expect(await answer).toMatchObject({ accepted: 1 });
    expect(framesOf(log.events).at(-1)?.keyId).toBe(`${stream}.2`);
    expect((await readable()).map(({ seconds }) => seconds)).toEqual([[1], [2]]);
  });

  it('takes along what is ingested meanwhile', async () => {
    await recorded([0, 1], [2, 3]);
    const one = writer();
    let next = 10;
    await erase([seconds(0, 1)], 'deletion', {
      log: {
        read: (name, options) => log.read(name, options),
        async append(name, events, expected) {
          if (next < 13) await one.submit(ecg(next++), context());
          return log.append(name, events, expected);
        },
      },
    });
    expect((await readable()).flatMap(({ seconds }) => seconds).sort((a, b) => a - b)).toEqual([
      1, 2, 3, 10, 11, 12,
    ]);
    expect(erasedDays()).toHaveLength(1);
  });

  it('appends more than fits into one append in several', async () => {
    await recorded([0, 1], [2, 3], [4], [5], [6], [7], [8]);
    log.tried.length = 0;
    await erase([seconds(0, 1)], 'deletion', { maxBatchBytes: 3_500 });
    expect(log.tried).toEqual([3, 3, 1, 1]);
    expect((await readable()).map(({ at }) => at)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });
});

describe('an erasure that is broken off', () => {
  /** Dies at its n-th step, before or after that has had its effect. */
  function mortal(steps: number, after: boolean): Partial<EraseDayDependencies> {
    let left = steps;
    const step = async <T>(work: () => Promise<T>): Promise<T> => {
      const last = left-- === 0;
      if (last && !after) throw new EventLogUnavailable('killed');
      const done = await work();
      if (last) throw new EventLogUnavailable('killed');
      return done;
    };
    return {
      log: {
        read: (name, options) => log.read(name, options),
        append: (name, events, expected) => step(() => log.append(name, events, expected)),
      },
      keys: {
        get: (ids) => keys.get(ids),
        getOrCreate: (id) => step(() => keys.getOrCreate(id)),
        destroy: (id) => step(() => keys.destroy(id)),
      },
    };
  }

  it('comes to the same end, wherever it was and though ingest goes on', async () => {
    let died = 0;
    for (let steps = 0; ; steps++) {
      for (const after of [false, true]) {
        log = new MemoryLog();
        keys = new MemoryKeys((keyId) => new KeyDestroyed(keyId));
        deps = { log, keys, now: () => 0 };
        await recorded([0, 1, 2], [3, 4], [5, 6], [9]);
        const dying = { ...mortal(steps, after), maxBatchBytes: 2_500 };
        const broken = await erase([seconds(1, 2)], 'deletion', dying).then(
          () => false,
          () => true,
        );
        if (!broken) {
          // A key made, two appends, a key destroyed, an append: each before and after.
          expect(died).toBe(10);
          return;
        }
        died++;
        log.createdMs = 2000;
        await writer().submit(ecg(0, 9, 10), context());
        await erase([seconds(1, 2)], 'deletion', { maxBatchBytes: 2_500 });
        const left = await readable();
        expect([...left].sort((a, b) => a.at - b.at)).toEqual([
          { at: 1, seconds: [0, 2] },
          { at: 2, seconds: [3, 4] },
          { at: 3, seconds: [5, 6] },
          { at: 4, seconds: [9] },
          { at: 2000, seconds: [10] },
        ]);
        expect(erasedDays()).toHaveLength(1);
      }
    }
  });

  it('is carried out once by two at a time', async () => {
    await recorded([0, 1], [2, 3], [4]);
    await Promise.all([erase([seconds(1, 3)]), erase([seconds(1, 3)]), erase([seconds(1, 3)])]);
    expect((await readable()).map(({ seconds }) => seconds)).toEqual([[0], [3], [4]]);
    expect(erasedDays()).toHaveLength(1);
  });
});

it('hides nothing from a reader that read the stream before and asks for the keys after', async () => {
  await recorded([0, 1], [2, 3]);
  let reads = 0;
  const torn = {
    async *read(name: string, options?: { from?: number }) {
      const events = [];
      for await (const event of log.read(name, options)) events.push(event);
      if (reads++ === 0) await erase([seconds(0, 1)]);
      yield* events;
    },
  };
  const { ecg: read } = await readRecording({ log: torn, keys }, deviceId, [seconds(0, 60)]);
  expect([...read.t].map((ms) => (ms - day) / 1000)).toEqual([1, 2, 3]);
});
