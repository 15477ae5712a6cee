import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { DeliveryStatus } from '@touchline/contracts/webhooks/v1/service';
import type { WebhookFields } from '@touchline/webhooks-domain';
import type { Delivery } from './deliveries/delivery.ts';

/** What the service answers, from fields in the log, a read model or the state. */

/** @param shownToken in clear or masked, as its reader may see it */
export const webhookMessage = (
  id: number,
  fields: Omit<WebhookFields, 'secretToken'>,
  shownToken: string,
  revision: number,
) => ({
  id,
  activity: fields.activity,
  url: fields.url,
  secretToken: shownToken,
  activityEvents: fields.activityEvents,
  timeFramesEvents: fields.timeFramesEvents,
  revision,
});

const STATUS: Readonly<Record<Delivery['status'], DeliveryStatus>> = {
  pending: DeliveryStatus.PENDING,
  delivered: DeliveryStatus.DELIVERED,
  failed: DeliveryStatus.FAILED,
  cancelled: DeliveryStatus.CANCELLED,
};

export const deliveryMessage = (delivery: Delivery) => ({
  id: delivery.number,
  webhookId: delivery._id,
  event: delivery.event,
  activity: delivery.activity,
  ...(delivery.timeFrame !== undefined && { timeFrame: delivery.timeFrame }),
  status: STATUS[delivery.status],
  created: timestampFromMs(delivery.createdMs),
  ...(delivery.status === 'pending' &&
    delivery.nextAttemptMs !== undefined && { nextAttempt: timestampFromMs(delivery.nextAttemptMs) }),
  attempts: delivery.attempts.map(({ startMs, durationMs, status, error }) => ({
    startTime: timestampFromMs(startMs),
    durationMs: Math.round(durationMs),
    ...(status !== undefined && { status }),
    ...(error !== undefined && { error }),
  })),
});
