import { describe, expect, it } from 'vitest';
import { type Rejection, rejectionError } from './rejection-status.ts';

const answers: [Rejection, string][] = [
  [{ code: 'not_signed_in' }, 'unauthenticated'],
  [{ code: 'not_allowed' }, 'forbidden'],
  [{ code: 'no_such_athlete' }, 'not_found'],
  [{ code: 'no_such_account' }, 'unauthenticated'],
  [{ code: 'not_a_manager' }, 'not_found'],
  [{ code: 'not_an_athlete' }, 'not_found'],
  [{ code: 'no_such_user' }, 'not_found'],
  [{ code: 'revision_passed' }, 'precondition'],
  [{ code: 'user_exists' }, 'conflict'],
  [{ code: 'names_taken', fields: ['username'] }, 'invalid'],
];

describe.each(answers)('%o', (rejection, status) => {
  it(`is answered with ${status}`, () => {
    expect(rejectionError(rejection)).toMatchObject({ status, code: rejection.code });
  });
});

describe('names that are taken', () => {
  it('are told field by field', () => {
    expect(rejectionError({ code: 'names_taken', fields: ['email', 'external_id'] }).fields).toEqual({
      email: ['A user with that email already exists.'],
      external_id: ['A user with that external_id already exists.'],
    });
  });
});
