import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  TimeFrameCreatedSchema,
  TimeFrameDeletedSchema,
  TimeFrameUpdatedSchema,
} from '@touchline/contracts/activity/v1/events';
import { AthleteDeletedSchema } from '@touchline/contracts/identity/v1/events';
import { encodePayload } from '@touchline/event-log';
import { projected } from '@touchline/testing/project';
import { expect, it } from 'vitest';
import { wearingsModel } from './wearings.ts';

const frame = (athlete: number, endMs: number) => ({
  timeFrameId: 42,
  activity: 5,
  owner: 3,
  device: 7,
  athlete,
  startTime: timestampFromMs(1000),
  endTime: timestampFromMs(endMs),
});
const created = encodePayload(TimeFrameCreatedSchema, frame(12, 2000));
const updated = encodePayload(TimeFrameUpdatedSchema, frame(13, 3000));
const deleted = encodePayload(TimeFrameDeletedSchema, { timeFrameId: 42, activity: 5 });
const athleteDeleted = encodePayload(AthleteDeletedSchema, { userId: 13 });

const shown = { _id: 42, activity: 5, owner: 3, device: 7, startMs: 1000, deleted: false };

it('tells of each time frame who wears which device when, as it stands', async () => {
  expect((await projected(wearingsModel, [created])).get(42)).toEqual({ ...shown, athlete: 12, endMs: 2000 });
  expect((await projected(wearingsModel, [created, updated])).get(42)).toEqual({
    ...shown,
    athlete: 13,
    endMs: 3000,
  });
});

it('still knows deleted time frames and those of deleted athletes', async () => {
  const documents = await projected(wearingsModel, [created, updated, athleteDeleted, deleted]);
  expect([...documents.values()]).toEqual([{ ...shown, athlete: 13, endMs: 3000, deleted: true }]);
});
