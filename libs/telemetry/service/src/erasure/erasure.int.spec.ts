import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  ActivityDeletedSchema,
  TimeFrameCreatedSchema,
  TimeFrameDeletedSchema,
} from '@touchline/contracts/activity/v1/events';
import { AthleteDeletedSchema } from '@touchline/contracts/identity/v1/events';
import { encodePayload, type EncodedPayload, EventLog, type StoredEvent } from '@touchline/event-log';
import { connectMongo } from '@touchline/read-models';
import { dayErasedType, readDayErased } from '@touchline/samples';
import { type Engines, startEngines } from '@touchline/testing/engines';
import { randomInt, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, TelemetryFixture } from '../telemetry.fixture.ts';

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

const noon = Date.UTC(2024, 4, 1, 12);
const at = (seconds: number) => noon + seconds * 1000;
const metadata = { correlation_id: 'test', actor: 'user:1', at: '2024-05-01T00:00:00.000Z' };

type Device = Awaited<ReturnType<TelemetryFixture['ownedDevice']>>;

const told = (stream: string, payload: EncodedPayload) =>
  log.append(stream, [{ ...payload, id: randomUUID(), metadata }], 'any');

/** A time frame of the device's owner, as activity would tell of it. */
async function wears(athlete: number, device: Device, from: number, to: number) {
  const timeFrameId = randomInt(1, 2 ** 31);
  const activity = randomInt(1, 2 ** 31);
  await told(
    `timeframe-${timeFrameId}`,
    encodePayload(TimeFrameCreatedSchema, {
      timeFrameId,
      owner: device.owner.id,
      device: device.id,
      athlete,
      activity,
      startTime: timestampFromMs(at(from)),
      endTime: timestampFromMs(at(to)),
    }),
  );
  return { timeFrameId, activity };
}

const newAthlete = async () => (await fixture.user('ATHLETE')).id;

const deletes = (userId: number) =>
  told(`user-${userId}`, encodePayload(AthleteDeletedSchema, { userId })).then(() => undefined);

const ingest = async (device: Device, ...seconds: number[]) => {
  const ecg = { timestampMs: seconds.map(at), hrBpm: { values: seconds.map((s) => 60 + (s % 100)) } };
  const sent = fixture.client.ingest(
    { device: device.id, frames: [{ ecg }] },
    { token: device.ingestToken, commandId: randomUUID() },
  );
  return (await sent).message;
};

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** Seconds after noon of what can be read, over three days. */
async function readable(device: Device): Promise<number[]> {
  const rows: number[] = [];
  for (const startMs of [noon - 2 * 86_400_000, noon]) {
    const window = {
      startTime: timestampFromMs(startMs),
      stopTime: timestampFromMs(startMs + 2 * 86_400_000),
    };
    const found = await fixture.rows({ device: device.id, ...window, limit: 25_000 }, device.owner);
    rows.push(...found.rows.map(({ timestampMs }) => (Number(timestampMs) - noon) / 1000));
  }
  return rows;
}

const stored = (device: Device, day = '20240501'): Promise<StoredEvent[]> =>
  collect(log.read(`telemetry-${device.id}-${day}`));

/** Waits until as many erasures of the device's day are over. */
async function erased(device: Device, count = 1, day = '20240501'): Promise<StoredEvent[]> {
  for (;;) {
    const found = (await stored(device, day)).filter(({ type }) => type === dayErasedType);
    if (found.length >= count) return found;
  }
}

async function keyOf(keyId: string): Promise<unknown> {
  const mongo = connectMongo(engines.mongodbUrl);
  try {
    return await mongo.state('telemetry').collection<{ _id: string }>('keys').findOne({ _id: keyId });
  } finally {
    await mongo.close();
  }
}

describe('the erasure of an athlete', () => {
  it('takes what he recorded and leaves what others did, on every day that he wore something', async () => {
    const device = await fixture.ownedDevice();
    const [one, two] = [await newAthlete(), await newAthlete()];
    const tomorrow = 86_400;
    await ingest(device, ...range(0, 30), ...range(tomorrow, tomorrow + 10));
    await ingest(device, ...range(30, 60));
    await wears(one, device, 10, 20);
    await wears(two, device, 20, 40);
    await wears(one, device, 50, 55);
    await wears(one, device, tomorrow + 5, 2 * tomorrow);
    await deletes(one);
    await Promise.all([erased(device), erased(device, 1, '20240502')]);
    expect(await readable(device)).toEqual([
      ...range(0, 10),
      ...range(20, 50),
      ...range(55, 60),
      ...range(tomorrow, tomorrow + 5),
    ]);
    for (const day of ['20240501', '20240502']) {
      const key = await keyOf(`telemetry-${device.id}-${day}.1`);
      expect(key).toEqual({ _id: `telemetry-${device.id}-${day}.1`, destroyed: true });
    }
  });

  it('leaves the day open for what is ingested later, and closed for what was erased', async () => {
    const device = await fixture.ownedDevice();
    const athlete = await newAthlete();
    await ingest(device, ...range(0, 20));
    await wears(athlete, device, 0, 10);
    await deletes(athlete);
    await erased(device);
    expect(await ingest(device, ...range(0, 30))).toMatchObject({ accepted: 10, duplicates: 20 });
    expect(await readable(device)).toEqual(range(10, 30));
  });

  it('counts time frames that are deleted by now, alone or with their activity', async () => {
    const device = await fixture.ownedDevice();
    const [athlete, other] = [await newAthlete(), await newAthlete()];
    await ingest(device, ...range(0, 40));
    const single = await wears(athlete, device, 0, 10);
    const whole = await wears(athlete, device, 20, 30);
    await told(
      `timeframe-${single.timeFrameId}`,
      encodePayload(TimeFrameDeletedSchema, {
        timeFrameId: single.timeFrameId,
        activity: single.activity,
      }),
    );
    await told(
      `activity-${whole.activity}`,
      encodePayload(ActivityDeletedSchema, { activityId: whole.activity }),
    );
    // The first named the wrong athlete in part.
    await wears(other, device, 5, 10);
    await deletes(athlete);
    const [event] = await erased(device);
    expect(readDayErased(event!).intervals).toEqual([
      { startMs: at(0), endMs: at(5) },
      { startMs: at(20), endMs: at(30) },
    ]);
    expect(await readable(device)).toEqual([...range(5, 20), ...range(30, 40)]);
  });

  it('is gone through once by two instances, and again by none that starts later', async () => {
    await fixture.startInstance();
    const devices = [await fixture.ownedDevice(), await fixture.ownedDevice()];
    const [one, two] = [await newAthlete(), await newAthlete()];
    for (const device of devices) {
      await ingest(device, ...range(0, 30));
      await wears(one, device, 0, 10);
      await wears(two, device, 10, 20);
    }
    await deletes(one);
    await deletes(two);
    await Promise.all(devices.map((device) => erased(device, 2)));
    await fixture.startInstance();
    const last = await fixture.ownedDevice();
    const three = await newAthlete();
    await ingest(last, 0);
    await wears(three, last, 0, 1);
    await deletes(three);
    await erased(last);
    for (const device of devices) {
      expect(await readable(device)).toEqual(range(20, 30));
      expect(await erased(device, 2)).toHaveLength(2);
    }
  });
});
