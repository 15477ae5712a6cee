import { timestampMs } from '@bufbuild/protobuf/wkt';
import {
  ActivityCreatedSchema,
  ActivityDeletedSchema,
  ActivityUpdatedSchema,
  TimeFrameCreatedSchema,
  TimeFrameDeletedSchema,
  TimeFrameUpdatedSchema,
} from '@touchline/contracts/activity/v1/events';
import {
  AthleteCreatedSchema,
  AthleteDeletedSchema,
  AthleteProfileChangedSchema,
} from '@touchline/contracts/identity/v1/events';
import { OwnershipReleasedSchema, OwnershipTakenSchema } from '@touchline/contracts/telemetry/v1/events';
import { decodeMessage, type JsonObject, type StoredEvent } from '@touchline/event-log';
import type { Lookup, ReadModel } from '@touchline/read-models';
import {
  dayErasedType,
  type ErasedDay,
  framesIngestedType,
  readDayErased,
  readFrames,
  type StoredFrames,
  touches,
  utcDays,
} from '@touchline/samples';

/**
 * A time frame as far as its metrics depend on it. The `position` that the runner keeps is that of the last event that
 * touched it, of whatever stream: a computed document with an older one is out of date.
 */
export interface FrameDocument {
  _id: number;
  owner: number;
  device: number;
  athlete: number;
  activity: number;
  startMs: number;
  endMs: number;
  /** JSON text: its keys are the callers' own. */
  params: string;
  /** `<device>:<yyyymmdd>` for each UTC day of the window, `<device>:*` for a long one. */
  deviceDays: string[];
  /** When the last event of the time frame itself was stored. */
  changedMs: number;
}

/** Says for ever that an activity is deleted, so that a time frame appended after its deletion never appears. */
export interface DeletedActivity {
  _id: string;
  deletedActivity: number;
}

/** Longer windows are looked up by their device alone. */
const MAX_LISTED_DAYS = 40;
const MS_PER_DAY = 86_400_000;

export function deviceDaysOf(device: number, startMs: number, endMs: number): string[] {
  if (endMs - startMs > MAX_LISTED_DAYS * MS_PER_DAY) return [`${device}:*`];
  return [...utcDays(startMs, endMs)].map((day) => `${device}:${day}`);
}

type Id = number | string;
type Find = (event: StoredEvent, lookup: Lookup<Id>) => readonly Id[] | Promise<readonly Id[]>;

/** Which time frames an event touches, by its type. */
const TOUCHED: Readonly<Record<string, Find>> = {
  [TimeFrameCreatedSchema.typeName]: async (event, lookup) => {
    const { timeFrameId, activity } = decodeMessage(TimeFrameCreatedSchema, event);
    return (await lookup.idsWhere({ deletedActivity: activity })).length > 0 ? [] : [timeFrameId];
  },
  [TimeFrameUpdatedSchema.typeName]: (event) => [decodeMessage(TimeFrameUpdatedSchema, event).timeFrameId],
  [TimeFrameDeletedSchema.typeName]: (event) => [decodeMessage(TimeFrameDeletedSchema, event).timeFrameId],
  [ActivityCreatedSchema.typeName]: () => [],
  [ActivityUpdatedSchema.typeName]: (event, lookup) =>
    lookup.idsWhere({ activity: decodeMessage(ActivityUpdatedSchema, event).activityId }),
  [ActivityDeletedSchema.typeName]: async (event, lookup) => {
    const { activityId } = decodeMessage(ActivityDeletedSchema, event);
    return [`deleted-activity-${activityId}`, ...(await lookup.idsWhere({ activity: activityId }))];
  },
  [AthleteCreatedSchema.typeName]: (event, lookup) =>
    lookup.idsWhere({ athlete: decodeMessage(AthleteCreatedSchema, event).userId }),
  [AthleteProfileChangedSchema.typeName]: (event, lookup) =>
    lookup.idsWhere({ athlete: decodeMessage(AthleteProfileChangedSchema, event).userId }),
  [AthleteDeletedSchema.typeName]: (event, lookup) =>
    lookup.idsWhere({ athlete: decodeMessage(AthleteDeletedSchema, event).userId }),
  [OwnershipTakenSchema.typeName]: (event, lookup) => {
    const { deviceId, manager } = decodeMessage(OwnershipTakenSchema, event);
    return lookup.idsWhere({ device: deviceId, owner: manager });
  },
  [OwnershipReleasedSchema.typeName]: (event, lookup) => {
    const { deviceId, manager } = decodeMessage(OwnershipReleasedSchema, event);
    return lookup.idsWhere({ device: deviceId, owner: manager });
  },
  [framesIngestedType]: (event, lookup) => ofDeviceDay(readFrames(event).deviceId, event, lookup),
  [dayErasedType]: (event, lookup) => ofDeviceDay(readDayErased(event).deviceId, event, lookup),
};

async function ofDeviceDay(deviceId: number, { stream }: StoredEvent, lookup: Lookup<Id>): Promise<Id[]> {
  const day = stream.slice(stream.lastIndexOf('-') + 1);
  return [
    ...(await lookup.idsWhere({ deviceDays: `${deviceId}:${day}` })),
    ...(await lookup.idsWhere({ deviceDays: `${deviceId}:*` })),
  ];
}

function frameOf(event: StoredEvent): FrameDocument {
  const schema =
    event.type === TimeFrameCreatedSchema.typeName ? TimeFrameCreatedSchema : TimeFrameUpdatedSchema;
  const m = decodeMessage(schema, event);
  if (!m.startTime || !m.endTime) throw new Error(`${event.stream}@${event.revision} lacks its window.`);
  const [startMs, endMs] = [timestampMs(m.startTime), timestampMs(m.endTime)];
  return {
    _id: m.timeFrameId,
    owner: m.owner,
    device: m.device,
    athlete: m.athlete,
    activity: m.activity,
    startMs,
    endMs,
    params: JSON.stringify(m.params ?? ({} satisfies JsonObject)),
    deviceDays: deviceDaysOf(m.device, startMs, endMs),
    changedMs: event.createdMs,
  };
}

/** Whether metrics may depend on what was ingested: not on what the device says of itself. */
export function touchesFrame(
  frames: StoredFrames,
  { startMs, endMs }: Pick<FrameDocument, 'startMs' | 'endMs'>,
): boolean {
  return touches({ ranges: frames.ranges.filter(({ channel }) => channel !== 'device') }, startMs, endMs);
}

/** Whether something in [startMs, endMs) is gone. */
export const erasedWithin = (
  { intervals }: Pick<ErasedDay, 'intervals'>,
  { startMs, endMs }: Pick<FrameDocument, 'startMs' | 'endMs'>,
): boolean => intervals.some((gone) => gone.startMs < endMs && startMs < gone.endMs);

export const framesModel: ReadModel<FrameDocument | DeletedActivity> = {
  name: 'frames',
  consumes: Object.keys(TOUCHED),
  creates: [TimeFrameCreatedSchema.typeName],
  indexes: [
    { key: { deviceDays: 1 }, sparse: true },
    { key: { device: 1, owner: 1 } },
    { key: { activity: 1 } },
    { key: { athlete: 1 } },
    { key: { deletedActivity: 1 }, sparse: true },
    { key: { position: 1 } },
  ],
  documentIds: (event, lookup) => TOUCHED[event.type]?.(event, lookup) ?? [],
  project(document, event, id) {
    if (event.type === ActivityDeletedSchema.typeName) {
      if (typeof id !== 'string') return 'gone';
      return { _id: id, deletedActivity: decodeMessage(ActivityDeletedSchema, event).activityId };
    }
    if (event.type === TimeFrameCreatedSchema.typeName) return frameOf(event);
    if (!document || !('startMs' in document)) return undefined;
    switch (event.type) {
      case TimeFrameUpdatedSchema.typeName:
        return frameOf(event);
      case TimeFrameDeletedSchema.typeName:
        return 'gone';
      case framesIngestedType: {
        return touchesFrame(readFrames(event), document) ? { ...document } : undefined;
      }
      case dayErasedType:
        return erasedWithin(readDayErased(event), document) ? { ...document } : undefined;
      default:
        // The activity, an ownership or the athlete changed: nothing of the document, but its position.
        return { ...document };
    }
  },
};
