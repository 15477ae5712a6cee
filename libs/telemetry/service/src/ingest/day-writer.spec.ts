import type { CommandContext } from '@touchline/event-log';
import { KeyDestroyed } from '@touchline/read-models';
import { openFrames, readFrames, sealFrames, encodeSamples, framesIngestedType } from '@touchline/samples';
import { splitByDay, type SampleColumns } from '@touchline/telemetry-domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { eraseDay } from '../erasure/erase-day.ts';
import { MemoryKeys, MemoryLog } from '../memory-log.fixture.ts';
import { DayWriter } from './day-writer.ts';
import { DayWriters, IngestOverloaded } from './day-writers.ts';

const day = Date.UTC(2024, 4, 1);
const stream = 'telemetry-7-20240501';
const deviceId = 7;

let log: MemoryLog;
let keys: MemoryKeys;
beforeEach(() => {
  log = new MemoryLog();
  keys = new MemoryKeys((keyId) => new KeyDestroyed(keyId));
});

const writer = () => new DayWriter({ log, keys, deviceId, stream });

function ecg(...seconds: number[]): SampleColumns {
  const frame = {
    ecg: { t: seconds.map((s) => day + s * 1000), fields: { hr: seconds.map((s) => 60 + s) } },
  };
  return splitByDay([frame]).get('20240501')!;
}

let commands = 0;
const context = (): CommandContext => ({
  commandId: `command-${commands++}`,
  correlationId: 'request',
  actor: 'device:7',
  at: day,
});

/** All that the log holds, in its order, as seconds of the day. */
async function storedSeconds(): Promise<number[]> {
  const all: number[] = [];
  for (const event of log.events.filter(({ type }) => type === framesIngestedType)) {
    const frames = readFrames(event);
    const key = (await keys.get([frames.keyId])).get(frames.keyId);
    if (key?.state === 'present') all.push(...openFrames(frames, key.key).ecg.t.map((t) => (t - day) / 1000));
  }
  return all;
}

describe('the writer of a day', () => {
  it('gathers what comes during an append into the next one, an event each', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    log.gate = promise;
    const one = writer();
    const answers = [0, 1, 2, 3, 4].map((s) => one.submit(ecg(s), context()));
    expect(one.idle).toBe(false);
    resolve();
    await Promise.all(answers);
    expect(log.tried).toEqual([1, 4]);
    expect(await storedSeconds()).toEqual([0, 1, 2, 3, 4]);
    expect(one.idle).toBe(true);
  });

  it('answers a repeat only when the first is durable', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    log.gate = promise;
    const one = writer();
    const order: string[] = [];
    const first = one.submit(ecg(0), context()).then(() => order.push('first'));
    const repeat = one.submit(ecg(0), context()).then(({ duplicates }) => order.push(`repeat ${duplicates}`));
    await new Promise(setImmediate);
    expect(order).toEqual([]);
    resolve();
    await Promise.all([first, repeat]);
    expect(order).toEqual(['first', 'repeat 1']);
    expect(log.events).toHaveLength(1);
  });

  it('takes what was not written again, after an outage', async () => {
    log.outages.push('write');
    const one = writer();
    await expect(one.submit(ecg(0, 1), context())).rejects.toThrow('nothing was written');
    expect(await one.submit(ecg(0, 1), context())).toMatchObject({ accepted: 2, duplicates: 0 });
    expect(await storedSeconds()).toEqual([0, 1]);
  });

  it('knows what was written though the answer was lost', async () => {
    log.outages.push('answer');
    const one = writer();
    await expect(one.submit(ecg(0, 1), context())).rejects.toThrow('the answer was lost');
    expect(await one.submit(ecg(0, 1, 2), context())).toMatchObject({ accepted: 1, duplicates: 2 });
    expect(await storedSeconds()).toEqual([0, 1, 2]);
  });

  it('compares anew when another writer was faster', async () => {
    const [one, other] = [writer(), writer()];
    await one.submit(ecg(0), context());
    await other.submit(ecg(1, 2), context());
    expect(await one.submit(ecg(1, 2, 3), context())).toMatchObject({ accepted: 1, duplicates: 2 });
    expect(log.tried).toEqual([1, 1, 1, 1]);
    expect(await storedSeconds()).toEqual([0, 1, 2, 3]);
  });

  it('gives the same samples of one command the same event id, and no other', async () => {
    const command = context();
    await writer().submit(ecg(0), command);
    const [first] = log.events.splice(0);
    await writer().submit(ecg(0), command);
    await writer().submit(ecg(1), command);
    await writer().submit(ecg(2), context());
    const ids = log.events.map(({ id }) => id);
    expect(ids[0]).toBe(first!.id);
    expect(new Set(ids).size).toBe(3);
  });

  it('goes on under the key that erasure moved the day to, knowing only what remains', async () => {
    const one = writer();
    await one.submit(ecg(0, 1), context());
    // What erasure does: what remains is appended under the next key, then the old one is destroyed.
    const keyId = `${stream}.2`;
    const key = await keys.getOrCreate(keyId);
    const samples = ecg(1);
    const data = sealFrames({ deviceId, samples, plaintext: encodeSamples(samples), keyId, key, stream });
    await log.append(
      stream,
      [{ type: framesIngestedType, id: 'moved', data, metadata: log.events[0]!.metadata }],
      0,
    );
    await keys.destroy(`${stream}.1`);
    expect(await one.submit(ecg(1, 2), context())).toMatchObject({ accepted: 1, duplicates: 1 });
    expect(readFrames(log.events.at(-1)!).keyId).toBe(keyId);
    expect(await storedSeconds()).toEqual([1, 2]);
  });

  it('takes nothing again of what was erased, and later samples of the same times as they come', async () => {
    const one = writer();
    await one.submit(ecg(0, 1), context());
    log.createdMs = day + 10_000;
    const intervals = [{ startMs: day + 1000, endMs: day + 60_000 }];
    const cause = { id: 'deletion', correlationId: 'request' };
    const erasing = { log, keys, now: () => log.createdMs };
    await eraseDay(erasing, { deviceId, stream, intervals, cause }, new AbortController().signal);
    for (const any of [one, writer()]) {
      expect(await any.submit(ecg(0, 1, 2), context())).toMatchObject({ accepted: 0, duplicates: 3 });
    }
    expect(await one.submit(ecg(9, 10, 60), context())).toMatchObject({ accepted: 2, duplicates: 1 });
    expect(await storedSeconds()).toEqual([0, 10, 60]);
  });

  it('never uses a destroyed key', async () => {
    await writer().submit(ecg(0), context());
    await keys.destroy(`${stream}.1`);
    await keys.destroy(`${stream}.2`);
    await writer().submit(ecg(1), context());
    expect(readFrames(log.events.at(-1)!).keyId).toBe(`${stream}.3`);
  });
});

describe('the writers of all days', () => {
  const days = (...seconds: number[]) => new Map([['20240501', ecg(...seconds)]]);

  it('forget what takes too much memory, and read it again when it is wanted', async () => {
    const writers = new DayWriters({ log, keys, maxIdleBytes: 0 });
    expect(await writers.submit(deviceId, days(0, 1), context())).toEqual({ accepted: 2, duplicates: 0 });
    expect(writers.size).toBe(0);
    expect(await writers.submit(deviceId, days(1, 2), context())).toEqual({ accepted: 1, duplicates: 1 });
  });

  it('remember a day in use', async () => {
    const writers = new DayWriters({ log, keys });
    await writers.submit(deviceId, days(0), context());
    expect(writers.size).toBe(1);
  });

  it('refuse more than may wait, with nothing written', async () => {
    const writers = new DayWriters({ log, keys, maxPendingBytes: 100 });
    const { promise, resolve } = Promise.withResolvers<void>();
    log.gate = promise;
    const first = writers.submit(deviceId, days(0, 1, 2, 3, 4), context());
    await expect(writers.submit(deviceId, days(5), context())).rejects.toThrow(IngestOverloaded);
    resolve();
    await first;
    expect(await writers.submit(deviceId, days(5), context())).toMatchObject({ accepted: 1 });
  });

  it('store nothing of nothing', async () => {
    const writers = new DayWriters({ log, keys });
    expect(await writers.submit(deviceId, new Map(), context())).toEqual({ accepted: 0, duplicates: 0 });
    expect(log.tried).toEqual([]);
  });
});
