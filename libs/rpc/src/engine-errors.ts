import { RpcError } from './rpc-error.ts';

/** Names, since this library loads no engine's client. */
const unavailableNames: ReadonlySet<string> = new Set([
  'EventLogUnavailable',
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoNotConnectedError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoServerSelectionError',
  'MongoTopologyClosedError',
]);

/** An append without an answer: it may have been written. */
const unconfirmedName = 'AppendUnconfirmed';

/** Others were faster, at each attempt. */
const conflictName = 'WrongExpectedRevision';

/**
 * `unavailable`, to be sent again a second later, when the error or a cause of it says that an engine is away or
 * that others wrote to the same stream; `timeout` when something may have been written.
 */
export function unavailableEngine(error: unknown): RpcError | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if (cause.name === unconfirmedName) {
      return new RpcError('timeout', 'The log did not answer in time.', { cause: error });
    }
    if (cause.name === conflictName) {
      return new RpcError('unavailable', 'Others write the same at the moment.', {
        retryAfterS: 1,
        cause: error,
      });
    }
    if (unavailableNames.has(cause.name)) {
      return new RpcError('unavailable', 'The storage is not reachable at the moment.', {
        retryAfterS: 1,
        cause: error,
      });
    }
  }
  return undefined;
}
