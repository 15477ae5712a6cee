import { ReadModelsService } from '@touchline/contracts/common/v1/read_models';
import type { WrittenPosition } from './call-context.ts';
import { implement, type Implementation } from './implement.ts';

/** What has read projections: answers when each that consumes one of the types has passed its position. */
export interface ReadModelsWaiter {
  waitFor(positions: readonly WrittenPosition[], signal: AbortSignal): Promise<void>;
}

/** The `common.v1.ReadModelsService` of a context, over its projections. */
export function readModelsService(waiter: ReadModelsWaiter): Implementation {
  return implement(ReadModelsService, {
    async waitFor({ positions }, { signal }) {
      await waiter.waitFor(
        positions.map(({ eventType, position }) => ({ eventType, position })),
        signal,
      );
      return {};
    },
  });
}
