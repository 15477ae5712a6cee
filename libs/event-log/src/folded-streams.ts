import type { StreamLog } from './event.ts';
import { LastUsed } from './last-used.ts';
import { type EventCodec, foldOnto, type LoadedStream } from './run-command.ts';
import { together } from './together.ts';

interface Entry<S> {
  loaded: LoadedStream<S>;
  refresh: (question: undefined) => Promise<LoadedStream<S>>;
}

const MAX_STREAMS = 10_000;

/**
 * Streams as they are at the moment of the question: what was folded is kept, and only what came after is read.
 * Questions that wait for the same read share it. `evolve` must leave the state that it is given as it is.
 */
export class FoldedStreams<S, E> {
  readonly #log: Pick<StreamLog, 'read'>;
  readonly #codec: Pick<EventCodec<E>, 'decode'>;
  readonly #decider: { initial: S; evolve(state: S, event: E): S };
  readonly #entries: LastUsed<string, Entry<S>>;

  /** @param max streams that are kept, those that were used last */
  constructor(
    log: Pick<StreamLog, 'read'>,
    codec: Pick<EventCodec<E>, 'decode'>,
    decider: { initial: S; evolve(state: S, event: E): S },
    max = MAX_STREAMS,
  ) {
    this.#log = log;
    this.#codec = codec;
    this.#decider = decider;
    this.#entries = new LastUsed({ max });
  }

  /** @throws EventLogUnavailable, and what the codec throws */
  load(stream: string): Promise<LoadedStream<S>> {
    let entry = this.#entries.get(stream);
    if (!entry) this.#entries.set(stream, (entry = this.#open(stream)));
    return entry.refresh(undefined);
  }

  /** What was folded last, by now perhaps behind the stream; undefined when it is not kept. */
  known(stream: string): LoadedStream<S> | undefined {
    return this.#entries.get(stream)?.loaded;
  }

  /** Keeps what an append of the caller's own made of it. */
  follow(stream: string, loaded: LoadedStream<S>): void {
    const entry = this.#entries.get(stream);
    if (entry) keep(entry, loaded);
  }

  #open(stream: string): Entry<S> {
    const entry: Entry<S> = {
      loaded: { state: this.#decider.initial, revision: -1, last: undefined },
      refresh: together(async (questions) => {
        const from = entry.loaded.revision + 1;
        const events = this.#log.read(stream, { from });
        keep(entry, await foldOnto(entry.loaded, events, this.#codec, this.#decider));
        return questions.map(() => entry.loaded);
      }),
    };
    return entry;
  }
}

function keep<S>(entry: Entry<S>, loaded: LoadedStream<S>): void {
  if (entry.loaded.revision < loaded.revision) entry.loaded = loaded;
}
