import type { JsonObject, TimeFrameEvent, TimeFrameFields } from '@touchline/activity-domain';
import type { StoredEvent } from '@touchline/event-log';
import type { ReadModel } from '@touchline/read-models';
import { activityCodec, timeFrameCodec } from '../event-codec.ts';

/** A time frame as lists need it; times in ms since the Unix epoch. `params` is JSON text: its keys are the callers' own. */
export interface TimeFrameDocument {
  _id: number;
  owner: number;
  device: number;
  athlete: number;
  activity: number;
  startMs: number;
  endMs: number;
  params: string;
  jsonSchema: number;
  revision: number;
}

/** Says for ever that an activity is deleted, so that a time frame appended after its deletion never appears. */
export interface DeletedActivity {
  _id: string;
  deletedActivity: number;
}

export const timeFrameOf = (
  d: TimeFrameDocument,
): { id: number; fields: TimeFrameFields; revision: number } => ({
  id: d._id,
  fields: {
    owner: d.owner,
    device: d.device,
    athlete: d.athlete,
    activity: d.activity,
    startMs: d.startMs,
    endMs: d.endMs,
    params: JSON.parse(d.params) as JsonObject,
    jsonSchema: d.jsonSchema,
  },
  revision: d.revision,
});

const ACTIVITY_DELETED = 'activity.v1.ActivityDeleted';
const markerOf = (activity: number): string => `deleted-activity-${activity}`;

function decode(event: StoredEvent): Exclude<TimeFrameEvent, { type: 'ReservationAbandoned' }> {
  const decoded = timeFrameCodec.decode(event);
  if (decoded.type === 'ReservationAbandoned')
    throw new Error('The log holds bookkeeping under a type of this context.');
  return decoded;
}

export const timeFramesModel: ReadModel<TimeFrameDocument | DeletedActivity> = {
  name: 'time-frames',
  consumes: [
    'activity.v1.TimeFrameCreated',
    'activity.v1.TimeFrameUpdated',
    'activity.v1.TimeFrameDeleted',
    ACTIVITY_DELETED,
  ],
  creates: ['activity.v1.TimeFrameCreated'],
  indexes: [
    { key: { owner: 1, _id: 1 } },
    // The other time at the end: a window is told by the keys, whichever time orders them.
    { key: { owner: 1, startMs: 1, _id: 1, endMs: 1 } },
    { key: { owner: 1, endMs: 1, _id: 1, startMs: 1 } },
    { key: { owner: 1, device: 1, _id: 1 } },
    { key: { owner: 1, athlete: 1, _id: 1 } },
    { key: { owner: 1, activity: 1, _id: 1 } },
    { key: { activity: 1, _id: 1 } },
    { key: { deletedActivity: 1 }, sparse: true },
  ],
  async documentIds(event, lookup) {
    if (event.type === ACTIVITY_DELETED) {
      const { activityId } = activityCodec.decode(event);
      return [markerOf(activityId), ...(await lookup.idsWhere({ activity: activityId }))];
    }
    const decoded = decode(event);
    // Created in an activity after its deletion: it never was.
    const deleted =
      decoded.type === 'TimeFrameCreated' && (await lookup.idsWhere({ deletedActivity: decoded.activity }));
    return deleted && deleted.length > 0 ? [] : [decoded.timeFrameId];
  },
  project(document, event, id) {
    if (event.type === ACTIVITY_DELETED) {
      if (typeof id !== 'string') return 'gone';
      return { _id: id, deletedActivity: activityCodec.decode(event).activityId };
    }
    const decoded = decode(event);
    switch (decoded.type) {
      case 'TimeFrameUpdated':
        if (!document) return undefined;
        return documentOf(decoded, event.revision);
      case 'TimeFrameCreated':
        return documentOf(decoded, event.revision);
      case 'TimeFrameDeleted':
        return 'gone';
      default:
        return decoded satisfies never;
    }
  },
};

const documentOf = (
  f: TimeFrameFields & { readonly timeFrameId: number },
  revision: number,
): TimeFrameDocument => ({
  _id: f.timeFrameId,
  owner: f.owner,
  device: f.device,
  athlete: f.athlete,
  activity: f.activity,
  startMs: f.startMs,
  endMs: f.endMs,
  params: JSON.stringify(f.params),
  jsonSchema: f.jsonSchema,
  revision,
});
