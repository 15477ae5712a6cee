import { EventLogUnavailable } from './errors.ts';

const WATCH_INTERVAL_MS = 250;

/** What the client's streams share; its declarations and those of Node disagree on `Readable`. */
export interface ClientStream {
  on(event: 'error', listener: (error: Error) => void): unknown;
  destroy(error?: Error): unknown;
  [Symbol.asyncIterator](): AsyncIterator<unknown>;
}

/**
 * The items of a client's stream. The client reports errors by `emit` without destroying the stream, possibly before
 * anybody listens: from this call on nothing is lost and nothing is uncaught.
 *
 * @param idleMs longest wait for the next item; a stalled server would otherwise keep the reader waiting for ever
 */
export function streamItems<T>(
  stream: ClientStream,
  what: string,
  idleMs = Infinity,
): AsyncGenerator<T, void, void> {
  stream.on('error', (error) => stream.destroy(error));
  return iterate<T>(stream, what, idleMs);
}

async function* iterate<T>(
  stream: ClientStream,
  what: string,
  idleMs: number,
): AsyncGenerator<T, void, void> {
  let waitingSinceMs: number | undefined = performance.now();
  const watch = Number.isFinite(idleMs)
    ? setInterval(
        () => {
          if (waitingSinceMs !== undefined && performance.now() - waitingSinceMs > idleMs) {
            stream.destroy(new EventLogUnavailable(`${what}: no answer within ${idleMs} ms`));
          }
        },
        Math.min(idleMs, WATCH_INTERVAL_MS),
      )
    : undefined;
  try {
    for await (const item of stream) {
      waitingSinceMs = undefined;
      yield item as T;
      waitingSinceMs = performance.now();
    }
  } finally {
    clearInterval(watch);
  }
}
