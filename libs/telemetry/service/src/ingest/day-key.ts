import { KeyDestroyed, type KeyStore } from '@touchline/read-models';
import { dayKeyGeneration, dayKeyId } from '@touchline/telemetry-domain';

export interface DayKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/**
 * The key that a day's next samples are sealed with, durable when this resolves: the one of its last samples, or the
 * next generation when that has been destroyed.
 *
 * @param lastKeyId of the last samples in the stream, if any
 * @throws MongoError
 */
export async function currentDayKey(
  keys: Pick<KeyStore, 'getOrCreate'>,
  stream: string,
  lastKeyId: string | undefined,
): Promise<DayKey> {
  const last = lastKeyId === undefined ? undefined : dayKeyGeneration(lastKeyId);
  for (let generation = last ?? 1; ; generation++) {
    const id = dayKeyId(stream, generation);
    try {
      return { id, key: await keys.getOrCreate(id) };
    } catch (error) {
      if (!(error instanceof KeyDestroyed)) throw error;
    }
  }
}
