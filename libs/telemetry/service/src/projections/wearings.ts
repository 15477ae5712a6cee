import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import {
  TimeFrameCreatedSchema,
  TimeFrameDeletedSchema,
  TimeFrameUpdatedSchema,
} from '@touchline/contracts/activity/v1/events';
import { AthleteDeletedSchema } from '@touchline/contracts/identity/v1/events';
import { decodeMessage, type StoredEvent } from '@touchline/event-log';
import type { ReadModel } from '@touchline/read-models';

/** A time frame: who wore which device when, [startMs, endMs). */
export interface WearingDocument {
  /** The time frame's id. */
  _id: number;
  activity: number;
  owner: number;
  device: number;
  athlete: number;
  startMs: number;
  endMs: number;
  /** Kept all the same: what he recorded is his. That its activity is deleted, the deleted activities tell. */
  deleted: boolean;
}

function requiredMs(timestamp: Timestamp | undefined): number {
  if (timestamp === undefined) throw new Error('A stored time frame lacks one of its times.');
  return timestampMs(timestamp);
}

function timeFrameOf(stored: StoredEvent): number | undefined {
  switch (stored.type) {
    case TimeFrameCreatedSchema.typeName:
      return decodeMessage(TimeFrameCreatedSchema, stored).timeFrameId;
    case TimeFrameUpdatedSchema.typeName:
      return decodeMessage(TimeFrameUpdatedSchema, stored).timeFrameId;
    case TimeFrameDeletedSchema.typeName:
      return decodeMessage(TimeFrameDeletedSchema, stored).timeFrameId;
    default:
      return undefined;
  }
}

export const wearingsModel: ReadModel<WearingDocument> = {
  name: 'wearings',
  // The end of an athlete changes nothing by itself: whoever erases what he recorded waits until all before it is here.
  consumes: [
    TimeFrameCreatedSchema.typeName,
    TimeFrameUpdatedSchema.typeName,
    TimeFrameDeletedSchema.typeName,
    AthleteDeletedSchema.typeName,
  ],
  creates: [TimeFrameCreatedSchema.typeName],
  indexes: [{ key: { athlete: 1, _id: 1 } }, { key: { device: 1, startMs: 1 } }, { key: { activity: 1 } }],
  documentIds: (stored) => {
    const id = timeFrameOf(stored);
    return id === undefined ? [] : [id];
  },
  project(document, stored, _id) {
    if (stored.type === TimeFrameDeletedSchema.typeName) return document && { ...document, deleted: true };
    const schema =
      stored.type === TimeFrameCreatedSchema.typeName ? TimeFrameCreatedSchema : TimeFrameUpdatedSchema;
    const { activity, owner, device, athlete, startTime, endTime } = decodeMessage(schema, stored);
    const [startMs, endMs] = [requiredMs(startTime), requiredMs(endTime)];
    return { _id, activity, owner, device, athlete, startMs, endMs, deleted: false };
  },
};
