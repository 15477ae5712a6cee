import type { EncodedPayload } from './codec.ts';
import { pause } from './back-off.ts';
import { WrongExpectedRevision } from './errors.ts';
import {
  metadataOf,
  type CommandContext,
  type EncodedEvent,
  type StoredEvent,
  type StreamLog,
  type WrittenPosition,
} from './event.ts';
import { eventId } from './event-id.ts';
import { writtenBy } from './written.ts';

/** How a context's events are stored. A decoded `undefined` is passed over (it says nothing to the state). */
export interface EventCodec<E> {
  encode(event: E, stream: string): EncodedPayload | Promise<EncodedPayload>;
  decode(stored: StoredEvent): E | undefined | Promise<E | undefined>;
}

export interface Decider<C, S, E, R> {
  initial: S;
  evolve(state: S, event: E): S;
  /** Events (none when the command changes nothing or was carried out before), or why not. */
  decide(command: C, state: S): readonly E[] | { rejected: R };
}

export interface LoadedStream<S> {
  state: S;
  /** Of the stream's last event, -1 when it has none. */
  revision: number;
  /** Of the stream's last event. */
  last: WrittenPosition | undefined;
}

export interface RunCommandOptions<C, S, E, R> {
  log: StreamLog;
  stream: string;
  codec: EventCodec<E>;
  decider: Decider<C, S, E, R>;
  command: C;
  context: CommandContext;
  /** How often the decision is made anew after somebody else appended. Default 5. */
  maxAttempts?: number;
  /** Replaces `decider.initial`, for state that begins in another stream. */
  initial?: S;
  /** The stream is taken for empty until an append finds that it is not: saves the read of one with a new id. */
  isNew?: boolean;
  /** Index of the first event's id; give another to each of several appends of one command to one stream. */
  firstEventIndex?: number;
  /**
   * Called between decision and append, at each attempt, with the place of the first event: the moment to reserve
   * names. A rejection ends the command with nothing appended.
   */
  beforeAppend?: (
    events: readonly E[],
    target: { stream: string; revision: number },
    state: S,
  ) => Promise<{ rejected: R } | undefined>;
}

export interface CommandDone<S, E> {
  rejected?: never;
  events: readonly E[];
  /** After the events. */
  state: S;
  /** Of the stream's last event, -1 when it has none. */
  revision: number;
  /** Where the events lie; of a command that appended nothing, its stream's last event. */
  written: readonly WrittenPosition[];
}

export type CommandResult<S, E, R> = CommandDone<S, E> | { rejected: R };

/** Types of the log's own bookkeeping in streams of the contexts; codecs never see them. */
const BOOKKEEPING = 'log.v1.';

/** Folds a stream. @throws EventLogUnavailable, and what the codec throws */
export async function loadStream<S, E>(
  log: Pick<StreamLog, 'read'>,
  stream: string,
  codec: Pick<EventCodec<E>, 'decode'>,
  decider: { initial: S; evolve(state: S, event: E): S },
): Promise<LoadedStream<S>> {
  const nothing = { state: decider.initial, revision: -1, last: undefined };
  return foldOnto(nothing, log.read(stream), codec, decider);
}

/** What was loaded earlier, with the events that came after it. */
export async function foldOnto<S, E>(
  earlier: LoadedStream<S>,
  events: AsyncIterable<StoredEvent>,
  codec: Pick<EventCodec<E>, 'decode'>,
  decider: { evolve(state: S, event: E): S },
): Promise<LoadedStream<S>> {
  const loaded = { ...earlier };
  for await (const stored of events) {
    loaded.revision = stored.revision;
    loaded.last = { eventType: stored.type, position: stored.position };
    if (stored.type.startsWith(BOOKKEEPING)) continue;
    const event = await codec.decode(stored);
    if (event !== undefined) loaded.state = decider.evolve(loaded.state, event);
  }
  return loaded;
}

/**
 * Loads, folds, decides and appends at the revision it loaded; decides anew when somebody else was faster.
 *
 * @throws WrongExpectedRevision after `maxAttempts`, EventLogUnavailable, EventLogError, and what the codec throws
 */
export async function runCommand<C, S, E, R>(
  options: RunCommandOptions<C, S, E, R>,
): Promise<CommandResult<S, E, R>> {
  const { log, stream, codec, decider, command, context, maxAttempts = 5 } = options;
  const initial = 'initial' in options ? (options.initial as S) : decider.initial;
  for (let attempt = 1; ; attempt++) {
    const { state, revision, last }: LoadedStream<S> =
      options.isNew && attempt === 1
        ? { state: initial, revision: -1, last: undefined }
        : await loadStream(log, stream, codec, {
            initial,
            evolve: (before: S, event: E) => decider.evolve(before, event),
          });
    const decision = decider.decide(command, state);
    if ('rejected' in decision) return { rejected: decision.rejected };
    if (decision.length === 0) return { events: [], state, revision, written: last ? [last] : [] };
    const refused = await options.beforeAppend?.(decision, { stream, revision: revision + 1 }, state);
    if (refused) return refused;
    const encoded = await encodeEvents(decision, stream, codec, context, options.firstEventIndex);
    try {
      const appended = await log.append(stream, encoded, revision < 0 ? 'no_stream' : revision);
      return {
        events: decision,
        state: decision.reduce<S>((before, event) => decider.evolve(before, event), state),
        revision: appended.revision,
        written: await writtenBy(log, stream, encoded, appended),
      };
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision) || attempt >= maxAttempts) throw error;
      await pause(Math.random() * 5 * attempt);
    }
  }
}

/** The events of a command as they are appended, with ids derived from it. */
export async function encodeEvents<E>(
  events: readonly E[],
  stream: string,
  codec: Pick<EventCodec<E>, 'encode'>,
  context: CommandContext,
  firstIndex = 0,
): Promise<EncodedEvent[]> {
  const metadata = metadataOf(context);
  return Promise.all(
    events.map(async (event, index) => ({
      ...(await codec.encode(event, stream)),
      id: eventId(context.commandId, stream, firstIndex + index),
      metadata,
    })),
  );
}
