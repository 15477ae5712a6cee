import { type Delivery, DeliveryStatus, type Webhook } from '@touchline/contracts/webhooks/v1/service';
import { entityTag } from '@touchline/http';
import * as z from 'zod';
import { fromTimestamp } from '../timestamps.ts';

const dateTime = () => z.string().meta({ format: 'date-time' });

export const webhookOutput = z
  .object({
    id: z.int(),
    webhook_url: z.string().meta({ format: 'uri' }),
    secret_token: z.string().meta({
      description:
        'In clear in the answer to a creation; else its first two characters and a * for each other',
    }),
    activity_events: z.boolean(),
    timeframes_events: z.boolean(),
  })
  .meta({ id: 'Webhook' });

export const webhookInputExample = {
  webhook_url: 'https://example.com/touchline',
  secret_token: '563456789',
  activity_events: true,
  timeframes_events: true,
};

export const createdWebhookExample = { id: 99, ...webhookInputExample };
export const webhookExample = { ...createdWebhookExample, secret_token: '56*******' };

export function webhookJson({ id, url, secretToken, activityEvents, timeFramesEvents }: Webhook) {
  return {
    id,
    webhook_url: url,
    secret_token: secretToken,
    activity_events: activityEvents,
    timeframes_events: timeFramesEvents,
  };
}

export function webhookTag({ id, revision }: Webhook): string {
  return entityTag('webhook', id, revision);
}

const statuses = ['pending', 'delivered', 'failed', 'cancelled'] as const;

export const deliveryOutput = z
  .object({
    id: z.int(),
    message_id: z.string().meta({ description: 'The header webhook-id, the same over all attempts' }),
    event: z.string(),
    data: z.object({ activity_id: z.int(), timeframe_id: z.int().optional() }),
    status: z.enum(statuses),
    created: dateTime().nullable(),
    next_attempt: dateTime().nullable(),
    attempts: z.array(
      z.object({
        start_time: dateTime().nullable(),
        duration_ms: z.int(),
        status: z.int().nullable().meta({ description: 'Of the answer; null when none came' }),
        error: z.string().nullable().meta({ description: 'null for a success' }),
      }),
    ),
  })
  .meta({ id: 'WebhookDelivery' });

export const deliveryExample = {
  id: 7,
  message_id: 'f1d1e9d6-0d2c-5a67-9c0b-6e1f0a2b3c4d',
  event: 'timeframe-updated',
  data: { activity_id: 123, timeframe_id: 42 },
  status: 'pending',
  created: '2022-02-20T12:18:29+0000',
  next_attempt: '2022-02-20T12:18:34.250+0000',
  attempts: [
    { start_time: '2022-02-20T12:18:29+0000', duration_ms: 120, status: 503, error: 'answered 503' },
  ],
};

export function deliveryJson(delivery: Delivery) {
  const { id, webhookId, event, activity, timeFrame, created, nextAttempt, attempts } = delivery;
  return {
    id,
    message_id: webhookId,
    event,
    data: { activity_id: activity, ...(timeFrame !== undefined && { timeframe_id: timeFrame }) },
    status: statusName(delivery.status),
    created: fromTimestamp(created),
    next_attempt: fromTimestamp(nextAttempt),
    attempts: attempts.map(({ startTime, durationMs, status, error }) => ({
      start_time: fromTimestamp(startTime),
      duration_ms: durationMs,
      status: status ?? null,
      error: error ?? null,
    })),
  };
}

function statusName(status: DeliveryStatus): (typeof statuses)[number] {
  switch (status) {
    case DeliveryStatus.PENDING:
      return 'pending';
    case DeliveryStatus.DELIVERED:
      return 'delivered';
    case DeliveryStatus.FAILED:
      return 'failed';
    case DeliveryStatus.CANCELLED:
      return 'cancelled';
    default:
      // Enums are open: a later version of the service may know more.
      throw new Error(`A delivery came with the unknown status ${status}.`);
  }
}
