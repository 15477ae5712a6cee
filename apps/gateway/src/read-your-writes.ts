import type { WrittenPosition } from '@touchline/rpc';
import { type Clients, type ReadModelContext, readModelContexts } from './clients.ts';

export const longestWaitMs = 5000;

export interface WaitingLogger {
  warn(fields: object, message: string): void;
}

/**
 * Returns when the read models of all contexts show what was written, after 5 s at the latest: what is in the log has
 * succeeded, so neither a slow nor a failing read model changes the answer.
 */
export async function waitUntilReadable(
  written: readonly WrittenPosition[],
  readModels: Clients['readModels'],
  {
    requestId,
    logger,
    timeoutMs = longestWaitMs,
  }: { requestId: string; logger: WaitingLogger; timeoutMs?: number },
): Promise<void> {
  if (written.length === 0) return;
  const deadlineMs = Date.now() + timeoutMs;
  const wait = async (context: ReadModelContext) => {
    try {
      await readModels[context].waitFor({ positions: [...written] }, { requestId, deadlineMs });
    } catch (error) {
      logger.warn({ request_id: requestId, context, err: error }, 'read models did not show a write in time');
    }
  };
  await Promise.all(readModelContexts.map(wait));
}
