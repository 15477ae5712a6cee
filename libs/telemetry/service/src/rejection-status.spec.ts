import { expect, it } from 'vitest';
import { rejectionStatus } from './rejection-status.ts';

it.each([
  ['device_missing', 'not_found'],
  ['forbidden', 'forbidden'],
  ['not_the_owner', 'forbidden'],
  ['device_exists', 'conflict'],
  ['serial_taken', 'invalid'],
  ['already_owned', 'invalid'],
  ['start_in_past', 'invalid'],
  ['nobody_owns', 'invalid'],
  ['end_in_future', 'invalid'],
] as const)('%s is answered as %s', (code, status) => {
  const error = rejectionStatus({ code });
  expect(error.status).toBe(status);
  if (status === 'invalid') expect(Object.keys(error.fields ?? {})).toHaveLength(1);
});

it('says when the ownership began that was to end before', () => {
  expect(rejectionStatus({ code: 'end_before_start', startMs: 0 }).fields).toEqual({
    end_time: ['An ownership may not end before it begins, which is at 1970-01-01T00:00:00.000Z.'],
  });
});
