import type { ActivityFields, TimeFrameFields } from '@touchline/activity-domain';
import type { ActivityFilter, TimeFrameFilter } from '@touchline/contracts/activity/v1/service';
import type { ListOptions } from '@touchline/contracts/common/v1/common';
import { fold } from '@touchline/event-log';
import {
  DocumentsById,
  findLive,
  foldedContains,
  foldedSearch,
  listStored,
  type PageOptions,
  type ProjectionRunner,
  type QueryFilter,
  type StoredRows,
} from '@touchline/read-models';
import { activitiesModel, activityOf } from './projections/activities.ts';
import {
  type DeletedActivity,
  type TimeFrameDocument,
  timeFrameOf,
  timeFramesModel,
} from './projections/time-frames.ts';
import { optionalMs } from './timestamps.ts';

export interface StoredTimeFrame {
  readonly id: number;
  readonly fields: TimeFrameFields;
  readonly revision: number;
}

export type StoredActivity = ReturnType<typeof activityOf>;

const ACTIVITY_ORDER: Readonly<Record<string, string>> = { name: 'nameFolded', id: '_id' };
const TIME_FRAME_ORDER: Readonly<Record<string, string>> = {
  start_time: 'startMs',
  end_time: 'endMs',
  device: 'device',
  athlete: 'athlete',
  activity: 'activity',
  id: '_id',
};

function sortOf(
  ordering: readonly string[],
  fields: Readonly<Record<string, string>>,
): Record<string, 1 | -1> {
  const sort: Record<string, 1 | -1> = {};
  for (const name of ordering) {
    const field = fields[name.replace(/^-/, '')];
    if (field && !(field in sort)) sort[field] = name.startsWith('-') ? -1 : 1;
  }
  return sort;
}

/** Whether each term of the search occurs in the text. */
export const passesSearch = (text: string, search: string | undefined): boolean =>
  (search ?? '').split(/\s+/u).every((term) => fold(text).includes(fold(term)));

const pageOf = (options: ListOptions | undefined): Pick<PageOptions, 'page' | 'limit'> => ({
  page: options?.page || 1,
  limit: options?.limit || 150,
});

function timeFrameQuery(filter: TimeFrameFilter | undefined): QueryFilter[] {
  if (!filter) return [];
  const equal = (['device', 'athlete', 'owner', 'activity'] as const).flatMap((field) =>
    filter[field] === undefined ? [] : [{ [field]: filter[field] }],
  );
  const bounds = [
    ['startMs', '$gte', filter.startTimeFrom],
    ['startMs', '$lte', filter.startTimeTo],
    ['endMs', '$gte', filter.endTimeFrom],
    ['endMs', '$lte', filter.endTimeTo],
  ] as const;
  return [
    ...equal,
    ...bounds.flatMap(([field, operator, time]) =>
      time ? [{ [field]: { [operator]: optionalMs(time) } }] : [],
    ),
  ];
}

/** Reads of this context's read models. Each method throws MongoError. */
export class Queries {
  readonly #projections: ProjectionRunner;
  readonly #timeFrames: DocumentsById<TimeFrameDocument | DeletedActivity>;

  constructor(projections: ProjectionRunner) {
    this.#projections = projections;
    this.#timeFrames = new DocumentsById(projections, timeFramesModel);
  }

  /** @param owner undefined: those of all owners */
  async *listActivities(
    owner: number | undefined,
    options: ListOptions | undefined,
    filter: ActivityFilter | undefined,
  ): AsyncGenerator<StoredRows, void, void> {
    yield* listStored(await this.#projections.collection(activitiesModel), {
      filter: {
        $and: [
          owner === undefined ? {} : { owner },
          filter?.owner === undefined ? {} : { owner: filter.owner },
          filter?.name === undefined ? {} : foldedContains('nameFolded', filter.name),
          foldedSearch(['nameFolded'], options?.search ?? ''),
        ],
      },
      sort: sortOf(options?.ordering ?? [], ACTIVITY_ORDER),
      ...pageOf(options),
    });
  }

  async activitiesById(ids: readonly number[]): Promise<ReadonlyMap<number, StoredActivity>> {
    if (ids.length === 0) return new Map();
    const collection = await this.#projections.collection(activitiesModel);
    const found = await collection.find({ _id: { $in: [...ids] }, gone: { $exists: false } }).toArray();
    return new Map(found.map((document) => [document._id, activityOf(document)]));
  }

  activityPasses(fields: ActivityFields, filter: ActivityFilter | undefined): boolean {
    return (
      (filter?.owner === undefined || fields.owner === filter.owner) &&
      (filter?.name === undefined || fold(fields.name).includes(fold(filter.name))) &&
      passesSearch(fields.name, filter?.search)
    );
  }

  /** All that he owns. */
  async activityIdsOf(owner: number): Promise<readonly number[]> {
    const collection = await this.#projections.collection(activitiesModel);
    const found = await collection.find({ owner }, { projection: { _id: 1 }, sort: { _id: 1 } }).toArray();
    return found.map(({ _id }) => _id);
  }

  async hasTimeFrames(activity: number): Promise<boolean> {
    const collection = await this.#projections.collection(timeFramesModel);
    return (await findLive(collection, { activity })) !== undefined;
  }

  async timeFrame(id: number): Promise<StoredTimeFrame | undefined> {
    const found = await this.#timeFrames.get(id);
    return found && !found.gone ? timeFrameOf(found as TimeFrameDocument) : undefined;
  }

  async timeFramesOf(activity: number): Promise<readonly StoredTimeFrame[]> {
    const collection = await this.#projections.collection(timeFramesModel);
    const found = await collection
      .find({ activity, gone: { $exists: false } })
      .sort({ _id: 1 })
      .toArray();
    return found.map((document) => timeFrameOf(document as TimeFrameDocument));
  }

  /** @param owner undefined: those of all owners */
  async *listTimeFrames(
    owner: number | undefined,
    options: ListOptions | undefined,
    filter: TimeFrameFilter | undefined,
  ): AsyncGenerator<StoredRows, void, void> {
    yield* listStored(await this.#projections.collection(timeFramesModel), {
      filter: { $and: [{ owner: owner === undefined ? { $gt: 0 } : owner }, ...timeFrameQuery(filter)] },
      sort: sortOf(options?.ordering ?? [], TIME_FRAME_ORDER),
      ...pageOf(options),
    });
  }

  timeFramePasses(fields: TimeFrameFields, filter: TimeFrameFilter | undefined): boolean {
    if (!filter) return true;
    const within = (ms: number, from: number | undefined, to: number | undefined) =>
      (from === undefined || ms >= from) && (to === undefined || ms <= to);
    return (
      (['device', 'athlete', 'owner', 'activity'] as const).every(
        (field) => filter[field] === undefined || fields[field] === filter[field],
      ) &&
      within(fields.startMs, optionalMs(filter.startTimeFrom), optionalMs(filter.startTimeTo)) &&
      within(fields.endMs, optionalMs(filter.endTimeFrom), optionalMs(filter.endTimeTo))
    );
  }
}
