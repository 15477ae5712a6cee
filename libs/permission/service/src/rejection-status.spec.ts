import { describe, expect, it } from 'vitest';
import { type Rejection, rejectionError } from './rejection-status.ts';

const answers: [Rejection, string][] = [
  ['not_signed_in', 'unauthenticated'],
  ['not_allowed', 'forbidden'],
  ['not_shared', 'forbidden'],
  ['no_such_athlete', 'not_found'],
  ['no_such_manager', 'not_found'],
  ['no_such_permission', 'not_found'],
  ['ends_before_start', 'invalid'],
];

describe.each(answers)('%s', (code, status) => {
  it(`is answered with ${status}`, () => {
    expect(rejectionError(code)).toMatchObject({ status, code });
  });
});

describe('a grant that ends before it starts', () => {
  it('is told on the field of its end', () => {
    expect(Object.keys(rejectionError('ends_before_start').fields ?? {})).toEqual(['expiration_time']);
  });
});
