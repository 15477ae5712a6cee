import type { ListRead, Reply } from '@touchline/http';
import { togetherBy } from '@touchline/rpc';

interface Read {
  readonly signal: AbortSignal;
  readonly run: () => Promise<Reply>;
}

const askerLeft = new Error('The peer for whom it was asked went away.');

/**
 * Answers lists that one caller asks for more than once at the same time with one reading of each: pollers and parallel
 * workers do so, and a page costs more than all else of a request. Every answer is looked for after its request came, so
 * that writes which were answered before are seen.
 */
export function sharedReads() {
  const together = togetherBy<Read, Reply>();
  return async ({ key, signal }: ListRead, run: () => Promise<Reply>): Promise<Reply> => {
    for (;;) {
      try {
        return await together(key, { signal, run }, readOnce);
      } catch (error) {
        if (error !== askerLeft || signal.aborted) throw error;
      }
    }
  };
}

async function readOnce(reads: readonly Read[]): Promise<readonly Reply[]> {
  const asker = reads.find(({ signal }) => !signal.aborted) ?? reads[0];
  if (!asker) return [];
  try {
    const reply = await asker.run();
    return reads.map(() => reply);
  } catch (error) {
    throw asker.signal.aborted ? askerLeft : error;
  }
}
