import { type Interval, wornBy } from '@touchline/telemetry-domain';
import type { Devices } from './devices.ts';
import type { DeviceQueries } from './queries.ts';

/** A device and when somebody wore it. */
export interface WornDevice {
  device: number;
  intervals: readonly Interval[];
}

/** What the athlete wore when, as far as the read models know. @throws MongoError, EventLogUnavailable */
export async function wornDevices(
  athlete: number,
  deps: { queries: Pick<DeviceQueries, 'wearingsAround'>; devices: Pick<Devices, 'load'> },
): Promise<WornDevice[]> {
  const worn: WornDevice[] = [];
  for (const [device, around] of await deps.queries.wearingsAround(athlete)) {
    const ownerships = (await deps.devices.load(device))?.device.ownerships ?? [];
    const wearings = around.map((one) => ({ ...one, standing: !one.deleted }));
    worn.push({ device, intervals: wornBy(athlete, wearings, ownerships) });
  }
  return worn;
}
