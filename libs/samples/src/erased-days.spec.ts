import { expect, it } from 'vitest';
import { dayErasedType, encodeDayErased, readDayErased } from './erased-days.ts';

const day = {
  deviceId: 7,
  keyIds: ['telemetry-7-20211119.1', 'telemetry-7-20211119.2'],
  intervals: [{ startMs: 1_637_316_000_000, endMs: 1_637_319_600_000 }],
};

it('stores an erased day as JSON, in this form for ever', () => {
  expect(encodeDayErased(day)).toEqual({
    type: 'telemetry.v1.DayErased',
    data: {
      deviceId: 7,
      keyIds: ['telemetry-7-20211119.1', 'telemetry-7-20211119.2'],
      intervals: [{ startMs: '1637316000000', endMs: '1637319600000' }],
    },
  });
});

it('reads it back', () => {
  const { type, data } = encodeDayErased(day);
  expect(type).toBe(dayErasedType);
  expect(readDayErased({ data })).toEqual(day);
});
