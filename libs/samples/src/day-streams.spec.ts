import { expect, it } from 'vitest';
import { dayStreamOf, utcDays } from './day-streams.ts';

it('names the streams of the days that a window touches, its end excluded', () => {
  const midnight = Date.UTC(2021, 10, 20);
  const streams = (startMs: number, stopMs: number) =>
    [...utcDays(startMs, stopMs)].map((day) => dayStreamOf(7, day));
  expect(streams(midnight - 1, midnight)).toEqual(['telemetry-7-20211119']);
  expect(streams(midnight - 1, midnight + 1)).toEqual(['telemetry-7-20211119', 'telemetry-7-20211120']);
  expect(streams(midnight, midnight + 86_400_001)).toEqual(['telemetry-7-20211120', 'telemetry-7-20211121']);
});
