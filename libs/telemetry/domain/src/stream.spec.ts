import { expect, it } from 'vitest';
import { dayKeyGeneration, dayKeyId, dayStream, dayStreams, deviceStream, utcDay } from './stream.ts';

it('names the streams of devices and of their days', () => {
  expect(deviceStream(7)).toBe('device-7');
  expect(utcDay(Date.UTC(2021, 10, 19, 23, 59, 59, 999))).toBe('20211119');
  expect(dayStream(7, '20211119')).toBe('telemetry-7-20211119');
});

it('names the days that a window touches, its end being outside', () => {
  const midnight = Date.UTC(2021, 11, 31);
  expect(dayStreams(7, midnight - 1, midnight + 86_400_000)).toEqual([
    'telemetry-7-20211230',
    'telemetry-7-20211231',
  ]);
  expect(dayStreams(7, midnight, midnight + 1)).toEqual(['telemetry-7-20211231']);
  expect(dayStreams(7, midnight, midnight)).toEqual([]);
});

it('tells the generation of a key by its name', () => {
  expect(dayKeyGeneration(dayKeyId('telemetry-7-20211119', 2))).toBe(2);
  expect(dayKeyGeneration('user-12.1')).toBeUndefined();
});
