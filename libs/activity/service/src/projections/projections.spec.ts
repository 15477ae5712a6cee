import type { ActivityEvent, TimeFrameEvent } from '@touchline/activity-domain';
import { projected } from '@touchline/testing/project';
import { describe, expect, it } from 'vitest';
import { activityCodec, timeFrameCodec } from '../event-codec.ts';
import { activitiesModel, activityOf } from './activities.ts';
import { timeFrameOf, timeFramesModel, type TimeFrameDocument } from './time-frames.ts';

const activity = {
  activityId: 5,
  name: 'Été',
  owner: 3,
  json: { sport: 'soccer', 'a.b': { $c: 1 } },
  jsonSchema: 1,
};
const frame = {
  timeFrameId: 42,
  owner: 3,
  device: 7,
  athlete: 12,
  activity: 5,
  startMs: 1_700_000_000_000,
  endMs: 1_700_002_700_000,
  params: { splitName: 'first half' },
  jsonSchema: 12,
};
const given = (...events: (ActivityEvent | TimeFrameEvent)[]) =>
  events.map((event) =>
    event.type.startsWith('Activity')
      ? activityCodec.encode(event as ActivityEvent)
      : timeFrameCodec.encode(event as TimeFrameEvent),
  );
const activityCreated: ActivityEvent = { type: 'ActivityCreated', ...activity };
const activityDeleted: ActivityEvent = { type: 'ActivityDeleted', activityId: 5 };
const frameCreated: TimeFrameEvent = { type: 'TimeFrameCreated', ...frame };

const frames = async (...events: (ActivityEvent | TimeFrameEvent)[]) =>
  [...(await projected(timeFramesModel, given(...events)))].filter(([id]) => typeof id === 'number');

describe('the list of activities', () => {
  it('holds an activity as it was created, with any keys in its json', async () => {
    const document = (await projected(activitiesModel, given(activityCreated))).get(5);
    expect(document && activityOf(document)).toEqual({
      id: 5,
      fields: { name: 'Été', owner: 3, json: activity.json, jsonSchema: 1 },
      revision: 0,
    });
    expect(document?.nameFolded).toBe('été');
  });

  it('follows an update, and loses a deleted activity', async () => {
    const updated: ActivityEvent = { type: 'ActivityUpdated', ...activity, name: 'Hiver' };
    expect((await projected(activitiesModel, given(activityCreated, updated))).get(5)?.name).toBe('Hiver');
    expect((await projected(activitiesModel, given(activityCreated, activityDeleted))).size).toBe(0);
  });
});

describe('the list of time frames', () => {
  it('holds a time frame as it was created', async () => {
    const [found] = await frames(activityCreated, frameCreated);
    const { timeFrameId, ...fields } = frame;
    expect(timeFrameOf(found?.[1] as TimeFrameDocument)).toEqual({ id: timeFrameId, fields, revision: 1 });
  });

  it('loses a deleted time frame', async () => {
    expect(await frames(frameCreated, { type: 'TimeFrameDeleted', timeFrameId: 42, activity: 5 })).toEqual(
      [],
    );
  });

  it('loses all time frames of a deleted activity, and no others', async () => {
    const other: TimeFrameEvent = { type: 'TimeFrameCreated', ...frame, timeFrameId: 43, activity: 6 };
    expect((await frames(frameCreated, other, activityDeleted)).map(([id]) => id)).toEqual([43]);
  });

  it('never shows a time frame that was appended after its activity was deleted', async () => {
    expect(await frames(activityDeleted, frameCreated)).toEqual([]);
    expect(await frames(activityDeleted, frameCreated, { type: 'TimeFrameUpdated', ...frame })).toEqual([]);
  });
});
