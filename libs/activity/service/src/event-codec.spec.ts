import type { ActivityEvent, TimeFrameEvent, WearingEvent } from '@touchline/activity-domain';
import { describe, expect, it } from 'vitest';
import { activityCodec, timeFrameCodec, UnknownEventError, wearingCodec } from './event-codec.ts';

const window = { startMs: 1_700_000_000_000, endMs: 1_700_002_700_001 };
const times = { startTime: '2023-11-14T22:13:20Z', endTime: '2023-11-14T22:58:20.001Z' };
const activity = {
  activityId: 5,
  owner: 3,
  name: 'Match',
  json: { sport: 'soccer', deep: [1, null] },
  jsonSchema: 1,
};
const frame = {
  timeFrameId: 42,
  owner: 3,
  device: 7,
  athlete: 12,
  activity: 5,
  params: { max_hr: 0 },
  jsonSchema: 12,
};

/** What lies in logs, as it was first written; it must be read the same for ever. */
const ACTIVITY_FORMS: [ActivityEvent, string, unknown][] = [
  [{ type: 'ActivityCreated', ...activity }, 'activity.v1.ActivityCreated', activity],
  [{ type: 'ActivityUpdated', ...activity }, 'activity.v1.ActivityUpdated', activity],
  [{ type: 'ActivityDeleted', activityId: 5 }, 'activity.v1.ActivityDeleted', { activityId: 5 }],
];
const TIME_FRAME_FORMS: [TimeFrameEvent, string, unknown][] = [
  [{ type: 'TimeFrameCreated', ...frame, ...window }, 'activity.v1.TimeFrameCreated', { ...frame, ...times }],
  [{ type: 'TimeFrameUpdated', ...frame, ...window }, 'activity.v1.TimeFrameUpdated', { ...frame, ...times }],
  [
    { type: 'TimeFrameDeleted', timeFrameId: 42, activity: 5 },
    'activity.v1.TimeFrameDeleted',
    { timeFrameId: 42, activity: 5 },
  ],
  [
    { type: 'ReservationAbandoned', reservation: 'wearing-7' },
    'log.v1.ReservationAbandoned',
    { reservation: 'wearing-7' },
  ],
];
const claim = { timeFrameId: 42, owner: 3, athlete: 12 };
const WEARING_FORMS: [WearingEvent, string, unknown][] = [
  [
    { type: 'WearingReserved', stream: 'timeframe-42', revision: 2, ...claim, ...window },
    'activity.v1.WearingReserved',
    { stream: 'timeframe-42', revision: '2', ...claim, ...times },
  ],
  [{ type: 'WearingReleased', timeFrameId: 42 }, 'activity.v1.WearingReleased', { timeFrameId: 42 }],
];

interface Codec {
  encode(event: unknown): unknown;
  decode(stored: { type: string; data: unknown }): unknown;
}
type Forms = readonly (readonly [event: { type: string }, type: string, data: unknown])[];

// The codecs differ in their event type; each table holds the events of its own codec.
describe.each([
  ['activities', activityCodec as Codec, ACTIVITY_FORMS as Forms],
  ['time frames', timeFrameCodec as Codec, TIME_FRAME_FORMS as Forms],
  ['wearings', wearingCodec as Codec, WEARING_FORMS as Forms],
])('the stored form of %s', (_name, { encode, decode }, forms) => {
  it.each(forms.map(([event, type, data]) => ({ event, type, data })))(
    'of $type is what lies in logs',
    ({ event, type, data }) => {
      expect(encode(event)).toEqual({ type, data });
      expect(decode({ type, data })).toEqual(event);
    },
  );

  it('holds no event of another stream', () => {
    expect(() => decode({ type: 'telemetry.v1.FramesIngested', data: {} })).toThrow(UnknownEventError);
  });
});
