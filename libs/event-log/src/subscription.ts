import {
  eventTypeFilter,
  streamNameFilter,
  type AllStreamResolvedEvent,
  type Filter,
} from '@eventstore/db-client';
import { BackOff, pause } from './back-off.ts';
import type { Connection } from './connection.ts';
import { EventLogUnavailable } from './errors.ts';
import type { Position, StoredEvent } from './event.ts';
import { formatPosition, parsePosition } from './position.ts';
import { isSystemEvent, storedEvent } from './stored-event.ts';
import { streamItems } from './stream-items.ts';
import { translateError } from './translate-error.ts';

export type SubscriptionItem =
  | { kind: 'event'; event: StoredEvent }
  /** Everything up to here has been seen; nothing of it matched since the last item. */
  | { kind: 'checkpoint'; position: Position }
  /** All that was in the log has been handed out; what follows is live. Comes again after each reconnection. */
  | { kind: 'caught-up' };

export interface SubscribeOptions {
  /** Exact event types; all when absent. */
  types?: readonly string[];
  /** Beginnings of stream names; all streams when absent. With `types` both must hold. */
  streamPrefixes?: readonly string[];
  /** Starts after this position; at the log's beginning when absent. */
  from?: Position;
  /** Ends the subscription; there is no other end. */
  signal: AbortSignal;
  /** Told of each interruption; the subscription goes on by itself after `retryMs`. */
  onInterruption?: (error: Error, retryMs: number) => void;
}

/** Events that the server scans between two checkpoints of a filtered subscription. */
const SEARCH_WINDOW = 500;
const BUFFERED_EVENTS = 512;

/** Items in the order of the log; reconnects by itself and goes on after the last item. */
export async function* subscribeToLog(
  connection: Connection,
  options: SubscribeOptions,
): AsyncGenerator<SubscriptionItem, void, void> {
  const { signal } = options;
  const backOff = new BackOff();
  let from = options.from;
  while (!signal.aborted) {
    const client = connection.client;
    try {
      for await (const item of subscribeOnce(client, options, from)) {
        if (signal.aborted) return;
        backOff.reset();
        if (item.kind === 'event') from = item.event.position;
        else if (item.kind === 'checkpoint') from = item.position;
        yield item;
      }
      if (signal.aborted) return;
      throw new EventLogUnavailable('subscription: the server ended it');
    } catch (error) {
      if (signal.aborted) return;
      const translated = translateError(error, 'subscription');
      connection.failed(client, error);
      const retryMs = backOff.next();
      options.onInterruption?.(translated, retryMs);
      await pause(retryMs, signal);
    }
  }
}

async function* subscribeOnce(
  client: Connection['client'],
  options: SubscribeOptions,
  from: Position | undefined,
): AsyncGenerator<SubscriptionItem, void, void> {
  const types = options.types && new Set(options.types);
  const subscription = client.subscribeToAll(
    {
      fromPosition: from === undefined ? 'start' : parsePosition(from),
      filter: {
        ...serverFilter(options),
        // Pushed between the events, so that the order stays the server's.
        checkpointReached: (stream, position) => {
          stream.push({ kind: 'checkpoint', position: formatPosition(position) } satisfies SubscriptionItem);
        },
      },
    },
    { highWaterMark: BUFFERED_EVENTS },
  );
  subscription.on('caughtUp', () => subscription.push({ kind: 'caught-up' } satisfies SubscriptionItem));
  const stop = () => {
    subscription.unsubscribe().catch(() => undefined);
    subscription.destroy();
  };
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  try {
    for await (const item of streamItems<AllStreamResolvedEvent | SubscriptionItem>(
      subscription,
      'subscription',
    )) {
      if ('kind' in item) {
        yield item;
        continue;
      }
      const { event } = item;
      if (!event || isSystemEvent(event)) continue;
      if (types && !types.has(event.type)) continue;
      if (types && options.streamPrefixes?.some((prefix) => event.streamId.startsWith(prefix)) === false)
        continue;
      yield { kind: 'event', event: storedEvent(event) };
    }
  } finally {
    options.signal.removeEventListener('abort', stop);
    stop();
  }
}

function serverFilter({ types, streamPrefixes }: SubscribeOptions): Filter {
  const window = { maxSearchWindow: SEARCH_WINDOW, checkpointInterval: 1 };
  if (types && types.length > 0) return eventTypeFilter({ ...window, prefixes: [...types] });
  if (streamPrefixes) return streamNameFilter({ ...window, prefixes: [...streamPrefixes] });
  return eventTypeFilter({ ...window, regex: '^[^\\$].*' });
}
