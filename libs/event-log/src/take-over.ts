import { ReservationAbandonedSchema } from '@touchline/contracts/log/v1/events';
import { encodePayload } from './codec.ts';
import { WrongExpectedRevision } from './errors.ts';
import { metadataOf, type CommandContext, type StreamLog } from './event.ts';
import { nameBasedUuid } from './event-id.ts';

/** What a reservation names: the append that it precedes. */
export interface ReservationTarget {
  stream: string;
  revision: number;
}

/**
 * `held`: its stream holds what was reserved. `pending`: the append is to be expected. `void`: it will never come, the
 * way is free.
 */
export type ReservationStanding = 'held' | 'pending' | 'void';

export interface TakeOverOptions {
  log: StreamLog;
  reservation: ReservationTarget & { reservedAtMs: number };
  /** The stream that the reservation lies in. */
  reservationStream: string;
  /** Loads the stream and tells whether it holds what was reserved, now. */
  holds: (stream: string) => Promise<boolean>;
  context: CommandContext;
  now?: () => number;
  /** Age from which a missing append is prevented rather than awaited. Default 30 000. */
  graceMs?: number;
}

export const RESERVATION_GRACE_MS = 30_000;
const MAX_ATTEMPTS = 5;

/**
 * What became of somebody else's reservation. One too old is first made impossible: `ReservationAbandoned` at exactly
 * its revision makes the append of a writer that only paused fail.
 *
 * @throws EventLogUnavailable, EventLogError, and what `holds` throws
 */
export async function takeOver(options: TakeOverOptions): Promise<ReservationStanding> {
  const { log, reservation, holds, now = Date.now, graceMs = RESERVATION_GRACE_MS } = options;
  for (let attempt = 1; ; attempt++) {
    // In this order: what is appended between the two shows in the second.
    const lastRevision = await lastRevisionOf(log, reservation.stream);
    if (await holds(reservation.stream)) return 'held';
    if (lastRevision >= reservation.revision) return 'void';
    if (now() - reservation.reservedAtMs < graceMs) return 'pending';
    try {
      await abandon(options);
      return 'void';
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision) || attempt >= MAX_ATTEMPTS) throw error;
    }
  }
}

async function abandon({ log, reservation, reservationStream, context }: TakeOverOptions): Promise<void> {
  const { stream, revision } = reservation;
  const event = {
    ...encodePayload(ReservationAbandonedSchema, { reservation: reservationStream }),
    // The same for whoever abandons it: two at once both succeed.
    id: nameBasedUuid(JSON.stringify(['abandoned', reservationStream, stream, revision])),
    metadata: metadataOf(context),
  };
  await log.append(stream, [event], revision === 0 ? 'no_stream' : revision - 1);
}

async function lastRevisionOf(log: StreamLog, stream: string): Promise<number> {
  for await (const event of log.read(stream, { backwards: true, limit: 1 })) return event.revision;
  return -1;
}
