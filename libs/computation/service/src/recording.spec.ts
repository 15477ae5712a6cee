import type { KeyLookup, KeySource, ReadOptions, StoredEvent } from '@touchline/event-log';
import {
  concatSampleColumns,
  dayErasedType,
  emptySampleColumns,
  encodeDayErased,
  encodeSamples,
  framesIngestedType,
  type SampleColumns,
  sealFrames,
} from '@touchline/samples';
import { emptyDocument } from '@touchline/metrics';
import { storedEvent } from '@touchline/testing/project';
import { describe, expect, it } from 'vitest';
import type { FrameInput } from './inputs.ts';
import { inside, inTimeOrder, Recording } from './recording.ts';

const day = Date.UTC(2021, 10, 19);
const stream = 'telemetry-7-20211119';
const key = new Uint8Array(32).fill(1);
const signal = new AbortController().signal;

function steps(fromMs: number, count: number, speedMps = 2): SampleColumns {
  const t = Float64Array.from({ length: count }, (_, i) => fromMs + i * 1000);
  const missing = new Float64Array(count).fill(NaN);
  const speed = new Float64Array(count).fill(speedMps);
  return {
    ...emptySampleColumns(),
    gnss: { t, latitude: missing, longitude: missing, speed, altitude: missing },
  };
}

function ingested(
  samples: SampleColumns,
  revision: number,
  moved: { keyId?: string; firstStoredMs?: number } = {},
): StoredEvent {
  const plaintext = encodeSamples(samples);
  const data = sealFrames({ deviceId: 7, samples, plaintext, keyId: 'k', key, stream, ...moved });
  return { ...storedEvent({ type: framesIngestedType, data }, revision, stream), revision };
}

function erased(startMs: number, endMs: number, revision: number): StoredEvent {
  const payload = encodeDayErased({ deviceId: 7, keyIds: ['k'], intervals: [{ startMs, endMs }] });
  return { ...storedEvent(payload, revision, stream), type: dayErasedType, revision };
}

/** A day stream that grows, and what was read of it. */
class DayStream {
  readonly events: StoredEvent[] = [];
  readonly reads: number[] = [];
  async *read(name: string, { from = 0 }: ReadOptions = {}) {
    if (name !== stream) return;
    this.reads.push(from);
    yield* this.events.slice(from);
  }
}

/** The state of all keys, or of the one that is named; the others are present then. */
const keys = (state: KeyLookup['state'], named?: string): KeySource => ({
  get: (ids) =>
    Promise.resolve(
      new Map(
        ids.map((id): [string, KeyLookup] => [
          id,
          state !== 'present' && (named ?? id) === id ? { state } : { state: 'present', key },
        ]),
      ),
    ),
});
const input = (over: Partial<FrameInput> = {}): FrameInput => ({
  id: 42,
  device: 7,
  intervals: [{ startMs: day, endMs: day + 60_000 }],
  metrics: { sport: 'soccer', window: { startMs: day, endMs: day + 60_000 }, birthDate: null },
  changedMs: 5,
  position: '1',
  erased: false,
  ...over,
});

describe('the recording of a time frame', () => {
  it('reads each event of the day stream once', async () => {
    const log = new DayStream();
    const recording = new Recording(log, keys('present'), input());
    log.events.push(ingested(steps(day, 11), 0));
    await recording.catchUp(signal);
    expect(recording.document().total_distance).toBe(20);
    log.events.push(ingested(steps(day + 11_000, 10), 1));
    await recording.catchUp(signal);
    await recording.catchUp(signal);
    expect(recording.document().total_distance).toBe(40);
    expect(log.reads).toEqual([0, 1, 2]);
  });

  it('does not read a day that has no key yet, and has no document of its own until it has samples', async () => {
    const log = new DayStream();
    let hasKey = false;
    const dayKeys: KeySource = {
      get: (ids) => (hasKey ? keys('present') : keys('unknown')).get(ids),
    };
    const recording = new Recording(log, dayKeys, input());
    await recording.catchUp(signal);
    expect([recording.isEmpty, log.reads]).toEqual([true, []]);
    expect(recording.document()).toEqual({ ...emptyDocument(input().metrics), last_computation: 5 });
    hasKey = true;
    log.events.push(ingested(steps(day, 11), 0));
    await recording.catchUp(signal);
    expect([recording.isEmpty, log.reads]).toEqual([false, [0]]);
    log.events.push(erased(day, day + 1000, 1));
    await recording.catchUp(signal);
    expect(recording.isEmpty).toBe(true);
  });

  it('ends at the same document when the log holds the recording in another order', async () => {
    const minutes = input({
      intervals: [{ startMs: day, endMs: day + 3_600_000 }],
      metrics: { ...input().metrics, window: { startMs: day, endMs: day + 3_600_000 } },
    });
    const parts = Array.from({ length: 60 }, (_, i) => steps(day + i * 60_000, 60, 1 + (i % 7)));
    const documents = [];
    for (const order of [parts, [...parts].reverse(), [...parts.slice(30), ...parts.slice(0, 30)]]) {
      const log = new DayStream();
      const recording = new Recording(log, keys('present'), minutes);
      for (const [revision, part] of order.entries()) {
        log.events.push(ingested(part, revision));
        if (revision % 20 === 0) await recording.catchUp(signal);
      }
      await recording.catchUp(signal);
      documents.push({ ...recording.document(), last_computation: null });
    }
    expect(documents[0]?.total_distance).toBeGreaterThan(10_000);
    expect(documents[1]).toEqual(documents[0]);
    expect(documents[2]).toEqual(documents[0]);
  });

  it('leaves out what lies outside the window or the ownership', async () => {
    const log = new DayStream();
    log.events.push(ingested(steps(day, 61), 0));
    const owned = input({ intervals: [{ startMs: day + 10_000, endMs: day + 20_000 }] });
    const recording = new Recording(log, keys('present'), owned);
    await recording.catchUp(signal);
    const { first_timestamp, last_timestamp } = recording.document();
    expect([first_timestamp, last_timestamp]).toEqual([day + 10_000, day + 19_000]);
  });

  it('tells the log time of the newest event that it used, and no other', async () => {
    const log = new DayStream();
    const recording = new Recording(log, keys('present'), input());
    expect(recording.document().last_computation).toBe(5);
    log.events.push(ingested(steps(day, 3), 0), ingested(steps(day + 3_600_000, 3), 1));
    await recording.catchUp(signal);
    expect(recording.document().last_computation).toBe(log.events[0]?.createdMs);
  });

  it('stays the same when the rest of its day is erased and it is appended again', async () => {
    const log = new DayStream();
    log.events.push(ingested(steps(day + 30_000, 30), 0), ingested(steps(day + 60_000, 30), 1));
    const live = new Recording(log, keys('present'), input());
    await live.catchUp(signal);
    const before = live.document();
    const firstStoredMs = log.events[0]!.createdMs;
    log.events.push(ingested(steps(day + 30_000, 30), 2, { keyId: 'k2', firstStoredMs }));
    await live.catchUp(signal);
    expect(live.document()).toEqual(before);
    log.events.push(erased(day + 60_000, day + 90_000, 3));
    for (const [recording, source] of [
      [live, 'present'],
      [new Recording(log, keys('present'), input()), 'present'],
      [new Recording(log, keys('destroyed', 'k'), input()), 'destroyed'],
    ] as const) {
      await recording.catchUp(signal);
      expect([source, recording.document()]).toEqual([source, before]);
    }
  });

  it('loses what is erased of it, even while the old key is still remembered', async () => {
    const log = new DayStream();
    log.events.push(ingested(steps(day, 60), 0));
    const live = new Recording(log, keys('present'), input());
    await live.catchUp(signal);
    log.events.push(ingested(steps(day + 50_000, 10), 1, { keyId: 'k2', firstStoredMs: 7 }));
    log.events.push(erased(day, day + 50_000, 2));
    for (const recording of [live, new Recording(log, keys('present'), input())]) {
      await recording.catchUp(signal);
      expect(recording.document()).toMatchObject({
        first_timestamp: day + 50_000,
        last_timestamp: day + 59_000,
        total_distance: 18,
        last_computation: 7,
      });
    }
  });

  it('holds nothing once the key of the day is destroyed or the athlete is erased', async () => {
    const log = new DayStream();
    log.events.push(ingested(steps(day, 11), 0));
    for (const [source, over] of [
      [keys('destroyed'), {}],
      [keys('present'), { erased: true }],
    ] as const) {
      const recording = new Recording(log, source, input(over));
      await recording.catchUp(signal);
      expect(recording.document().total_distance).toBe(0);
      expect(recording.document().first_timestamp).toBeNull();
    }
  });
});

it('cuts columns to intervals, and gives them back as they are when all lies inside', () => {
  const samples = steps(day, 10);
  expect(inside(samples, [{ startMs: day, endMs: day + 10_000 }]).gnss.t).toBe(samples.gnss.t);
  const cut = inside(samples, [
    { startMs: day, endMs: day + 2_000 },
    { startMs: day + 9_000, endMs: day + 9_001 },
  ]);
  expect([...cut.gnss.t]).toEqual([day, day + 1_000, day + 9_000]);
  expect(cut.gnss.speed).toHaveLength(3);
});

it('sorts each channel by time and keeps the order of what has the same time', () => {
  const [early, late] = [steps(day, 2, 1), steps(day, 2, 3)];
  const mixed = inTimeOrder(concatSampleColumns([steps(day + 5_000, 1), late, early]));
  expect([...mixed.gnss.t]).toEqual([day, day, day + 1_000, day + 1_000, day + 5_000]);
  expect([...mixed.gnss.speed]).toEqual([3, 1, 3, 1, 2]);
});
