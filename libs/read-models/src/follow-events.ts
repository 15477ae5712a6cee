import type { Db } from 'mongodb';
import { BackOff, type EventLog, pause, type Position, type StoredEvent } from '@touchline/event-log';
import type { ReadModelsLogger } from './logger.ts';

export interface FollowOptions {
  log: Pick<EventLog, 'subscribe'>;
  /** State database of the context; where followers are lies in its collection `followers`. */
  state: Db;
  name: string;
  /** Exact event types. */
  types: readonly string[];
  /** Does what follows from the event. It may be told of an event more than once, by several instances at a time. */
  handle: (event: StoredEvent, signal: AbortSignal) => Promise<void>;
  signal: AbortSignal;
  logger: ReadModelsLogger;
}

interface FollowerDocument {
  _id: string;
  /** Of the last event that was handled. */
  position: Position;
}

const checkpointEveryMs = 10_000;

/**
 * Carries out what follows from events, each at least once, in their order, until the signal is aborted: what fails is
 * tried again until it is done, also by the next start.
 */
export async function followEvents(options: FollowOptions): Promise<void> {
  await untilDone(() => follow(options), options.name, options.signal, options.logger);
}

async function follow(options: FollowOptions): Promise<void> {
  const { log, name, types, handle, signal, logger } = options;
  const followers = options.state.collection<FollowerDocument>('followers');
  const save = (position: Position) =>
    followers.updateOne({ _id: name }, { $set: { position } }, { upsert: true });
  const begun = await untilDone(() => followers.findOne({ _id: name }), name, signal, logger);
  if (signal.aborted) return;
  const from = begun?.position;
  let savedMs = performance.now();
  for await (const item of log.subscribe({ types, signal, ...(from === undefined ? {} : { from }) })) {
    if (item.kind === 'event') {
      const { event } = item;
      await untilDone(() => handle(event, signal), name, signal, logger);
      if (signal.aborted) return;
      await untilDone(() => save(event.position), name, signal, logger);
    } else if (item.kind === 'checkpoint' && performance.now() - savedMs > checkpointEveryMs) {
      await untilDone(() => save(item.position), name, signal, logger);
      savedMs = performance.now();
    }
  }
}

/** Undefined when the signal was aborted before it was done. */
async function untilDone<T>(
  work: () => Promise<T>,
  name: string,
  signal: AbortSignal,
  logger: ReadModelsLogger,
): Promise<T | undefined> {
  const backOff = new BackOff();
  while (!signal.aborted) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) return undefined;
      logger.warn({ err: error, follower: name }, 'what follows from an event is not done yet: trying again');
      await pause(backOff.next(), signal);
    }
  }
  return undefined;
}
