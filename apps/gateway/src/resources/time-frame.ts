import type { TimeFrame } from '@touchline/contracts/activity/v1/service';
import { entityTag } from '@touchline/http';
import * as z from 'zod';
import { fromTimestamp } from '../timestamps.ts';
import { activityJson, activityOutput, activityTag } from './activity.ts';
import { athleteJson, athleteOutput, athleteTag } from './athlete.ts';
import { deviceJson, deviceOutput, deviceTag } from './device.ts';

export const timeFrameOutput = z
  .object({
    id: z.int(),
    start_time: z.string().meta({ format: 'date-time' }),
    end_time: z.string().meta({ format: 'date-time' }),
    params: z.record(z.string(), z.unknown()).meta({ type: 'object' }),
    device: z.union([z.int(), deviceOutput]),
    activity: z.union([z.int(), activityOutput]),
    athlete: z.union([z.int(), athleteOutput]),
    owner: z.int(),
    json_schema: z.int(),
  })
  .meta({ id: 'TimeFrame' });

export const timeFrameInputExample = {
  start_time: '2022-02-20T13:18:29+0100',
  end_time: '2022-02-20T14:18:29+0100',
  params: { max_hr: 190 },
  device: 123,
  activity: 321,
  athlete: 42,
  owner: 1,
  json_schema: 7,
};

export const timeFrameExample = {
  id: 12,
  ...timeFrameInputExample,
  start_time: '2022-02-20T12:18:29+0000',
  end_time: '2022-02-20T13:18:29+0000',
};

/** A resource that was asked for stands in the place of its id. */
export function timeFrameJson(frame: TimeFrame) {
  return {
    id: frame.id,
    start_time: fromTimestamp(frame.startTime),
    end_time: fromTimestamp(frame.endTime),
    params: frame.params ?? {},
    device: frame.deviceResource ? deviceJson(frame.deviceResource) : frame.device,
    activity: frame.activityResource ? activityJson(frame.activityResource) : frame.activity,
    athlete: frame.athleteResource ? athleteJson(frame.athleteResource) : frame.athlete,
    owner: frame.owner,
    json_schema: frame.jsonSchema,
  };
}

export function timeFrameTag({
  id,
  revision,
  deviceResource,
  activityResource,
  athleteResource,
}: TimeFrame): string {
  return entityTag(
    'timeframe',
    id,
    revision,
    deviceResource && deviceTag(deviceResource),
    activityResource && activityTag(activityResource),
    athleteResource && athleteTag(athleteResource),
  );
}
