import { fold } from '@touchline/event-log';

const commonest = 10_000;

/** Loaded when the first password is chosen: the list is large and most processes never need it. */
export async function loadCommonPasswords(): Promise<(password: string) => boolean> {
  return (loaded ??= load());
}

let loaded: Promise<(password: string) => boolean> | undefined;

async function load(): Promise<(password: string) => boolean> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  // Ordered by how often they occur in published leaks.
  const passwords = new Set(Array.from(dictionary['passwords-common']).slice(0, commonest));
  return (password) => passwords.has(fold(password));
}
