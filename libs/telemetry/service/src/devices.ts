import type { StreamLog } from '@touchline/event-log';
import {
  deviceStream,
  evolveDevice,
  initialDevice,
  type Device,
  type DeviceState,
} from '@touchline/telemetry-domain';
import { decodeDeviceEvent } from './event-codec.ts';

const MAX_DEVICES = 10_000;

interface Entry {
  state: DeviceState;
  /** Of the last event folded, -1 before the first. */
  revision: number;
  reading?: Promise<void> | undefined;
  next?: Promise<void> | undefined;
}

export interface LoadedDevice {
  readonly device: Device;
  readonly revision: number;
}

/**
 * Devices as their streams say at the moment of the question: what was folded is kept, and only what came after is
 * read. Questions that wait for the same read share it.
 */
export class Devices {
  readonly #log: Pick<StreamLog, 'read'>;
  readonly #entries = new Map<number, Entry>();

  constructor(log: Pick<StreamLog, 'read'>) {
    this.#log = log;
  }

  /** @throws EventLogUnavailable */
  async load(id: number): Promise<LoadedDevice | undefined> {
    const entry = this.#entry(id);
    await this.#refresh(id, entry);
    return entry.state.status === 'missing' ? undefined : { device: entry.state, revision: entry.revision };
  }

  #entry(id: number): Entry {
    const entry = this.#entries.get(id) ?? { state: initialDevice, revision: -1 };
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= MAX_DEVICES) break;
      this.#entries.delete(oldest);
    }
    return entry;
  }

  /** A read under way may have passed what was written since it began, so only one that begins later will do. */
  #refresh(id: number, entry: Entry): Promise<void> {
    if (entry.reading === undefined) return this.#begin(id, entry);
    entry.next ??= entry.reading
      .catch(() => undefined)
      .then(() => {
        entry.next = undefined;
        return this.#begin(id, entry);
      });
    return entry.next;
  }

  #begin(id: number, entry: Entry): Promise<void> {
    const reading = this.#read(id, entry).finally(() => {
      if (entry.reading === reading) entry.reading = undefined;
    });
    entry.reading = reading;
    return reading;
  }

  async #read(id: number, entry: Entry): Promise<void> {
    for await (const stored of this.#log.read(deviceStream(id), { from: entry.revision + 1 })) {
      // Another read of the same events may have come first.
      if (stored.revision <= entry.revision) continue;
      const event = decodeDeviceEvent(stored);
      if (event !== undefined) entry.state = evolveDevice(entry.state, event);
      entry.revision = stored.revision;
    }
  }
}
