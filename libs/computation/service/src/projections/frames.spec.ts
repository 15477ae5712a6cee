import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  ActivityDeletedSchema,
  ActivityUpdatedSchema,
  TimeFrameCreatedSchema,
  TimeFrameDeletedSchema,
  TimeFrameUpdatedSchema,
} from '@touchline/contracts/activity/v1/events';
import { OwnershipTakenSchema } from '@touchline/contracts/telemetry/v1/events';
import { encodePayload } from '@touchline/event-log';
import {
  emptySampleColumns,
  encodeDayErased,
  encodeSamples,
  framesIngestedType,
  sealFrames,
} from '@touchline/samples';
import { storedEvent } from '@touchline/testing/project';
import { describe, expect, it } from 'vitest';
import { deviceDaysOf, type FrameDocument, framesModel } from './frames.ts';

const startMs = Date.UTC(2021, 10, 19, 17);
const endMs = startMs + 5_400_000;
const frame = {
  timeFrameId: 42,
  owner: 3,
  device: 7,
  athlete: 12,
  activity: 5,
  startTime: timestampFromMs(startMs),
  endTime: timestampFromMs(endMs),
  params: {},
  jsonSchema: 12,
};
const created = encodePayload(TimeFrameCreatedSchema, frame);
const tools = { signal: new AbortController().signal };
/** A lookup that finds the ids when it is asked for exactly these values. */
const lookup = (values: Record<string, unknown>, ids: (number | string)[]) => ({
  idsWhere: (asked: Record<string, unknown>) =>
    Promise.resolve(JSON.stringify(asked) === JSON.stringify(values) ? ids : []),
});
const document = framesModel.project(undefined, storedEvent(created, 0), 42, tools) as FrameDocument;

function ingested(fromMs: number) {
  const samples = { ...emptySampleColumns(), ecg: { t: Float64Array.of(fromMs), hr: Float64Array.of(150) } };
  const stream = 'telemetry-7-20211119';
  const key = new Uint8Array(32);
  const plaintext = encodeSamples(samples);
  const data = sealFrames({ deviceId: 7, samples, plaintext, keyId: 'k', key, stream });
  return storedEvent({ type: framesIngestedType, data }, 1, stream);
}

const erased = (fromMs: number, toMs: number) =>
  storedEvent(
    encodeDayErased({ deviceId: 7, keyIds: ['k'], intervals: [{ startMs: fromMs, endMs: toMs }] }),
    1,
    'telemetry-7-20211119',
  );

describe('the time frames that an event touches', () => {
  it('are those of the device and day of ingested samples', async () => {
    expect(
      await framesModel.documentIds(ingested(startMs), lookup({ deviceDays: '7:20211119' }, [42])),
    ).toEqual([42]);
    expect(await framesModel.documentIds(ingested(startMs), lookup({ deviceDays: '7:*' }, [43]))).toEqual([
      43,
    ]);
  });

  it('are those of an erased day', async () => {
    const found = lookup({ deviceDays: '7:20211119' }, [42]);
    expect(await framesModel.documentIds(erased(startMs, endMs), found)).toEqual([42]);
  });

  it('are those of the owner and the device when an ownership begins', async () => {
    const taken = encodePayload(OwnershipTakenSchema, { deviceId: 7, ownershipId: 1, manager: 3 });
    expect(
      await framesModel.documentIds(storedEvent(taken, 1), lookup({ device: 7, owner: 3 }, [42])),
    ).toEqual([42]);
  });

  it('are those of a changed activity', async () => {
    const updated = encodePayload(ActivityUpdatedSchema, { activityId: 5 });
    expect(await framesModel.documentIds(storedEvent(updated, 1), lookup({ activity: 5 }, [42, 43]))).toEqual(
      [42, 43],
    );
  });

  it('do not include one created in an activity after its deletion', async () => {
    expect(
      await framesModel.documentIds(storedEvent(created, 1), lookup({ deletedActivity: 5 }, ['x'])),
    ).toEqual([]);
  });
});

describe('the document of a time frame', () => {
  it('holds what its metrics depend on', () => {
    expect(document).toEqual({
      _id: 42,
      owner: 3,
      device: 7,
      athlete: 12,
      activity: 5,
      startMs,
      endMs,
      params: '{}',
      deviceDays: ['7:20211119'],
      changedMs: 1_700_000_000_000,
    });
  });

  it('is touched by samples in its window and by no others', () => {
    expect(framesModel.project(document, ingested(endMs - 1), 42, tools)).toEqual(document);
    expect(framesModel.project(document, ingested(endMs), 42, tools)).toBeUndefined();
    expect(framesModel.project(document, ingested(startMs - 1), 42, tools)).toBeUndefined();
  });

  it('is touched when something in its window is erased and not else', () => {
    expect(framesModel.project(document, erased(startMs - 1, startMs + 1), 42, tools)).toEqual(document);
    expect(framesModel.project(document, erased(startMs - 1, startMs), 42, tools)).toBeUndefined();
    expect(framesModel.project(document, erased(endMs, endMs + 1), 42, tools)).toBeUndefined();
  });

  it('follows an update of the window and the device', () => {
    const moved = { ...frame, device: 8, endTime: timestampFromMs(startMs + 86_400_000) };
    const event = storedEvent(encodePayload(TimeFrameUpdatedSchema, moved), 3);
    const after = framesModel.project(document, event, 42, tools) as FrameDocument;
    expect(after.deviceDays).toEqual(['8:20211119', '8:20211120']);
    expect(after.changedMs).toBe(1_700_000_000_003);
  });

  it('goes with the time frame and with its activity', () => {
    const deleted = encodePayload(TimeFrameDeletedSchema, { timeFrameId: 42, activity: 5 });
    expect(framesModel.project(document, storedEvent(deleted, 3), 42, tools)).toBe('gone');
    const activityDeleted = encodePayload(ActivityDeletedSchema, { activityId: 5 });
    expect(framesModel.project(document, storedEvent(activityDeleted, 3), 42, tools)).toBe('gone');
  });
});

it('lists the days of a window of weeks, and looks up one of years by its device', () => {
  expect(deviceDaysOf(7, startMs, startMs + 40 * 86_400_000)).toHaveLength(41);
  expect(deviceDaysOf(7, startMs, startMs + 41 * 86_400_000)).toEqual(['7:*']);
});
