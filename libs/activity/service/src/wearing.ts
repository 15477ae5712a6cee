import {
  type Claim,
  evolveWearing,
  excludes,
  initialWearing,
  type Rejection,
  type WearingState,
  wearingStream,
} from '@touchline/activity-domain';
import {
  type CommandContext,
  encodeEvents,
  loadStream,
  pause,
  type StreamLog,
  takeOver,
  WrongExpectedRevision,
} from '@touchline/event-log';
import { wearingCodec } from './event-codec.ts';
import type { TimeFrames } from './time-frames.ts';

const MAX_ATTEMPTS = 10;

/** Loads the reservations of a device, each with the time at which it was made. */
async function reservationsOf(
  log: StreamLog,
  device: number,
): Promise<{ state: WearingState; reservedAtMs: ReadonlyMap<string, number>; revision: number }> {
  const reservedAtMs = new Map<string, number>();
  const { state, revision } = await loadStream(
    log,
    wearingStream(device),
    {
      decode(stored) {
        const event = wearingCodec.decode(stored);
        if (event.type === 'WearingReserved')
          reservedAtMs.set(`${event.stream}@${event.revision}`, stored.createdMs);
        return event;
      },
    },
    { initial: initialWearing, evolve: evolveWearing },
  );
  return { state, reservedAtMs, revision };
}

/** Who wears a device when: a time frame reserves its interval before it is appended. */
export class Wearings {
  readonly #log: StreamLog;
  readonly #timeFrames: TimeFrames;

  constructor(log: StreamLog, timeFrames: TimeFrames) {
    this.#log = log;
    this.#timeFrames = timeFrames;
  }

  /**
   * Reserves the device for the append that follows at `target`.
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
    for (let attempt = 1; ; attempt += 1) {
      const { state, reservedAtMs, revision } = await reservationsOf(this.#log, device);
      const own = state.some(
        (r) => r.stream === target.stream && r.revision === target.revision && sameClaim(r, claim),
      );
      if (own) return undefined;
      for (const reservation of state) {
        if (!excludes(reservation, claim)) continue;
        const standing = await takeOver({
          log: this.#log,
          reservation: {
            ...reservation,
            reservedAtMs: reservedAtMs.get(`${reservation.stream}@${reservation.revision}`) ?? 0,
          },
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
        const events = await encodeEvents([reserved], stream, wearingCodec, context, revision + 1);
        await this.#log.append(stream, events, revision < 0 ? 'no_stream' : revision);
        return undefined;
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) || attempt >= MAX_ATTEMPTS) throw error;
        await pause(Math.random() * 5 * attempt);
      }
    }
  }

  /** Lets the device go. Best effort: a reservation that no time frame holds is void anyway. */
  async release(device: number, timeFrameId: number, context: CommandContext): Promise<void> {
    const stream = wearingStream(device);
    try {
      const { state, revision } = await reservationsOf(this.#log, device);
      if (!state.some((reservation) => reservation.timeFrameId === timeFrameId)) return;
      const events = await encodeEvents(
        [{ type: 'WearingReleased', timeFrameId } as const],
        stream,
        wearingCodec,
        context,
        revision + 1,
      );
      await this.#log.append(stream, events, revision);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
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
