import {
  ActivityDeletedSchema,
  TimeFrameCreatedSchema,
  TimeFrameDeletedSchema,
  TimeFrameUpdatedSchema,
} from '@touchline/contracts/activity/v1/events';
import { encodePayload, type EncodedPayload, type StoredEvent } from '@touchline/event-log';
import { expect, it } from 'vitest';
import { activityDevicesModel, type ActivityDevicesDocument } from './activity-devices.ts';

const created = (timeFrameId: number, activity: number, device: number) =>
  encodePayload(TimeFrameCreatedSchema, { timeFrameId, activity, device });
const updated = (timeFrameId: number, activity: number, device: number) =>
  encodePayload(TimeFrameUpdatedSchema, { timeFrameId, activity, device });
const deleted = (timeFrameId: number, activity: number) =>
  encodePayload(TimeFrameDeletedSchema, { timeFrameId, activity });
const activityDeleted = (activityId: number) => encodePayload(ActivityDeletedSchema, { activityId });

/** Activities with the devices of their time frames, after the events. */
async function given(...payloads: EncodedPayload[]): Promise<Record<number, number[]>> {
  const documents = new Map<number, ActivityDevicesDocument>();
  const lookup = {
    idsWhere: async (values: Readonly<Record<string, unknown>>) =>
      [...documents.values()]
        .filter(({ timeFrames }) => timeFrames.some(({ id }) => id === values['timeFrames.id']))
        .map(({ _id }) => _id),
  };
  for (const payload of payloads) {
    const stored = { ...payload } as StoredEvent;
    for (const id of await activityDevicesModel.documentIds(stored, lookup)) {
      const tools = { signal: new AbortController().signal };
      const next = await activityDevicesModel.project(documents.get(id), stored, id, tools);
      if (next !== undefined && next !== 'gone') documents.set(id, next);
    }
  }
  return Object.fromEntries(
    [...documents].map(([id, { timeFrames }]) => [id, timeFrames.map(({ device }) => device)]),
  );
}

it('gathers the devices of an activity’s time frames', async () => {
  expect(await given(created(1, 5, 70), created(2, 5, 71), created(3, 6, 72))).toEqual({
    5: [70, 71],
    6: [72],
  });
});

it('follows a time frame to another device and another activity', async () => {
  expect(await given(created(1, 5, 70), updated(1, 5, 71))).toEqual({ 5: [71] });
  expect(await given(created(1, 5, 70), updated(1, 6, 70))).toEqual({ 5: [], 6: [70] });
});

it('drops deleted time frames', async () => {
  expect(await given(created(1, 5, 70), created(2, 5, 71), deleted(1, 5))).toEqual({ 5: [71] });
});

it('drops all of a deleted activity, also those that are seen later', async () => {
  expect(await given(created(1, 5, 70), activityDeleted(5), created(2, 5, 71))).toEqual({ 5: [] });
  expect(await given(activityDeleted(5), updated(1, 5, 70))).toEqual({ 5: [] });
});
