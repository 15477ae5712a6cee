import {
  metadataOf,
  nameBasedUuid,
  pause,
  requireKeys,
  WrongExpectedRevision,
  type EncodedEvent,
  type StoredEvent,
  type StreamLog,
} from '@touchline/event-log';
import type { KeyStore } from '@touchline/read-models';
import {
  emptySampleColumns,
  encodeDayErased,
  encodeSamples,
  framesIngestedType,
  openFrames,
  readFrames,
  sealFrames,
  type SampleColumns,
} from '@touchline/samples';
import { countSamples, dayKeyGeneration, dayKeyId, outside } from '@touchline/telemetry-domain';
import { currentDayKey, type DayKey } from '../ingest/day-key.ts';
import { EVENT_OVERHEAD_BYTES, MAX_BATCH_BYTES } from '../ingest/day-writer.ts';
import { type DayErasure, DayProgress, isBefore } from './day-progress.ts';

type SealedFrames = EncodedEvent & { data: Uint8Array };

export interface EraseDayDependencies {
  readonly log: StreamLog;
  readonly keys: Pick<KeyStore, 'get' | 'getOrCreate' | 'destroy'>;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** What is appended together. */
  readonly maxBatchBytes?: number;
}

/**
 * Erases what was recorded in the intervals of a device's day. What lies outside is appended again to the stream under
 * a new key, event by event, with the time when the log first took it; then the old keys are destroyed; then the day is
 * said to be erased. It may be broken off anywhere and begun anew, also by several at a time: everything appended has an
 * id that follows from the cause and what it stands for, and is appended at the revision that was seen. Whoever writes
 * with the old key meets a conflict, since something is always appended before the key goes.
 *
 * @throws EventLogError, KeysUnknown, MongoError: nothing is lost then, and beginning anew is right
 */
export async function eraseDay(
  deps: EraseDayDependencies,
  erasure: DayErasure,
  signal: AbortSignal,
): Promise<void> {
  const day = new DayProgress(erasure);
  await day.catchUp(deps.log, signal);
  if (day.over || !day.concerned) return;
  const newKey = await keyFor(deps, day);
  await new Move(deps, day, newKey).run(signal);
  const keyIds = day.keysBefore(newKey.id);
  for (const keyId of keyIds) await deps.keys.destroy(keyId);
  const { deviceId, intervals } = erasure;
  const erased = { ...encodeDayErased({ deviceId, keyIds, intervals }), ...identityOf(deps, day, 'erased') };
  while (!day.over) await append(deps, day, [erased], signal);
}

/** The key that this erasure has begun with, or else the one after the last. */
async function keyFor({ keys }: EraseDayDependencies, day: DayProgress): Promise<DayKey> {
  if (day.newKeyId !== undefined) return { id: day.newKeyId, key: await keys.getOrCreate(day.newKeyId) };
  const last = dayKeyGeneration(day.lastKeyId ?? '');
  if (last === undefined) throw new Error(`${day.lastKeyId} is no key of a day`);
  return currentDayKey(keys, day.erasure.stream, dayKeyId(day.erasure.stream, last + 1));
}

/** @param subject the id of the event that is appended again, or what else there is once an erasure of a day */
function identityOf(
  { now }: EraseDayDependencies,
  { erasure: { cause, stream } }: DayProgress,
  subject: string,
): Pick<EncodedEvent, 'id' | 'metadata'> {
  const { id: commandId, correlationId } = cause;
  return {
    id: nameBasedUuid(JSON.stringify([commandId, stream, subject])),
    metadata: metadataOf({ commandId, correlationId, actor: 'service:telemetry', at: now() }),
  };
}

/** Appends at the revision that was seen, and sees what is there now. @returns whether they were appended */
async function append(
  { log }: EraseDayDependencies,
  day: DayProgress,
  events: readonly EncodedEvent[],
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await log.append(day.erasure.stream, events, day.revision);
    await day.catchUp(log, signal);
    return true;
  } catch (error) {
    if (!(error instanceof WrongExpectedRevision)) throw error;
    await pause(Math.random() * 10, signal);
    await day.catchUp(log, signal);
    return false;
  }
}

/** Appends again what is to stay. */
class Move {
  readonly #deps: EraseDayDependencies;
  readonly #day: DayProgress;
  readonly #newKey: DayKey;
  /** Of the old keys, undefined where one is destroyed. */
  readonly #keys = new Map<string, Uint8Array | undefined>();

  constructor(deps: EraseDayDependencies, day: DayProgress, newKey: DayKey) {
    this.#deps = deps;
    this.#day = day;
    this.#newKey = newKey;
  }

  async run(signal: AbortSignal): Promise<void> {
    // Writers may go on under the old key until the first append, so each batch is read up to what is there by then.
    for (let next = 0; !this.#day.over;) {
      const { events, end } = await this.#batch(next, signal);
      if (events.length === 0 && this.#day.newKeyId !== undefined) return;
      if (events.length === 0) events.push(this.#sealed('nothing', emptySampleColumns()));
      if (await append(this.#deps, this.#day, events, signal)) next = end;
    }
  }

  /** @returns what stays of the stream from revision `next` to before `end` */
  async #batch(next: number, signal: AbortSignal): Promise<{ events: EncodedEvent[]; end: number }> {
    const { maxBatchBytes = MAX_BATCH_BYTES } = this.#deps;
    const events: EncodedEvent[] = [];
    let bytes = 0;
    let end = next;
    for await (const stored of this.#deps.log.read(this.#day.erasure.stream, { from: next })) {
      signal.throwIfAborted();
      const event = await this.#again(stored, signal);
      bytes += event === undefined ? 0 : event.data.byteLength + EVENT_OVERHEAD_BYTES;
      if (events.length > 0 && bytes > maxBatchBytes) break;
      if (event !== undefined) events.push(event);
      end = stored.revision + 1;
    }
    return { events, end };
  }

  async #again(stored: StoredEvent, signal: AbortSignal): Promise<SealedFrames | undefined> {
    if (stored.type !== framesIngestedType) return undefined;
    const frames = readFrames(stored);
    const done = this.#day.hasAppended(identityOf(this.#deps, this.#day, stored.id).id);
    if (done || !isBefore(frames.keyId, this.#newKey.id)) return undefined;
    const key = await this.#keyOf(frames.keyId, signal);
    const left = key && outside(openFrames(frames, key), this.#day.erasure.intervals);
    if (left === undefined || countSamples(left) === 0) return undefined;
    return this.#sealed(stored.id, left, frames.firstStoredMs ?? stored.createdMs);
  }

  #sealed(subject: string, samples: SampleColumns, firstStoredMs?: number): SealedFrames {
    const { deviceId, stream } = this.#day.erasure;
    const { id: keyId, key } = this.#newKey;
    const plaintext = encodeSamples(samples);
    const stored = firstStoredMs === undefined ? {} : { firstStoredMs };
    return {
      type: framesIngestedType,
      data: sealFrames({ deviceId, samples, plaintext, keyId, key, stream, ...stored }),
      ...identityOf(this.#deps, this.#day, subject),
    };
  }

  async #keyOf(keyId: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
    if (!this.#keys.has(keyId)) {
      const found = await requireKeys(this.#deps.keys, [keyId], { signal });
      this.#keys.set(keyId, found.get(keyId));
    }
    return this.#keys.get(keyId);
  }
}
