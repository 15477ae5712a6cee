import type { AccountData, FieldProblems } from '@touchline/identity-domain';
import type { FieldErrors } from '@touchline/rpc';

export function accountData(username: string, email: string, externalId: string | undefined): AccountData {
  return { username, email, ...(externalId === undefined ? {} : { externalId }) };
}

/** Adds what a rule of the domain found wrong. */
export function addProblems(errors: FieldErrors, problems: FieldProblems): void {
  for (const [field, messages] of Object.entries(problems)) {
    const parent = field.includes('.') ? field.slice(0, field.indexOf('.')) : undefined;
    // An object that came wrong as a whole has no fields to complain about.
    if (parent !== undefined && errors.has(parent)) continue;
    for (const message of messages) errors.add(field, message);
  }
}

/** For what a check has let pass. */
export function unchecked(): never {
  throw new Error('A profile that is missing passed its check.');
}
