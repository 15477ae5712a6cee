import { type Key, KeyState } from '@touchline/contracts/common/v1/common';
import { cachedKeySource, type KeyLookup, type KeySource } from '@touchline/event-log';

const lookupOf = ({ state, key }: Key): KeyLookup => {
  if (state === KeyState.PRESENT) return { state: 'present', key };
  return { state: state === KeyState.DESTROYED ? 'destroyed' : 'unknown' };
};

/** The keys of another context, asked of its `Keys` call and kept for at most 5 s. */
export function peerKeys(
  ask: (request: { keyIds: string[] }) => Promise<{ message: { keys: Key[] } }>,
): KeySource {
  return cachedKeySource({
    async get(keyIds) {
      const { message } = await ask({ keyIds: [...keyIds] });
      return new Map(message.keys.map((key) => [key.keyId, lookupOf(key)]));
    },
  });
}
