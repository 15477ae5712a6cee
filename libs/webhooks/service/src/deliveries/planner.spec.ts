import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import {
  ActivityDeletedSchema,
  ActivityUpdatedSchema,
  TimeFrameCreatedSchema,
  TimeFrameDeletedSchema,
  TimeFrameUpdatedSchema,
} from '@touchline/contracts/activity/v1/events';
import {
  WebhookCreatedSchema,
  WebhookDeletedSchema,
  WebhookDisabledSchema,
  WebhookUpdatedSchema,
} from '@touchline/contracts/webhooks/v1/events';
import { encodePayload, type StoredEvent } from '@touchline/event-log';
import { describe, expect, it } from 'vitest';
import { type Plan, planBatch } from './planner.ts';
import type { KnownTimeFrame, Subscription } from './subscriptions.ts';

/** What `Subscriptions` keeps, in memory. */
class Known {
  readonly subscriptions = new Map<number, Subscription>();
  readonly frames = new Map<number, KnownTimeFrame>();
  readonly deleted = new Set<number>();

  async find(ids: readonly number[], activities: readonly number[]) {
    return [...this.subscriptions.values()].filter(
      ({ _id, activity }) => ids.includes(_id) || activities.includes(activity),
    );
  }

  async timeFrames(ids: readonly number[], activities: readonly number[]) {
    return [...this.frames.values()].filter(
      ({ _id, activity }) => ids.includes(_id) || activities.includes(activity),
    );
  }

  async deletedActivities(ids: readonly number[]) {
    return new Set(ids.filter((id) => this.deleted.has(id)));
  }

  keep({ subscriptions, timeFrames, deletedActivities }: Plan): void {
    for (const each of subscriptions) this.subscriptions.set(each._id, each);
    for (const each of timeFrames) this.frames.set(each._id, each);
    for (const { _id } of deletedActivities) this.deleted.add(_id);
  }
}

let position = 0;
function event<D extends DescMessage>(schema: D, message: MessageInitShape<D>): StoredEvent {
  position += 1;
  const metadata = { correlation_id: 'c', actor: 'user:3', at: '2024-01-01T00:00:00.000Z' };
  const place = { stream: 's', revision: 0, position: String(position).padStart(8, '0'), createdMs: 0 };
  return { ...encodePayload(schema, message), ...place, id: `event-${position}`, metadata };
}
const fields = { activity: 5, url: 'https://example.com/', activityEvents: true, timeFramesEvents: true };
const subscribe = (webhookId = 9, changes: object = {}) =>
  event(WebhookCreatedSchema, { webhookId, ...fields, ...changes });
const create = (timeFrameId: number, activity = 5) =>
  event(TimeFrameCreatedSchema, { timeFrameId, activity });
const update = (timeFrameId: number, activity = 5) =>
  event(TimeFrameUpdatedSchema, { timeFrameId, activity });
const updateActivity = () => event(ActivityUpdatedSchema, { activityId: 5 });
const deleteActivity = () => event(ActivityDeletedSchema, { activityId: 5 });

const calls = ({ deliveries }: Plan) =>
  deliveries.map(({ webhook, event: name, timeFrame }) => [webhook, name, timeFrame]);

/** The plans of the batches, each kept before the next. */
async function plans(known: Known, ...batches: StoredEvent[][]): Promise<Plan[]> {
  const made: Plan[] = [];
  for (const batch of batches) {
    const plan = await planBatch(batch, known, 0);
    known.keep(plan);
    made.push(plan);
  }
  return made;
}

describe('the calls that follow from the log', () => {
  const log = () => [
    create(41),
    updateActivity(),
    subscribe(),
    create(42),
    event(TimeFrameDeletedSchema, { timeFrameId: 41, activity: 5 }),
    event(WebhookUpdatedSchema, { webhookId: 9, ...fields, timeFramesEvents: false }),
    update(42),
    updateActivity(),
    event(WebhookDisabledSchema, { webhookId: 9 }),
    updateActivity(),
    event(WebhookUpdatedSchema, { webhookId: 9, ...fields }),
    update(42),
    deleteActivity(),
    create(43),
    updateActivity(),
  ];
  const expected = [
    [9, 'timeframe-created', 42],
    [9, 'timeframe-deleted', 41],
    [9, 'activity-updated', undefined],
    [9, 'timeframe-updated', 42],
    [9, 'timeframe-deleted', 42],
    [9, 'activity-deleted', undefined],
  ];

  it('are those of the webhooks subscribed at each moment, in one batch or in many', async () => {
    const events = log();
    const whole = await plans(new Known(), events);
    expect(whole.flatMap(calls)).toEqual(expected);
    const single = await plans(new Known(), ...events.map((each) => [each]));
    expect(single.flatMap(calls)).toEqual(expected);
    expect(single.flatMap(({ deliveries }) => deliveries)).toEqual(
      whole.flatMap(({ deliveries }) => deliveries),
    );
  });

  it('are the same or fewer when a batch is read again, never others', async () => {
    const events = log();
    for (let from = 0; from < events.length; from += 1) {
      const known = new Known();
      const first = await plans(known, events);
      const ids = new Set(first.flatMap(({ deliveries }) => deliveries.map(({ _id }) => _id)));
      const again = await plans(known, events.slice(from));
      for (const { _id } of again.flatMap(({ deliveries }) => deliveries)) expect(ids).toContain(_id);
    }
  });

  it('stop with the webhook', async () => {
    const [plan] = await plans(new Known(), [
      subscribe(),
      updateActivity(),
      event(WebhookDeletedSchema, { webhookId: 9 }),
      updateActivity(),
    ]);
    expect(plan && calls(plan)).toEqual([[9, 'activity-updated', undefined]]);
    expect(plan?.cancelled).toEqual([{ webhook: 9 }]);
    expect(plan?.subscriptions).toMatchObject([{ _id: 9, ended: 'deleted' }]);
    expect(plan?.subscriptions[0]).not.toHaveProperty('secret');
  });

  it('go to both activities when a time frame is moved', async () => {
    const [plan] = await plans(new Known(), [
      subscribe(9),
      subscribe(10, { activity: 6 }),
      create(42),
      update(42, 6),
      update(42, 6),
    ]);
    expect(plan && calls(plan)).toEqual([
      [9, 'timeframe-created', 42],
      [10, 'timeframe-updated', 42],
      [9, 'timeframe-updated', 42],
      [10, 'timeframe-updated', 42],
    ]);
  });

  it('do not come for a webhook of an activity that was deleted before', async () => {
    const [, plan] = await plans(new Known(), [deleteActivity()], [subscribe(), updateActivity()]);
    expect(plan && calls(plan)).toEqual([]);
  });
});
