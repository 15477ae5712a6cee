import {
  type Claim,
  evolveWearing,
  excludes,
  type Rejection,
  type WearingEvent,
  type WearingState,
  wearingStream,
} from '@touchline/activity-domain';
import {
  type CommandContext,
  encodeEvents,
  FoldedStreams,
  type LoadedStream,
  pause,
  type StoredEvent,
  type StreamLog,
  takeOver,
  WrongExpectedRevision,
} from '@touchline/event-log';
import { wearingCodec } from './event-codec.ts';
import type { TimeFrames } from './time-frames.ts';

const MAX_ATTEMPTS = 10;
const MAX_DEVICES = 2_000;

type TimedReservation = WearingState[number] & { readonly reservedAtMs: number };
type TimedEvent = WearingEvent & { readonly reservedAtMs: number };

const decider = {
  initial: [] as readonly TimedReservation[],
  // A reservation is what its event holds, the time included.
  evolve: (state: readonly TimedReservation[], event: TimedEvent) =>
    evolveWearing(state, event) as readonly TimedReservation[],
};

/** Who wears a device when: a time frame reserves its interval before it is appended. */
export class Wearings {
  readonly #log: StreamLog;
  readonly #timeFrames: TimeFrames;
  readonly #streams: FoldedStreams<readonly TimedReservation[], TimedEvent>;

  constructor(log: StreamLog, timeFrames: TimeFrames) {
    this.#log = log;
    this.#timeFrames = timeFrames;
    const decode = (stored: StoredEvent) => ({
      ...wearingCodec.decode(stored),
      reservedAtMs: stored.createdMs,
    });
    this.#streams = new FoldedStreams(log, { decode }, decider, MAX_DEVICES);
  }

  /**
   * Reserves the device for the append that follows at `target`. What is known of the device is tried first: when it is
   * out of date, the append at its revision fails and the stream is read.
   *
   * @returns the rejection when another time frame of the owner claims the device for another athlete meanwhile
   * @throws EventLogUnavailable, EventLogError
   */
  async reserve(
    device: number,
    claim: Claim,
    target: { stream: string; revision: number },
    context: CommandContext,
  ): Promise<Rejection | undefined> {
    const stream = wearingStream(device);
    const known = this.#streams.known(stream);
    const isFree = known?.state.every((reservation) => !excludes(reservation, claim));
    let loaded = isFree ? known : undefined;
    for (let attempt = 1; ; attempt += 1) {
      loaded ??= await this.#streams.load(stream);
      const own = loaded.state.some(
        (r) => r.stream === target.stream && r.revision === target.revision && sameClaim(r, claim),
      );
      if (own) return undefined;
      for (const reservation of loaded.state) {
        if (!excludes(reservation, claim)) continue;
        const standing = await takeOver({
          log: this.#log,
          reservation,
          reservationStream: stream,
          holds: () => this.#holds(device, reservation.timeFrameId, claim),
          context,
        });
        if (standing !== 'void')
          return { code: 'device_worn_by_another', timeFrameId: reservation.timeFrameId };
      }
      const reserved = {
        type: 'WearingReserved',
        stream: target.stream,
        revision: target.revision,
        ...claim,
      } as const;
      try {
        await this.#append(stream, loaded, reserved, context);
        return undefined;
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) || attempt >= MAX_ATTEMPTS) throw error;
        if (attempt > 1) await pause(Math.random() * 5 * attempt);
        loaded = undefined;
      }
    }
  }

  /** Lets the device go. Best effort: a reservation that no time frame holds is void anyway. */
  async release(device: number, timeFrameId: number, context: CommandContext): Promise<void> {
    const stream = wearingStream(device);
    try {
      const loaded = await this.#streams.load(stream);
      if (!loaded.state.some((reservation) => reservation.timeFrameId === timeFrameId)) return;
      await this.#append(stream, loaded, { type: 'WearingReleased', timeFrameId }, context);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
  }

  async #append(
    stream: string,
    { state, revision }: LoadedStream<readonly TimedReservation[]>,
    event: WearingEvent,
    context: CommandContext,
  ): Promise<void> {
    const events = await encodeEvents([event], stream, wearingCodec, context, revision + 1);
    const appended = await this.#log.append(stream, events, revision < 0 ? 'no_stream' : revision);
    this.#streams.follow(stream, {
      state: decider.evolve(state, { ...event, reservedAtMs: Date.now() }),
      revision: appended.revision,
      last: undefined,
    });
  }

  /** Whether the time frame, as it stands now, excludes the claim. */
  async #holds(device: number, timeFrameId: number, claim: Claim): Promise<boolean> {
    const found = await this.#timeFrames.find(timeFrameId);
    return found?.fields.device === device && excludes({ timeFrameId, ...found.fields }, claim);
  }
}

const sameClaim = (a: Claim, b: Claim): boolean =>
  a.timeFrameId === b.timeFrameId &&
  a.owner === b.owner &&
  a.athlete === b.athlete &&
  a.startMs === b.startMs &&
  a.endMs === b.endMs;
