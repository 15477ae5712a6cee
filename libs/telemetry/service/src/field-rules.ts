import type { FieldErrors } from '@touchline/rpc';

const MAX_LENGTH = 255;

export const REQUIRED = 'This field is required.';

/** Adds what is wrong with a name of a device. */
export function checkName(errors: FieldErrors, field: string, text: string): void {
  if ([...text].length > MAX_LENGTH) {
    errors.add(field, `Ensure this field has no more than ${MAX_LENGTH} characters.`);
  }
  if (text.includes('\0')) errors.add(field, 'Null characters are not allowed.');
}
