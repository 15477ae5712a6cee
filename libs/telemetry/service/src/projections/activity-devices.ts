import {
  ActivityDeletedSchema,
  TimeFrameCreatedSchema,
  TimeFrameDeletedSchema,
  TimeFrameUpdatedSchema,
} from '@touchline/contracts/activity/v1/events';
import { decodeMessage, type StoredEvent } from '@touchline/event-log';
import type { ReadModel } from '@touchline/read-models';

/** The devices that an activity's time frames use. */
export interface ActivityDevicesDocument {
  /** The activity's id. */
  _id: number;
  timeFrames: { id: number; device: number }[];
  /** For good: a time frame of a deleted activity counts as deleted, whichever of the two is seen first. */
  deleted: boolean;
}

type Change =
  | { type: 'placed'; timeFrame: number; activity: number; device: number }
  | { type: 'removed'; timeFrame: number; activity: number }
  | { type: 'activity-deleted'; activity: number };

function changeOf(stored: StoredEvent): Change | undefined {
  switch (stored.type) {
    case TimeFrameCreatedSchema.typeName: {
      const { timeFrameId, activity, device } = decodeMessage(TimeFrameCreatedSchema, stored);
      return { type: 'placed', timeFrame: timeFrameId, activity, device };
    }
    case TimeFrameUpdatedSchema.typeName: {
      const { timeFrameId, activity, device } = decodeMessage(TimeFrameUpdatedSchema, stored);
      return { type: 'placed', timeFrame: timeFrameId, activity, device };
    }
    case TimeFrameDeletedSchema.typeName: {
      const { timeFrameId, activity } = decodeMessage(TimeFrameDeletedSchema, stored);
      return { type: 'removed', timeFrame: timeFrameId, activity };
    }
    case ActivityDeletedSchema.typeName:
      return { type: 'activity-deleted', activity: decodeMessage(ActivityDeletedSchema, stored).activityId };
    default:
      return undefined;
  }
}

/** `id`: the activity whose document this is; a time frame that moved touches two. */
export function projectActivityDevices(
  document: ActivityDevicesDocument = { _id: 0, timeFrames: [], deleted: false },
  stored: StoredEvent,
  id: number,
): ActivityDevicesDocument | undefined {
  const change = changeOf(stored);
  if (change === undefined || document.deleted) return undefined;
  switch (change.type) {
    case 'activity-deleted':
      return { _id: id, timeFrames: [], deleted: true };
    case 'removed':
    case 'placed': {
      const others = document.timeFrames.filter((one) => one.id !== change.timeFrame);
      const placedHere = change.type === 'placed' && change.activity === id;
      const timeFrames = placedHere ? [...others, { id: change.timeFrame, device: change.device }] : others;
      return { _id: id, timeFrames, deleted: false };
    }
    default:
      return change satisfies never;
  }
}

export const activityDevicesModel: ReadModel<ActivityDevicesDocument> = {
  name: 'activity-devices',
  consumes: [
    TimeFrameCreatedSchema.typeName,
    TimeFrameUpdatedSchema.typeName,
    TimeFrameDeletedSchema.typeName,
    ActivityDeletedSchema.typeName,
  ],
  indexes: [{ key: { 'timeFrames.id': 1 } }],
  documentIds: async (stored, lookup) => {
    const change = changeOf(stored);
    if (change === undefined) return [];
    if (change.type === 'activity-deleted' || stored.type === TimeFrameCreatedSchema.typeName) {
      return [change.activity];
    }
    const before = await lookup.idsWhere({ 'timeFrames.id': change.timeFrame });
    return [...new Set([change.activity, ...before])];
  },
  project: projectActivityDevices,
};
