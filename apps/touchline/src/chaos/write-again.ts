import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient } from '../client/api.ts';
import { documents, keyOf } from './invariants.ts';
import { type Operation, requestOf } from './operation.ts';
import type { Subject } from './subject.ts';

/** From then on a reservation whose creation did not follow is void. */
const VOID_AFTER_MS = 30_000;
const AT_ONCE = 10;

/**
 * What was reserved for writes that did not follow can be written once they are void.
 *
 * @param waits until all are; else only those are tried that are by now
 * @returns how many were tried, and what is wrong
 */
export async function writeAgain(
  subject: Subject,
  absent: readonly Operation[],
  waits: boolean,
): Promise<{ tried: number; complaints: string[] }> {
  const complaints: string[] = [];
  const voidMs = Math.max(0, ...absent.map(({ sentMs }) => sentMs + VOID_AFTER_MS));
  if (waits) await delay(Math.max(0, voidMs - performance.now()));
  const there = await documents(subject);
  const late = absent.filter((operation) => there.has(keyOf(operation)));
  for (const { name, refused } of late) if (refused) complaints.push(`${name} was refused and came later.`);
  const due = absent
    .filter(({ sentMs }) => waits || performance.now() > sentMs + VOID_AFTER_MS)
    .filter((operation) => !late.includes(operation));
  for (let i = 0; i < due.length; i += AT_ONCE) await Promise.all(due.slice(i, i + AT_ONCE).map(write));
  return { tried: due.length, complaints };

  async function write(operation: Operation): Promise<void> {
    const { path, token, body } = requestOf(operation, subject);
    await new ApiClient(subject.admin.baseUrl, token)
      .post(path, body)
      .catch(({ message }: Error) => complaints.push(`What was reserved is burnt: ${message}`));
  }
}
