import { dayStreamOf, firstDayKeyOf } from '@touchline/samples';
import { expect, it } from 'vitest';
import { currentDayKey } from './day-key.ts';

it('takes the published first key for the first samples of a day', async () => {
  const stream = dayStreamOf(7, '20211119');
  const getOrCreate = () => Promise.resolve(new Uint8Array(32));
  expect((await currentDayKey({ getOrCreate }, stream, undefined)).id).toBe(firstDayKeyOf(stream));
});
