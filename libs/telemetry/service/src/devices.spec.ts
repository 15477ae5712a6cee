import type { EncodedPayload, StoredEvent } from '@touchline/event-log';
import type { DeviceEvent } from '@touchline/telemetry-domain';
import { expect, it } from 'vitest';
import { Devices } from './devices.ts';
import { encodeDeviceEvent } from './event-codec.ts';
import { MemoryLog } from './memory-log.fixture.ts';

const registered: DeviceEvent = {
  type: 'DeviceRegistered',
  deviceId: 7,
  serialNumber: 'AX-1',
  ingestTokenHash: 'aa',
};
const rotated: DeviceEvent = { type: 'IngestTokenRotated', deviceId: 7, ingestTokenHash: 'bb' };
const taken: DeviceEvent = { type: 'OwnershipTaken', deviceId: 7, ownershipId: 1, manager: 2, startMs: 0 };

/** A log that can hold a read back after it has begun. */
class SlowLog extends MemoryLog {
  readonly reads: number[] = [];
  readGate: Promise<void> = Promise.resolve();

  store(...events: DeviceEvent[]): void {
    for (const event of events) {
      const payload: EncodedPayload = encodeDeviceEvent(event);
      this.events.push({ ...payload, revision: this.events.length } as StoredEvent);
    }
  }

  override async *read(stream: string, options: { from?: number } = {}) {
    this.reads.push(options.from ?? 0);
    const found = [];
    for await (const event of super.read(stream, options)) found.push(event);
    await this.readGate;
    yield* found;
  }
}

it('reads only what came after what it knows', async () => {
  const log = new SlowLog();
  const devices = new Devices(log);
  expect(await devices.load(7)).toBeUndefined();
  log.store(registered);
  expect(await devices.load(7)).toMatchObject({ revision: 0, device: { ingestTokenHash: 'aa' } });
  log.store(rotated);
  expect(await devices.load(7)).toMatchObject({ revision: 1, device: { ingestTokenHash: 'bb' } });
  expect(log.reads).toEqual([0, 0, 1]);
});

it('never answers with a read that began before the question', async () => {
  const log = new SlowLog();
  log.store(registered);
  const devices = new Devices(log);
  const { promise, resolve } = Promise.withResolvers<void>();
  log.readGate = promise;
  const before = devices.load(7);
  log.store(rotated);
  const after = [devices.load(7), devices.load(7)];
  resolve();
  await before;
  for (const answer of await Promise.all(after)) expect(answer?.device.ingestTokenHash).toBe('bb');
  expect(log.reads).toHaveLength(2);
});

it('folds each event once, however reads follow one another', async () => {
  const log = new SlowLog();
  const devices = new Devices(log);
  log.store(registered);
  const first = devices.load(7);
  const second = devices.load(7);
  log.store(taken);
  await first;
  const loads = [devices.load(7), second, devices.load(7)];
  for (const answer of await Promise.all(loads)) expect(answer?.device.ownerships).toHaveLength(1);
});
