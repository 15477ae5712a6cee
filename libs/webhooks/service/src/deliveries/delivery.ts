import { nameBasedUuid, type Position } from '@touchline/event-log';
import type { CallbackEvent, Occurrence } from '@touchline/webhooks-domain';

export type DeliveryStatus = 'pending' | 'delivered' | 'failed' | 'cancelled';

/** One request. Nothing in it is secret. */
export interface Attempt {
  /** Ms since the epoch. */
  startMs: number;
  durationMs: number;
  /** Of the answer; absent when none came. */
  status?: number;
  /** Absent when it was a success. */
  error?: string;
}

/** A call to be made until it succeeds, in `deliveries` of the state database. */
export interface Delivery {
  /** The header `webhook-id`, the same over all attempts. */
  _id: string;
  /** As callers know it; ascending. */
  number: number;
  webhook: number;
  event: CallbackEvent;
  activity: number;
  timeFrame?: number;
  /** Deliveries of a lane are made one after another, in the order of `seq`. */
  lane: string;
  /** Sorts as the log does. */
  seq: string;
  /** Asked for by somebody: it waits for no other, and is sent although the webhook is disabled. */
  byHand?: true;
  status: DeliveryStatus;
  createdMs: number;
  /** Failed attempts of the schedule so far. */
  failures: number;
  /** Due then, by the clock; `delayMs` after the attempt before. */
  nextAttemptMs?: number;
  delayMs?: number;
  /** When it left `pending`. */
  settledMs?: number;
  attempts: Attempt[];
}

export const MAX_KEPT_ATTEMPTS = 50;

/** What is sent. */
export function bodyOf({ event, webhook, activity, timeFrame }: Delivery): string {
  const data = { activity_id: activity, ...(timeFrame !== undefined && { timeframe_id: timeFrame }) };
  return JSON.stringify({ event, webhook_id: webhook, data });
}

const laneOf = (webhook: number, resource: string): string => `${webhook}/${resource}`;

export const activityLane = (webhook: number, activity: number): string =>
  laneOf(webhook, `activity-${activity}`);

/**
 * The call that tells a webhook of an occurrence: the same whenever it is derived again.
 *
 * @param index counts the occurrences of the event
 */
export function deliveryOf(
  occurrence: Occurrence,
  webhook: number,
  event: { readonly id: string; readonly position: Position },
  index: number,
  nowMs: number,
): Omit<Delivery, 'number'> {
  const timeFrame = 'timeFrame' in occurrence ? occurrence.timeFrame : undefined;
  return {
    _id: nameBasedUuid(JSON.stringify(['delivery', event.id, webhook, occurrence.type, timeFrame ?? null])),
    webhook,
    event: occurrence.type,
    activity: occurrence.activity,
    ...(timeFrame !== undefined && { timeFrame }),
    lane:
      timeFrame === undefined
        ? activityLane(webhook, occurrence.activity)
        : laneOf(webhook, `timeframe-${timeFrame}`),
    seq: `${event.position}-${String(index).padStart(8, '0')}`,
    status: 'pending',
    createdMs: nowMs,
    failures: 0,
    nextAttemptMs: nowMs,
    delayMs: 0,
    attempts: [],
  };
}

/** A `ping`. @param id unique */
export function pingOf(
  webhook: number,
  activity: number,
  id: string,
  nowMs: number,
): Omit<Delivery, 'number'> {
  return {
    _id: id,
    webhook,
    event: 'ping',
    activity,
    lane: laneOf(webhook, `ping-${id}`),
    seq: '',
    byHand: true,
    status: 'pending',
    createdMs: nowMs,
    failures: 0,
    nextAttemptMs: nowMs,
    delayMs: 0,
    attempts: [],
  };
}

/** The lane of a settled delivery that is sent again. */
export const repeatLane = ({ webhook, _id }: Pick<Delivery, 'webhook' | '_id'>): string =>
  laneOf(webhook, `again-${_id}`);
