import { createHmac } from 'node:crypto';
import { NameReleasedSchema, NameReservedSchema } from '@touchline/contracts/log/v1/events';
import { pause } from './back-off.ts';
import { decodeMessage, encodePayload, type EncodedPayload } from './codec.ts';
import { EventLogError, WrongExpectedRevision } from './errors.ts';
import { metadataOf, type CommandContext, type StreamLog } from './event.ts';
import { eventId } from './event-id.ts';
import { fold } from './fold.ts';
import { takeOver, type ReservationTarget } from './take-over.ts';

export interface ReserveOptions {
  /** Such as `username`, `email` or `external-id`; part of the stream's name. */
  kind: string;
  /** As it was given; folded here. */
  text: string;
  /** The append that the reservation precedes. */
  target: ReservationTarget;
  /** Loads a stream and tells whether it holds this name now. */
  holds: (stream: string) => Promise<boolean>;
  context: CommandContext;
}

export interface ReleaseOptions {
  kind: string;
  text: string;
  stream: string;
  /**
   * A reservation for a later revision stays. That of the append that was given up; or the last one at which the stream
   * still held the name, so that a reservation made since, to hold it once more, is not lost.
   */
  revision: number;
  context: CommandContext;
}

interface Reservations {
  /** -1 when nobody ever wanted the name. */
  revision: number;
  current: (ReservationTarget & { reservedAtMs: number }) | undefined;
}

const MAX_ATTEMPTS = 10;

/**
 * Names that one stream at a time may hold, in `unique-<kind>-<hash>`. The hash is keyed by a secret of the deployment,
 * so that the log does not tell who has an account.
 */
export class NameReservations {
  readonly #log: StreamLog;
  readonly #secret: Uint8Array;
  readonly #now: () => number;

  /** @param secret at least 32 bytes; names reserved under another secret are not found */
  constructor(log: StreamLog, secret: Uint8Array, now: () => number = Date.now) {
    if (secret.length < 32)
      throw new RangeError(`the name secret has ${secret.length} bytes, at least 32 are needed`);
    this.#log = log;
    this.#secret = secret;
    this.#now = now;
  }

  streamOf(kind: string, text: string): string {
    return `unique-${kind}-${createHmac('sha256', this.#secret).update(fold(text), 'utf8').digest('hex')}`;
  }

  /**
   * `reserved`: append at exactly the target's revision now; when that fails, reserve anew for the next. `taken`:
   * somebody else holds the name or is about to.
   *
   * @throws EventLogUnavailable, EventLogError, and what `holds` throws
   */
  async reserve(options: ReserveOptions): Promise<'reserved' | 'taken'> {
    const { target, holds, context } = options;
    const reservationStream = this.streamOf(options.kind, options.text);
    for (let attempt = 1; ; attempt++) {
      const { current, revision } = await this.#load(reservationStream);
      if (current?.stream === target.stream) {
        // One for an earlier append is renewed even while the stream holds the name by it: the late release of that
        // one must not free what this one is for.
        if (current.revision === target.revision) return 'reserved';
      } else if (current) {
        const standing = await takeOver({
          log: this.#log,
          reservation: current,
          reservationStream,
          holds,
          context,
          now: this.#now,
        });
        if (standing !== 'void') return 'taken';
      }
      try {
        const payload = encodePayload(NameReservedSchema, {
          stream: target.stream,
          revision: BigInt(target.revision),
        });
        await this.#append(reservationStream, payload, revision, context);
        return 'reserved';
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) || attempt >= MAX_ATTEMPTS) throw error;
        await pause(Math.random() * 5 * attempt);
      }
    }
  }

  /**
   * Lets a name go that `stream` no longer holds. Best effort: a reservation whose stream holds nothing is void anyway.
   */
  async release(options: ReleaseOptions): Promise<void> {
    const reservationStream = this.streamOf(options.kind, options.text);
    try {
      const { current, revision } = await this.#load(reservationStream);
      if (current?.stream !== options.stream || current.revision > options.revision) return;
      const payload = encodePayload(NameReleasedSchema, { stream: options.stream });
      await this.#append(reservationStream, payload, revision, options.context);
    } catch (error) {
      if (!(error instanceof EventLogError)) throw error;
    }
  }

  async #load(reservationStream: string): Promise<Reservations> {
    const loaded: Reservations = { revision: -1, current: undefined };
    // The last event says it all.
    for await (const event of this.#log.read(reservationStream, { backwards: true, limit: 1 })) {
      loaded.revision = event.revision;
      if (event.type !== NameReservedSchema.typeName) continue;
      const { stream, revision } = decodeMessage(NameReservedSchema, event);
      loaded.current = { stream, revision: Number(revision), reservedAtMs: event.createdMs };
    }
    return loaded;
  }

  async #append(
    reservationStream: string,
    payload: EncodedPayload,
    revision: number,
    context: CommandContext,
  ): Promise<void> {
    const id = eventId(context.commandId, reservationStream, revision + 1);
    const event = { ...payload, id, metadata: metadataOf(context) };
    await this.#log.append(reservationStream, [event], revision < 0 ? 'no_stream' : revision);
  }
}
