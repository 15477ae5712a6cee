import { ReadModelsService, RebuildPhase } from '@touchline/contracts/common/v1/read_models';
import type { CallContext, WrittenPosition } from './call-context.ts';
import { type Client, createClient } from './client.ts';
import { implement, type Implementation } from './implement.ts';
import { RpcError } from './rpc-error.ts';

const phases = {
  projecting: RebuildPhase.PROJECTING,
  deriving: RebuildPhase.DERIVING,
  'catching-up': RebuildPhase.CATCHING_UP,
  switched: RebuildPhase.SWITCHED,
  done: RebuildPhase.DONE,
} as const;

/** How far a rebuild is. */
export interface RebuildReport {
  phase: keyof typeof phases;
  events: number;
  expectedEvents: number;
  elapsedMs: number;
  position: string;
  /** Number of the new set. */
  set: number;
}

/** What has read projections. */
export interface ServedReadModels {
  /** Answers when each projection that consumes one of the types has passed its position. */
  waitFor(positions: readonly WrittenPosition[], signal: AbortSignal): Promise<void>;
  /** Every type that a projection consumes. */
  readonly consumedTypes: ReadonlySet<string>;
  /** Why a rebuild cannot begin now. */
  readonly rebuildRefusal: string | undefined;
  rebuild(signal: AbortSignal): AsyncIterable<RebuildReport>;
}

/** The caller that may have read models rebuilt; its tokens are signed with the deployment's service key. */
export const operator = 'operator';

/** The `common.v1.ReadModelsService` of a context, over its projections. */
export function readModelsService(readModels: ServedReadModels): Implementation {
  return implement(ReadModelsService, {
    async waitFor({ positions }, { signal }) {
      await readModels.waitFor(
        positions.map(({ eventType, position }) => ({ eventType, position })),
        signal,
      );
      return { consumedTypes: [...readModels.consumedTypes] };
    },
    async *rebuild(_request, { caller, signal, logger }: CallContext) {
      if (caller.kind !== 'service' || caller.name !== operator)
        throw new RpcError('forbidden', 'Only the operator may have read models rebuilt.');
      const refusal = readModels.rebuildRefusal;
      if (refusal !== undefined) throw new RpcError('precondition', refusal);
      try {
        for await (const report of readModels.rebuild(signal)) {
          const { phase, events, expectedEvents, elapsedMs, position, set } = report;
          yield {
            phase: phases[phase],
            events: BigInt(events),
            expectedEvents: BigInt(expectedEvents),
            eventsPerSecond: elapsedMs > 0 ? (events * 1000) / elapsedMs : 0,
            position,
            set,
          };
        }
      } catch (cause) {
        if (signal.aborted) throw cause;
        logger.error({ err: cause }, 'A rebuild failed.');
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new RpcError('unavailable', `The rebuild failed: ${why}`, { cause });
      }
    },
  });
}

/** A client of the `common.v1.ReadModelsService` at an address. */
export function readModelsClient(
  address: string,
  token: () => Promise<string> | string,
): Client<typeof ReadModelsService> {
  return createClient(ReadModelsService, address, { token });
}

export { RebuildPhase };
