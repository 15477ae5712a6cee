import { describe, expect, it } from 'vitest';
import { FieldErrors } from './field-errors.ts';
import { RpcError } from './rpc-error.ts';

function thrownBy(errors: FieldErrors): RpcError | undefined {
  try {
    errors.throwIfAny();
    return undefined;
  } catch (error) {
    if (error instanceof RpcError) return error;
    throw error;
  }
}

describe('field errors', () => {
  it('throw nothing when there are none', () => {
    const errors = new FieldErrors({ fieldErrors: {} });
    expect(errors.isEmpty).toBe(true);
    expect(thrownBy(errors)).toBeUndefined();
  });

  it("join the caller's with the owner's", () => {
    const errors = new FieldErrors({ fieldErrors: { email: ['Not an e-mail address.'] } });
    errors.add('username', 'Taken.');
    errors.add('username', 'Too short.');
    expect(thrownBy(errors)).toMatchObject({
      status: 'invalid',
      fields: { email: ['Not an e-mail address.'], username: ['Taken.', 'Too short.'] },
    });
  });

  it('say nothing more of a field that came wrong and was left out', () => {
    const errors = new FieldErrors({ fieldErrors: { email: ['Not an e-mail address.'] } });
    errors.add('email', 'This field is required.');
    expect(errors.has('email')).toBe(true);
    expect(thrownBy(errors)?.fields).toEqual({ email: ['Not an e-mail address.'] });
  });

  it('add up what concerns no field', () => {
    const errors = new FieldErrors({ fieldErrors: { non_field_errors: ['a'] } });
    errors.add('non_field_errors', 'b');
    expect(thrownBy(errors)?.fields).toEqual({ non_field_errors: ['a', 'b'] });
  });
});
