import type { ListOptions } from '@touchline/contracts/common/v1/common';
import type { DeviceFilter } from '@touchline/contracts/telemetry/v1/service';
import {
  findLive,
  foldedContains,
  foldedSearch,
  listPage,
  type Page,
  type ProjectionRunner,
  type QueryFilter,
} from '@touchline/read-models';
import type { Ownership } from '@touchline/telemetry-domain';
import { deletedActivitiesModel } from './projections/deleted-activities.ts';
import { deviceOf, devicesModel, type DeviceDocument, OPEN_END_MS } from './projections/devices.ts';
import { type WearingDocument, wearingsModel } from './projections/wearings.ts';

/** Fields that a list of devices may be ordered by, with where they lie. */
export const deviceOrderings: Readonly<Record<string, string>> = {
  id: '_id',
  serial_number: 'folded.serialNumber',
  custom_name: 'folded.customName',
};

const searchedFields = ['folded.serialNumber', 'folded.customName'];

export interface DeviceListing {
  /** Whose devices: those he owns or owned; undefined for all. */
  readonly owner: number | undefined;
  readonly filter: DeviceFilter | undefined;
  readonly options: Pick<ListOptions, 'ordering' | 'search'>;
  readonly page: number;
  readonly limit: number;
  readonly nowMs: number;
}

/** What the read models tell of devices. Each method throws MongoError. */
export class DeviceQueries {
  readonly #projections: Pick<ProjectionRunner, 'collection'>;

  constructor(projections: Pick<ProjectionRunner, 'collection'>) {
    this.#projections = projections;
  }

  async list(listing: DeviceListing): Promise<Page<DeviceDocument>> {
    const { owner, filter, options, page, limit, nowMs } = listing;
    return listPage(await this.#projections.collection(devicesModel), {
      filter: {
        $and: [
          ownedBy(owner, filter?.current ?? false, nowMs),
          await this.#matching(filter),
          foldedSearch(searchedFields, options.search),
        ],
      },
      sort: sortOf(options.ordering),
      page,
      limit,
    });
  }

  /** Those of which he has an ownership without an end. */
  async idsHeldBy(manager: number): Promise<readonly number[]> {
    const devices = await this.#projections.collection(devicesModel);
    const held = { ownerships: { $elemMatch: { manager, endMs: OPEN_END_MS } } };
    const found = await devices.find(held, { projection: { _id: 1 }, sort: { _id: 1 } }).toArray();
    return found.map(({ _id }) => _id);
  }

  /** Whether the device lies inside the filter. */
  async matches(
    device: number,
    owner: number | undefined,
    filter: DeviceFilter,
    nowMs: number,
  ): Promise<boolean> {
    const found = await findLive(await this.#projections.collection(devicesModel), {
      $and: [
        { _id: device },
        filter.current ? ownedBy(owner, true, nowMs) : {},
        await this.#matching(filter),
      ],
    });
    return found !== undefined;
  }

  async byIds(ids: readonly number[]): Promise<DeviceDocument[]> {
    const collection = await this.#projections.collection(devicesModel);
    return (
      await listPage(collection, { filter: { _id: { $in: [...ids] } }, page: 1, limit: ids.length || 1 })
    ).rows;
  }

  /** By device; nothing of one that is not known. */
  async ownershipsOf(devices: ReadonlySet<number>): Promise<ReadonlyMap<number, readonly Ownership[]>> {
    const collection = await this.#projections.collection(devicesModel);
    const found = await collection.find({ _id: { $in: [...devices] } }).toArray();
    return new Map(found.map((document) => [document._id, deviceOf(document).ownerships]));
  }

  async idByTokenHash(ingestTokenHash: string): Promise<number | undefined> {
    return (await findLive(await this.#projections.collection(devicesModel), { ingestTokenHash }))?._id;
  }

  /**
   * By device, who wore the devices that the athlete wore: his time frames, and those of others at the same times. A
   * time frame counts as deleted with its activity.
   */
  async wearingsAround(athlete: number): Promise<Map<number, WearingDocument[]>> {
    const wearings = await this.#projections.collection(wearingsModel);
    const found = new Map<number, WearingDocument[]>();
    for await (const { device } of wearings.find({ athlete }, { sort: { _id: 1 } })) found.set(device, []);
    for (const [device, around] of found) {
      const his = await wearings.find({ athlete, device }, { sort: { _id: 1 } }).toArray();
      around.push(...his);
      const others = wearings.find({
        device,
        startMs: { $lt: Math.max(...his.map(({ endMs }) => endMs)) },
        endMs: { $gt: Math.min(...his.map(({ startMs }) => startMs)) },
        athlete: { $ne: athlete },
      });
      around.push(...(await others.toArray()));
    }
    const activities = [...found.values()].flatMap((around) => around.map(({ activity }) => activity));
    const deleted = await this.#deletedOf(activities);
    for (const around of found.values()) {
      for (const one of around) one.deleted ||= deleted.has(one.activity);
    }
    return found;
  }

  async #deletedOf(activities: readonly number[]): Promise<Set<number>> {
    const collection = await this.#projections.collection(deletedActivitiesModel);
    const deleted = collection.find({ _id: { $in: [...new Set(activities)] } });
    return new Set((await deleted.toArray()).map(({ _id }) => _id));
  }

  async #matching(filter: DeviceFilter | undefined): Promise<QueryFilter> {
    if (filter === undefined) return {};
    const { serialNumber, customName, activity, search = '' } = filter;
    return {
      $and: [
        serialNumber ? foldedContains('folded.serialNumber', serialNumber) : {},
        customName ? foldedContains('folded.customName', customName) : {},
        activity === undefined ? {} : { _id: { $in: await this.#devicesOf(activity) } },
        foldedSearch(searchedFields, search),
      ],
    };
  }

  /** Those that the activity's time frames use; none when it is deleted. */
  async #devicesOf(activity: number): Promise<number[]> {
    if ((await this.#deletedOf([activity])).has(activity)) return [];
    const wearings = await this.#projections.collection(wearingsModel);
    const devices = wearings.aggregate<{ _id: number }>([
      { $match: { activity, deleted: false } },
      { $group: { _id: '$device' } },
    ]);
    return (await devices.toArray()).map(({ _id }) => _id);
  }
}

/** An ADMIN's `current` devices are those that anybody owns now. */
function ownedBy(owner: number | undefined, current: boolean, nowMs: number): QueryFilter {
  const ownership = {
    ...(owner === undefined ? {} : { manager: owner }),
    ...(current ? { startMs: { $lte: nowMs }, endMs: { $gt: nowMs } } : {}),
  };
  return Object.keys(ownership).length === 0 ? {} : { ownerships: { $elemMatch: ownership } };
}

function sortOf(ordering: readonly string[]): Record<string, 1 | -1> {
  const sort: Record<string, 1 | -1> = {};
  for (const given of ordering) {
    const descending = given.startsWith('-');
    const field = deviceOrderings[descending ? given.slice(1) : given];
    if (field !== undefined && !(field in sort)) sort[field] = descending ? -1 : 1;
  }
  return sort;
}
