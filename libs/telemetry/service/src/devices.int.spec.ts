import { timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import { KeyState } from '@touchline/contracts/common/v1/common';
import {
  ActivityDeletedSchema,
  TimeFrameCreatedSchema,
  TimeFrameDeletedSchema,
  TimeFrameUpdatedSchema,
} from '@touchline/contracts/activity/v1/events';
import {
  DeviceSchema,
  type ListDevicesRequestSchema,
  OwnershipSchema,
} from '@touchline/contracts/telemetry/v1/service';
import { fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { encodePayload, EventLog, eventId } from '@touchline/event-log';
import { type Engines, startEngines } from '@touchline/testing/engines';
import { randomInt, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, failure, TelemetryFixture } from './telemetry.fixture.ts';

let engines: Engines;
let fixture: TelemetryFixture;
type User = Awaited<ReturnType<TelemetryFixture['user']>>;
let admin: User;
let manager: User;
let rival: User;
let athlete: User;

beforeAll(async () => {
  engines = await startEngines();
  fixture = new TelemetryFixture(engines);
  await fixture.start();
  admin = await fixture.user('ADMIN');
  manager = await fixture.user('MANAGER');
  rival = await fixture.user('MANAGER');
  athlete = await fixture.user('ATHLETE');
});

afterAll(async () => {
  await fixture?.stop();
  await engines?.close();
});

const serial = (name: string) => `${name}-${fixture.run}`;
const hourMs = 3_600_000;

async function register(name: string, customName?: string) {
  const request = { serialNumber: serial(name), ...(customName === undefined ? {} : { customName }) };
  return fixture.visible(fixture.client.registerDevice(request, admin));
}

async function list(
  request: MessageInitShape<typeof ListDevicesRequestSchema>,
  user: User,
): Promise<{ count: number; serials: string[] }> {
  let count = 0;
  const serials: string[] = [];
  for await (const message of fixture.client.listDevices(request, user)) {
    count = message.count;
    const devices = message.rows.map((row) => fromBinary(DeviceSchema, row));
    serials.push(...devices.map(({ serialNumber }) => serialNumber.replace(`-${fixture.run}`, '')));
  }
  return { count, serials };
}

describe('registering a device', () => {
  it('shows its token once and keeps only the hash in the log', async () => {
    const { device, ingestToken } = await register('Alpha', 'Left foot');
    expect(device).toMatchObject({ serialNumber: serial('Alpha'), customName: 'Left foot' });
    expect(device?.owner).toBeUndefined();
    expect(ingestToken).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const log = EventLog.connect({ url: engines.eventstoreUrl });
    const stored = await collect(log.read(`device-${device!.id}`));
    await log.close();
    expect(stored.map(({ type }) => type)).toEqual(['telemetry.v1.DeviceRegistered']);
    expect(JSON.stringify(stored)).not.toContain(ingestToken);
    expect(stored[0]?.metadata.actor).toBe(`user:${admin.id}`);
  });

  it('is refused for a serial number in use, whatever its case', async () => {
    await register('ÉTOILE');
    const again = fixture.client.registerDevice({ serialNumber: serial('étoile') }, admin);
    expect(await failure(again)).toMatchObject({
      status: 'invalid',
      code: 'serial_taken',
      fields: { serial_number: ['A device with this serial number already exists.'] },
    });
  });

  it('gives a serial number to one of two who ask at once', async () => {
    const both = await Promise.allSettled([register('Twin'), register('Twin')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('tells all fields that are wrong, with those that the gateway found', async () => {
    const request = { serialNumber: ' ', customName: 'x'.repeat(256) };
    const fieldErrors = { owner: ['A valid integer is required.'] };
    expect(await failure(fixture.client.registerDevice(request, { ...admin, fieldErrors }))).toMatchObject({
      status: 'invalid',
      fields: {
        owner: ['A valid integer is required.'],
        serial_number: ['This field may not be blank.'],
        custom_name: ['Ensure this field has no more than 255 characters.'],
      },
    });
    const shape = { serial_number: ['Not a valid string.'] };
    expect(await failure(fixture.client.registerDevice({}, { ...admin, fieldErrors: shape }))).toMatchObject({
      fields: shape,
    });
  });

  it('is for an ADMIN alone', async () => {
    for (const user of [manager, athlete, await fixture.serviceToken('gateway')]) {
      const call = fixture.client.registerDevice({ serialNumber: '' }, user);
      expect(await failure(call)).toMatchObject({ status: 'forbidden' });
    }
  });
});

describe('a device', () => {
  it('that does not exist is not found, whoever asks', async () => {
    const device = 2_000_000_000;
    const { client } = fixture;
    for (const user of [admin, manager, athlete]) {
      for (const call of [
        client.getDevice({ device }, user),
        client.takeOwnership({ device }, user),
        client.releaseOwnership({ device }, user),
        client.setCustomName({ device, customName: 'x' }, user),
        client.rotateIngestToken({ device }, user),
      ]) {
        expect(await failure(call)).toMatchObject({ status: 'not_found' });
      }
    }
  });

  it('is shown to who owns or owned it, and to an ADMIN', async () => {
    const { device } = await register('Seen');
    const id = device!.id;
    expect(await failure(fixture.client.getDevice({ device: id }, manager))).toMatchObject({
      status: 'forbidden',
    });
    await fixture.visible(fixture.client.takeOwnership({ device: id }, manager));
    const { message } = await fixture.client.getDevice({ device: id }, manager);
    expect(message.device).toMatchObject({ id, owner: manager.id, revision: 1 });
    await fixture.visible(fixture.client.releaseOwnership({ device: id }, manager));
    const { message: after } = await fixture.client.getDevice({ device: id }, manager);
    expect([after.device?.owner, after.device?.ownershipStart]).toEqual([undefined, undefined]);
    expect(await failure(fixture.client.getDevice({ device: id }, rival))).toMatchObject({
      status: 'forbidden',
    });
    await fixture.client.getDevice({ device: id }, admin);
  });

  it('outside of the filter is not found', async () => {
    const { device } = await register('Filtered');
    const get = (serialNumber: string) =>
      fixture.client.getDevice({ device: device!.id, filter: { serialNumber } }, admin);
    expect((await get('FILTERED')).message.device?.id).toBe(device!.id);
    expect(await failure(get('else'))).toMatchObject({ status: 'not_found' });
  });

  it('is named by its owner', async () => {
    const { device } = await register('Named');
    const rename = (user: User) =>
      fixture.client.setCustomName({ device: device!.id, customName: 'Goalkeeper' }, user);
    expect(await failure(rename(manager))).toMatchObject({ status: 'forbidden' });
    await fixture.visible(fixture.client.takeOwnership({ device: device!.id }, manager));
    expect((await rename(manager)).message.device?.customName).toBe('Goalkeeper');
  });
});

describe('ownership', () => {
  it('of one device goes to one of many who take it at once', async () => {
    const { device } = await register('Wanted');
    const takers = await Promise.all(Array.from({ length: 6 }, () => fixture.user('MANAGER')));
    const outcomes = await Promise.allSettled(
      takers.map((user) => fixture.client.takeOwnership({ device: device!.id }, user)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is listed to each of its owners as far as it was his', async () => {
    const { device } = await register('Shared');
    const id = device!.id;
    const startTime = timestampFromMs(Date.now() - hourMs);
    await fixture.client.takeOwnership({ device: id, startTime }, manager);
    await fixture.client.releaseOwnership({ device: id }, manager);
    await fixture.visible(fixture.client.takeOwnership({ device: id }, rival));
    const ownerships = async (user: User) => {
      const items = await collect(fixture.client.listOwnerships({ device: id }, user));
      return items.flatMap(({ rows }) => rows.map((row) => fromBinary(OwnershipSchema, row)));
    };
    const [first] = await ownerships(manager);
    expect(await ownerships(manager)).toHaveLength(1);
    expect(first).toMatchObject({ manager: manager.id, startTime });
    expect(timestampMs(first!.endTime!)).toBeGreaterThan(timestampMs(startTime));
    expect((await ownerships(admin)).map((one) => [one.manager, one.endTime === undefined])).toEqual([
      [manager.id, false],
      [rival.id, true],
    ]);
    const strangers = await fixture.user('MANAGER');
    expect(await failure(ownerships(strangers))).toMatchObject({ status: 'forbidden' });
  });

  it('tells what is wrong with its times', async () => {
    const { device } = await register('Timed');
    const id = device!.id;
    await fixture.client.takeOwnership({ device: id }, manager);
    expect(await failure(fixture.client.takeOwnership({ device: id }, rival))).toMatchObject({
      status: 'invalid',
      code: 'already_owned',
    });
    const endTime = timestampFromMs(Date.now() + hourMs);
    expect(await failure(fixture.client.releaseOwnership({ device: id, endTime }, manager))).toMatchObject({
      status: 'invalid',
      fields: { end_time: ['An ownership may end now or earlier, not in the future.'] },
    });
    await fixture.client.releaseOwnership({ device: id }, manager);
    const startTime = timestampFromMs(Date.now() - hourMs);
    expect(await failure(fixture.client.takeOwnership({ device: id, startTime }, rival))).toMatchObject({
      code: 'already_owned',
    });
    expect(await failure(fixture.client.releaseOwnership({ device: id }, manager))).toMatchObject({
      status: 'forbidden',
    });
    expect(await failure(fixture.client.releaseOwnership({ device: id }, admin))).toMatchObject({
      code: 'nobody_owns',
    });
  });

  it('is given by an ADMIN to the manager whom he names', async () => {
    const { device } = await register('Given');
    const take = (owner: number | undefined, user: User) =>
      fixture.client.takeOwnership({ device: device!.id, ...(owner === undefined ? {} : { owner }) }, user);
    expect(await failure(take(undefined, admin))).toMatchObject({
      fields: { owner: ['This field is required.'] },
    });
    expect(await failure(take(2_000_000_000, admin))).toMatchObject({
      fields: { owner: ['There is no user with the id 2000000000.'] },
    });
    expect(await failure(take(athlete.id, admin))).toMatchObject({
      fields: { owner: [`User ${athlete.id} is no manager.`] },
    });
    expect(await failure(take(rival.id, manager))).toMatchObject({ status: 'forbidden' });
    expect(await failure(take(manager.id, athlete))).toMatchObject({ status: 'forbidden' });
    expect((await take(manager.id, admin)).message.device?.owner).toBe(manager.id);
  });
});

describe('a list of devices', () => {
  it('is filtered, searched, ordered and paged', async () => {
    const owner = await fixture.user('MANAGER');
    for (const [name, customName] of [
      ['List-b', 'Zoë'],
      ['List-a', undefined],
      ['List-c', 'Émile'],
    ] as const) {
      const { device } = await register(name, customName);
      await fixture.visible(fixture.client.takeOwnership({ device: device!.id }, owner));
      if (name === 'List-c')
        await fixture.visible(fixture.client.releaseOwnership({ device: device!.id }, owner));
    }
    expect(await list({}, owner)).toEqual({ count: 3, serials: ['List-b', 'List-a', 'List-c'] });
    expect(await list({ filter: { current: true } }, owner)).toMatchObject({ serials: ['List-b', 'List-a'] });
    expect(await list({ filter: { customName: 'éMI' } }, owner)).toMatchObject({ serials: ['List-c'] });
    expect(await list({ filter: { serialNumber: '.' } }, owner)).toMatchObject({ count: 0 });
    expect(await list({ options: { search: 'zo list' } }, owner)).toMatchObject({ serials: ['List-b'] });
    const ordered = (...ordering: string[]) => list({ options: { ordering } }, owner);
    expect((await ordered('serial_number')).serials).toEqual(['List-a', 'List-b', 'List-c']);
    expect((await ordered('custom_name')).serials).toEqual(['List-a', 'List-b', 'List-c']);
    expect((await ordered('-id')).serials).toEqual(['List-c', 'List-a', 'List-b']);
    expect(await failure(ordered('owner'))).toMatchObject({ status: 'invalid' });
    const second = await list({ options: { page: 2, limit: 2 } }, owner);
    expect(second).toEqual({ count: 3, serials: ['List-c'] });
    expect((await list({ filter: { serialNumber: `list-b-${fixture.run}` } }, admin)).count).toBe(1);
    expect(await failure(list({}, athlete))).toMatchObject({ status: 'forbidden' });
  });

  it('holds the devices of an activity as its time frames come and go, until it is deleted', async () => {
    const owner = await fixture.user('MANAGER');
    const { device } = await register('Worn');
    await fixture.visible(fixture.client.takeOwnership({ device: device!.id }, owner));
    const activity = randomInt(1e9, 2e9);
    const log = EventLog.connect({ url: engines.eventstoreUrl });
    const append = async (stream: string, payload: ReturnType<typeof encodePayload>) => {
      const metadata = { correlation_id: randomUUID(), actor: 'user:1', at: new Date().toISOString() };
      const event = { ...payload, id: eventId(randomUUID(), stream, 0), metadata };
      const { position } = await log.append(stream, [event], 'any');
      await fixture.visible(
        Promise.resolve({ message: undefined, written: [{ eventType: payload.type, position }] }),
      );
    };
    const timeFrame = (id: number, of: number) => ({
      timeFrameId: id,
      activity: of,
      device: device!.id,
      owner: owner.id,
      startTime: { seconds: 0n },
      endTime: { seconds: 1n },
    });
    const [stays, leaves] = [activity, activity + 1];
    const worn = { count: 1, serials: ['Worn'] };
    await append(`timeframe-${leaves}`, encodePayload(TimeFrameCreatedSchema, timeFrame(leaves, activity)));
    expect(await list({ filter: { activity } }, owner)).toEqual(worn);
    await append(
      `timeframe-${leaves}`,
      encodePayload(TimeFrameUpdatedSchema, timeFrame(leaves, activity + 1)),
    );
    expect(await list({ filter: { activity } }, owner)).toEqual({ count: 0, serials: [] });
    expect(await list({ filter: { activity: activity + 1 } }, owner)).toEqual(worn);
    await append(
      `timeframe-${leaves}`,
      encodePayload(TimeFrameDeletedSchema, { timeFrameId: leaves, activity: activity + 1 }),
    );
    expect(await list({ filter: { activity: activity + 1 } }, owner)).toEqual({ count: 0, serials: [] });
    await append(`timeframe-${stays}`, encodePayload(TimeFrameCreatedSchema, timeFrame(stays, activity)));
    expect(await list({ filter: { activity } }, owner)).toEqual(worn);
    await append(`activity-${activity}`, encodePayload(ActivityDeletedSchema, { activityId: activity }));
    expect(await list({ filter: { activity } }, owner)).toEqual({ count: 0, serials: [] });
    await log.close();
  });
});

describe('what only services may ask', () => {
  it('is refused to everybody else', async () => {
    for (const user of [admin, manager, await fixture.serviceToken('gateway')]) {
      for (const call of [
        fixture.client.checkOwnership({ windows: [{ device: 1, manager: 1 }] }, user),
        fixture.client.getDevices({ devices: [1] }, user),
        fixture.client.keys({ keyIds: ['telemetry-1-20240501.1'] }, user),
      ]) {
        expect(await failure(call)).toMatchObject({ status: 'forbidden' });
      }
    }
  });

  it('is who owned a device over a window, the future included', async () => {
    const service = await fixture.serviceToken('activity');
    const { id, owner } = await fixture.ownedDevice();
    const now = Date.now();
    const check = async (...asked: readonly (readonly [number, number, number])[]) => {
      const windows = asked.map(([device, by, endMs]) => ({
        device,
        manager: by,
        startTime: timestampFromMs(now - hourMs),
        endTime: timestampFromMs(endMs),
      }));
      const { message } = await fixture.client.checkOwnership({ windows }, service);
      return message.checked.map(({ deviceExists, owned }) => [deviceExists, owned]);
    };
    const checked = await check(
      [id, owner.id, now + 1000 * hourMs],
      [id, rival.id, now],
      [2_000_000_000, owner.id, now],
    );
    expect(checked).toEqual([
      [true, true],
      [true, false],
      [false, false],
    ]);
    await fixture.visible(fixture.client.releaseOwnership({ device: id }, owner));
    expect(await check([id, owner.id, now + 1000 * hourMs])).toEqual([[true, false]]);
    // Not shown yet, perhaps: what has been written counts all the same.
    await fixture.client.takeOwnership({ device: id }, rival);
    const later = { startTime: timestampFromMs(now + hourMs), endTime: timestampFromMs(now + 2 * hourMs) };
    const { message: taken } = await fixture.client.checkOwnership(
      { windows: [{ device: id, manager: rival.id, ...later }] },
      service,
    );
    expect(taken.checked).toMatchObject([{ owned: true }]);
    const { message } = await fixture.client.getDevices({ devices: [id, 2_000_000_000] }, service);
    expect(message.devices.map((device) => device.id)).toEqual([id]);
  });

  it('is a key, unknown where there is none', async () => {
    const service = await fixture.serviceToken('computation');
    const { message } = await fixture.client.keys({ keyIds: ['telemetry-2000000000-20240501.1'] }, service);
    expect(message.keys).toMatchObject([
      { keyId: 'telemetry-2000000000-20240501.1', state: KeyState.UNKNOWN },
    ]);
  });
});
