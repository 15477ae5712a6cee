import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { KeyState } from '@touchline/contracts/common/v1/common';
import type { PreprocessedRow } from '@touchline/contracts/telemetry/v1/service';
import { EventLog, type StoredEvent } from '@touchline/event-log';
import { connectMongo, KeyStore } from '@touchline/read-models';
import { readFrames } from '@touchline/samples';
import { type Engines, startEngines } from '@touchline/testing/engines';
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, failure, type FrameInit, TelemetryFixture } from './telemetry.fixture.ts';

let engines: Engines;
let fixture: TelemetryFixture;
let log: EventLog;

beforeAll(async () => {
  engines = await startEngines();
  fixture = new TelemetryFixture(engines);
  await fixture.start();
  log = EventLog.connect({ url: engines.eventstoreUrl });
});

afterAll(async () => {
  await log?.close();
  await fixture?.stop();
  await engines?.close();
});

const day = Date.UTC(2024, 4, 1);
const noon = day + 12 * 3_600_000;

/** One second: ten positions and speeds, a heart rate. */
function second(startMs: number): FrameInit {
  const t = Array.from({ length: 10 }, (_, i) => startMs + i * 100);
  const of = (value: (timestampMs: number) => number) => ({ values: t.map(value) });
  return {
    gnss: {
      timestampMs: t,
      latitudeDeg: of((ms) => 46.5 + (ms % 7919) / 1e6),
      longitudeDeg: of((ms) => 6.6 + (ms % 104_729) / 1e6),
      speedMps: of((ms) => (ms % 97) / 10),
    },
    ecg: { timestampMs: [startMs], hrBpm: { values: [120 + (startMs % 31)] } },
  };
}

const seconds = (count: number, startMs = noon) =>
  Array.from({ length: count }, (_, i) => second(startMs + i * 1000));

type Device = Awaited<ReturnType<TelemetryFixture['ownedDevice']>>;

const ingest = (
  device: Device,
  frames: FrameInit[],
  client = fixture.client,
  commandId: string = randomUUID(),
) =>
  client
    .ingest({ device: device.id, frames }, { token: device.ingestToken, commandId })
    .then(({ message: { accepted, duplicates, rejected } }) => ({ accepted, duplicates, rejected }));

const rowsOf = (device: Device, startMs = day, stopMs = day + 2 * 86_400_000) =>
  fixture.rows(
    {
      device: device.id,
      startTime: timestampFromMs(startMs),
      stopTime: timestampFromMs(stopMs),
      limit: 25_000,
    },
    device.owner,
  );

const stored = (device: Device, yyyymmdd = '20240501'): Promise<StoredEvent[]> =>
  collect(log.read(`telemetry-${device.id}-${yyyymmdd}`));

/** A row without what is missing. */
function shown({ $typeName: _name, timestampMs, hasGnss, hasEcg, hasPwr, ...row }: PreprocessedRow) {
  const channels = Object.entries({ gnss: hasGnss, ecg: hasEcg, pwr: hasPwr });
  return [
    Number(timestampMs) - noon,
    channels.flatMap(([channel, has]) => (has ? [channel] : [])).join(),
    Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)),
  ];
}

function shuffled<T>(items: readonly T[]): T[] {
  // A fixed permutation: 7919 is a prime that divides no length used here.
  return items.map((_, i) => items[(i * 7919) % items.length]!);
}

describe('ingest', () => {
  it('stores what every channel sent, to be read back in rows', async () => {
    const device = await fixture.ownedDevice();
    const frame: FrameInit = {
      gnss: {
        timestampMs: [noon + 100, noon],
        latitudeDeg: { values: [NaN, 46.5] },
        longitudeDeg: { values: [NaN, -0] },
        speedMps: { values: [4.25, -3] },
      },
      ecg: { timestampMs: [noon], hrBpm: { values: [151] } },
      pwr: { timestampMs: [noon + 100], instantPowerW: { values: [250] }, cadenceRpm: { values: [NaN] } },
      device: { timestampMs: [noon + 50], standstill: { values: [1] }, batteryLevel: { values: [87.5] } },
    };
    expect(await ingest(device, [frame])).toEqual({ accepted: 5, duplicates: 0, rejected: [] });
    const { count, rows } = await rowsOf(device);
    expect(count).toBe(3);
    expect(rows.map(shown)).toEqual([
      [0, 'gnss,ecg', { latitudeDeg: 46.5, longitudeDeg: 0, speedMps: -3, hrBpm: 151 }],
      [50, '', { standstill: 1, batteryLevel: 87.5 }],
      [100, 'gnss,pwr', { speedMps: 4.25, instantPowerW: 250 }],
    ]);
  });

  it('gives the same rows for frames that come shuffled and twice', async () => {
    const [inOrder, mixed] = [await fixture.ownedDevice(), await fixture.ownedDevice()];
    const frames = seconds(50);
    expect(await ingest(inOrder, frames)).toMatchObject({ accepted: 550, duplicates: 0 });
    const twice = shuffled([...frames, ...frames]);
    let accepted = 0;
    let duplicates = 0;
    for (let i = 0; i < twice.length; i += 9) {
      const counts = await ingest(mixed, twice.slice(i, i + 9));
      accepted += counts.accepted;
      duplicates += counts.duplicates;
    }
    expect([accepted, duplicates]).toEqual([550, 550]);
    const rows = await rowsOf(mixed);
    expect(rows.count).toBe(500);
    expect(rows).toEqual(await rowsOf(inOrder));
  });

  it('changes nothing when it is repeated, with the same command or another', async () => {
    const device = await fixture.ownedDevice();
    const commandId = randomUUID();
    expect(await ingest(device, seconds(3), fixture.client, commandId)).toMatchObject({ accepted: 33 });
    const before = await stored(device);
    expect(await ingest(device, seconds(3), fixture.client, commandId)).toMatchObject({
      accepted: 0,
      duplicates: 33,
    });
    expect(await ingest(device, seconds(3))).toMatchObject({ accepted: 0, duplicates: 33 });
    expect(await stored(device)).toEqual(before);
    expect(before).toHaveLength(1);
  });

  it('stores different samples of one time, and shows them in rows of their own', async () => {
    const device = await fixture.ownedDevice();
    const hr = (value: number): FrameInit => ({ ecg: { timestampMs: [noon], hrBpm: { values: [value] } } });
    expect(await ingest(device, [hr(61), hr(60), hr(61)])).toMatchObject({ accepted: 2, duplicates: 1 });
    expect(await ingest(device, [hr(NaN), hr(NaN)])).toMatchObject({ accepted: 1, duplicates: 1 });
    expect((await rowsOf(device)).rows.map((row) => row.hrBpm)).toEqual([undefined, 60, 61]);
  });

  it('rejects malformed frames by their place and takes the others', async () => {
    const device = await fixture.ownedDevice();
    const uneven: FrameInit = { ecg: { timestampMs: [noon, noon + 1000], hrBpm: { values: [60] } } };
    const early: FrameInit = { ecg: { timestampMs: [0], hrBpm: { values: [60] } } };
    const answer = await ingest(device, [
      uneven,
      second(noon),
      early,
      { malformed: 'ecg is no object.' },
      {},
    ]);
    expect(answer).toMatchObject({ accepted: 11, duplicates: 0 });
    expect(answer.rejected.map(({ index, reason }) => [index, reason])).toEqual([
      [0, 'ecg.hr has 1 values, but ecg.timestamp has 2: both need the same number.'],
      [2, expect.stringContaining('before 2000-01-01')],
      [3, 'ecg is no object.'],
    ]);
    expect((await rowsOf(device)).count).toBe(10);
  });

  it('splits at midnight UTC, seals the samples and tells their ranges in clear', async () => {
    const device = await fixture.ownedDevice();
    const midnight = day + 86_400_000;
    await ingest(device, [second(midnight - 500)]);
    const [[before], [after]] = [await stored(device), await stored(device, '20240502')];
    expect(before!.metadata.actor).toBe(`device:${device.id}`);
    expect(readFrames(before!)).toMatchObject({
      keyId: `telemetry-${device.id}-20240501.1`,
      ranges: [
        { channel: 'gnss', firstMs: midnight - 500, lastMs: midnight - 100, samples: 5 },
        { channel: 'ecg', firstMs: midnight - 500, lastMs: midnight - 500, samples: 1 },
      ],
    });
    expect(readFrames(after!).ranges).toEqual([
      { channel: 'gnss', firstMs: midnight, lastMs: midnight + 400, samples: 5 },
    ]);
    expect((await rowsOf(device)).count).toBe(10);
    const { message } = await fixture.client.keys(
      { keyIds: [readFrames(before!).keyId] },
      await fixture.serviceToken('computation'),
    );
    expect(message.keys).toMatchObject([{ state: KeyState.PRESENT, key: { length: 32 } }]);
  });

  it('splits what is too large for one append', async () => {
    const device = await fixture.ownedDevice();
    const frames = seconds(5000);
    expect(await ingest(device, frames)).toMatchObject({ accepted: 55_000, duplicates: 0 });
    const events = await stored(device);
    expect(events.length).toBeGreaterThan(3);
    for (const { data } of events) expect((data as Uint8Array).length).toBeLessThan(500_000);
    expect(await ingest(device, frames)).toMatchObject({ accepted: 0, duplicates: 55_000 });
    expect((await rowsOf(device)).count).toBe(50_000);
  });
});

describe('who may ingest', () => {
  it('is the device by its token until that is rotated', async () => {
    const device = await fixture.ownedDevice();
    await ingest(device, [second(noon)]);
    const { message } = await fixture.client.rotateIngestToken({ device: device.id }, device.owner);
    expect(await failure(ingest(device, [second(noon)]))).toMatchObject({ status: 'unauthenticated' });
    const rotated = { ...device, ingestToken: message.ingestToken };
    expect(await ingest(rotated, [second(noon)])).toMatchObject({ duplicates: 11 });
  });

  it('is nobody with a token that is no device’s', async () => {
    const device = await fixture.ownedDevice();
    const wrong = { ...device, ingestToken: randomBytes(32).toString('base64url') };
    expect(await failure(ingest(wrong, []))).toMatchObject({ status: 'unauthenticated' });
    expect(await failure(ingest({ ...wrong, id: 2_000_000_000 }, []))).toMatchObject({
      status: 'unauthenticated',
    });
    expect(await stored(device)).toEqual([]);
  });

  it('is not another device', async () => {
    const [device, other] = [await fixture.ownedDevice(), await fixture.ownedDevice()];
    const mixed = { ...device, ingestToken: other.ingestToken };
    expect(await failure(ingest(mixed, [second(noon)]))).toMatchObject({ status: 'forbidden' });
    expect(await failure(ingest({ ...mixed, id: 2_000_000_000 }, []))).toMatchObject({ status: 'not_found' });
    const get = fixture.client.getDevice({ device: device.id }, { token: device.ingestToken });
    expect(await failure(get)).toMatchObject({ status: 'unauthenticated' });
  });

  it('is its owner now, no former one', async () => {
    const device = await fixture.ownedDevice();
    const asOwner = { ...device, ingestToken: device.owner.token };
    expect(await ingest(asOwner, [second(noon)])).toMatchObject({ accepted: 11 });
    await fixture.visible(fixture.client.releaseOwnership({ device: device.id }, device.owner));
    expect(await failure(ingest(asOwner, [second(noon)]))).toMatchObject({ status: 'forbidden' });
    expect(await ingest(device, [second(noon)])).toMatchObject({ duplicates: 11 });
  });
});

describe('many at once', () => {
  it('lose and double nothing in one instance', async () => {
    const device = await fixture.ownedDevice();
    const frames = seconds(200);
    const answers = await Promise.all(
      [...frames, ...shuffled(frames)].map((frame) => ingest(device, [frame])),
    );
    expect(answers.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(2200);
    expect(answers.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(2200);
    expect((await rowsOf(device)).count).toBe(2000);
  });

  it('lose and double nothing in two instances that write the same day', async () => {
    const device = await fixture.ownedDevice();
    const second = await fixture.startInstance();
    const frames = seconds(120);
    const answers = await Promise.all([
      ...frames.map((frame) => ingest(device, [frame])),
      ...shuffled(frames).map((frame) => ingest(device, [frame], second.client)),
    ]);
    expect(answers.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(1320);
    expect(answers.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(1320);
    const samples = (await stored(device)).flatMap((event) =>
      readFrames(event).ranges.map(({ samples }) => samples),
    );
    expect(samples.reduce((sum, count) => sum + count, 0)).toBe(1320);
    const single = await fixture.ownedDevice();
    await ingest(single, frames);
    expect(await rowsOf(device)).toEqual(await rowsOf(single));
  });

  it('know what an instance before them stored', async () => {
    const device = await fixture.ownedDevice();
    await ingest(device, seconds(20));
    const { client } = await fixture.startInstance();
    expect(await ingest(device, seconds(25), client)).toMatchObject({ accepted: 55, duplicates: 220 });
  });
});

describe('reading back', () => {
  it('shows an owner only what was recorded while he was, an ADMIN all', async () => {
    const device = await fixture.ownedDevice();
    await ingest(device, seconds(10));
    const admin = await fixture.user('ADMIN');
    await fixture.client.releaseOwnership(
      { device: device.id, endTime: timestampFromMs(noon + 2000) },
      device.owner,
    );
    await fixture.client.takeOwnership(
      { device: device.id, owner: device.owner.id, startTime: timestampFromMs(noon + 8000) },
      admin,
    );
    const { count, rows } = await rowsOf(device);
    expect(count).toBe(40);
    expect(rows.map(({ timestampMs }) => Number(timestampMs) - noon).slice(18, 22)).toEqual([
      1800, 1900, 8000, 8100,
    ]);
    expect((await rowsOf({ ...device, owner: admin })).count).toBe(100);
    const stranger = { ...device, owner: await fixture.user('MANAGER') };
    expect(await failure(rowsOf(stranger))).toMatchObject({ status: 'forbidden' });
  });

  it('keeps to the window, its stop being outside, and to the page', async () => {
    const device = await fixture.ownedDevice();
    await ingest(device, seconds(3));
    expect((await rowsOf(device, noon + 100, noon + 1000)).count).toBe(9);
    const page = await fixture.rows(
      {
        device: device.id,
        startTime: timestampFromMs(day),
        stopTime: timestampFromMs(day + 86_400_000),
        page: 2,
        limit: 12,
      },
      device.owner,
    );
    expect(page.count).toBe(30);
    expect(page.rows.map(({ timestampMs }) => Number(timestampMs) - noon)).toEqual(
      Array.from({ length: 12 }, (_, i) => 1200 + i * 100),
    );
  });

  it('is refused for more than two days and without a window', async () => {
    const device = await fixture.ownedDevice();
    expect(await failure(rowsOf(device, day, day + 2 * 86_400_000 + 1))).toMatchObject({
      status: 'invalid',
      fields: { stop: ['The window may be at most two days long.'] },
    });
    expect(await failure(fixture.rows({ device: device.id }, device.owner))).toMatchObject({
      fields: { start: ['This field is required.'], stop: ['This field is required.'] },
    });
  });

  it('finds nothing under a destroyed key, and new samples under the next', async () => {
    const device = await fixture.ownedDevice();
    await ingest(device, seconds(2));
    const mongo = connectMongo(engines.mongodbUrl);
    await new KeyStore(mongo.state('telemetry'), randomBytes(32)).destroy(
      `telemetry-${device.id}-20240501.1`,
    );
    await mongo.close();
    expect((await rowsOf(device)).count).toBe(0);
    const { client } = await fixture.startInstance();
    expect(await ingest(device, seconds(1), client)).toMatchObject({ accepted: 11 });
    expect((await rowsOf(device)).count).toBe(10);
    expect((await stored(device)).map((event) => readFrames(event).keyId)).toEqual([
      `telemetry-${device.id}-20240501.1`,
      `telemetry-${device.id}-20240501.2`,
    ]);
  });
});
