import { randomUUID } from 'node:crypto';

/** The caller's id when it is printable and short, else a new one. */
export function requestIdOf(header: string | undefined): string {
  return header !== undefined && /^[\x21-\x7e]{1,128}$/.test(header) ? header : randomUUID();
}
