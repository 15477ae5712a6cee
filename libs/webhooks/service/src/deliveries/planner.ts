import { Binary } from 'mongodb';
import {
  ActivityDeletedSchema,
  ActivityUpdatedSchema,
  TimeFrameCreatedSchema,
  TimeFrameDeletedSchema,
  TimeFrameUpdatedSchema,
} from '@touchline/contracts/activity/v1/events';
import { decodeMessage, type Position, type StoredEvent } from '@touchline/event-log';
import { deletionOf, type Occurrence, qualifies } from '@touchline/webhooks-domain';
import { readWebhookEvent, webhookEventTypes } from '../event-codec.ts';
import { type Delivery, deliveryOf } from './delivery.ts';
import type { KnownTimeFrame, Subscription, Subscriptions } from './subscriptions.ts';

/** Event types that calls are derived from. */
export const plannedTypes: readonly string[] = [
  ActivityUpdatedSchema.typeName,
  ActivityDeletedSchema.typeName,
  TimeFrameCreatedSchema.typeName,
  TimeFrameUpdatedSchema.typeName,
  TimeFrameDeletedSchema.typeName,
  ...webhookEventTypes,
];

/** What follows from a batch of events. It is carried out in this order, so that a repeated batch changes nothing. */
export interface Plan {
  readonly deliveries: readonly Omit<Delivery, 'number'>[];
  readonly subscriptions: readonly Subscription[];
  /** Webhooks whose queue stops; with `before` only what came before this place in the log, and not by hand. */
  readonly cancelled: readonly { readonly webhook: number; readonly before?: Position }[];
  readonly timeFrames: readonly KnownTimeFrame[];
  readonly deletedActivities: readonly { _id: number; position: Position }[];
}

/** An event as far as calls are concerned. */
type Told =
  | { readonly kind: 'activity-updated' | 'activity-deleted'; readonly activity: number }
  | {
      readonly kind: 'timeframe-created' | 'timeframe-updated' | 'timeframe-deleted';
      readonly activity: number;
      readonly timeFrame: number;
    }
  | { readonly kind: 'webhook'; readonly event: ReturnType<typeof readWebhookEvent> };

function told(event: StoredEvent): Told {
  switch (event.type) {
    case ActivityUpdatedSchema.typeName:
      return { kind: 'activity-updated', activity: decodeMessage(ActivityUpdatedSchema, event).activityId };
    case ActivityDeletedSchema.typeName:
      return { kind: 'activity-deleted', activity: decodeMessage(ActivityDeletedSchema, event).activityId };
    case TimeFrameCreatedSchema.typeName: {
      const { activity, timeFrameId } = decodeMessage(TimeFrameCreatedSchema, event);
      return { kind: 'timeframe-created', activity, timeFrame: timeFrameId };
    }
    case TimeFrameUpdatedSchema.typeName: {
      const { activity, timeFrameId } = decodeMessage(TimeFrameUpdatedSchema, event);
      return { kind: 'timeframe-updated', activity, timeFrame: timeFrameId };
    }
    case TimeFrameDeletedSchema.typeName: {
      const { activity, timeFrameId } = decodeMessage(TimeFrameDeletedSchema, event);
      return { kind: 'timeframe-deleted', activity, timeFrame: timeFrameId };
    }
    default:
      return { kind: 'webhook', event: readWebhookEvent(event) };
  }
}

/** Derives the calls of a batch of events, and folds what later batches need to know. @throws MongoError */
export async function planBatch(
  events: readonly StoredEvent[],
  known: Pick<Subscriptions, 'find' | 'timeFrames' | 'deletedActivities'>,
  nowMs: number,
): Promise<Plan> {
  const batch = events.map((event) => ({ event, told: told(event) }));
  const folding = await Folding.of(
    batch.map((item) => item.told),
    known,
  );
  for (const item of batch) folding.take(item.event, item.told, nowMs);
  return folding.plan();
}

/** The state of the log at the place of each event of a batch, one after another. */
class Folding {
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #byActivity = new Map<number, Set<number>>();
  readonly #timeFrames = new Map<number, KnownTimeFrame>();
  readonly #framesByActivity = new Map<number, Set<number>>();
  readonly #deletedActivities: Set<number>;
  readonly #deliveries: Omit<Delivery, 'number'>[] = [];
  readonly #cancelled: { webhook: number; before?: Position }[] = [];
  readonly #changedSubscriptions = new Set<number>();
  readonly #changedTimeFrames = new Set<number>();
  readonly #nowDeleted = new Map<number, Position>();

  private constructor(deletedActivities: ReadonlySet<number>) {
    this.#deletedActivities = new Set(deletedActivities);
  }

  static async of(
    batch: readonly Told[],
    known: Pick<Subscriptions, 'find' | 'timeFrames' | 'deletedActivities'>,
  ): Promise<Folding> {
    const [webhooks, activities, frames, deleted, joined] = Array.from(
      { length: 5 },
      () => new Set<number>(),
    );
    for (const item of batch) {
      if (item.kind === 'webhook') {
        webhooks?.add(item.event.webhookId);
        if ('activity' in item.event) joined?.add(item.event.activity);
        continue;
      }
      activities?.add(item.activity);
      // One that is created now was in no other activity before.
      if ('timeFrame' in item && item.kind !== 'timeframe-created') frames?.add(item.timeFrame);
      if (item.kind === 'activity-deleted') deleted?.add(item.activity);
    }
    // A moved time frame is told of to the webhooks of the activity that it has left, too.
    const timeFrames = await known.timeFrames([...(frames ?? [])], [...(deleted ?? [])]);
    for (const { activity } of timeFrames) activities?.add(activity);
    const [subscriptions, gone] = await Promise.all([
      known.find([...(webhooks ?? [])], [...(activities ?? [])]),
      known.deletedActivities([...(joined ?? [])]),
    ]);
    const folding = new Folding(gone);
    for (const subscription of subscriptions) folding.#put(subscription);
    for (const timeFrame of timeFrames) folding.#putFrame(timeFrame);
    return folding;
  }

  take(event: StoredEvent, item: Told, nowMs: number): void {
    const at = { event, nowMs };
    switch (item.kind) {
      case 'webhook':
        this.#takeWebhook(event, item.event);
        return;
      case 'activity-updated':
        this.#tell([{ type: item.kind, activity: item.activity }], [item.activity], at);
        return;
      case 'activity-deleted':
        this.#takeDeletion(item.activity, at);
        return;
      case 'timeframe-created':
      case 'timeframe-updated':
      case 'timeframe-deleted': {
        const { kind: type, activity, timeFrame } = item;
        const before = this.#timeFrames.get(timeFrame);
        const left = before && !before.gone && before.activity !== activity ? [before.activity] : [];
        this.#tell([{ type, activity, timeFrame }], [activity, ...left], at);
        this.#foldFrame({
          _id: timeFrame,
          activity,
          position: event.position,
          ...(type === 'timeframe-deleted' && { gone: true }),
        });
        return;
      }
      default:
        item satisfies never;
    }
  }

  plan(): Plan {
    const subscriptions = [...this.#changedSubscriptions].flatMap((id) => this.#subscriptions.get(id) ?? []);
    const timeFrames = [...this.#changedTimeFrames].flatMap((id) => this.#timeFrames.get(id) ?? []);
    return {
      deliveries: this.#deliveries,
      subscriptions,
      cancelled: this.#cancelled,
      timeFrames,
      deletedActivities: [...this.#nowDeleted].map(([_id, position]) => ({ _id, position })),
    };
  }

  #takeDeletion(activity: number, at: { event: StoredEvent; nowMs: number }): void {
    const frames = [...(this.#framesByActivity.get(activity) ?? [])].filter((id) => {
      const frame = this.#timeFrames.get(id);
      return frame?.activity === activity && !frame.gone;
    });
    this.#tell(deletionOf(activity, frames), [activity], at);
    const { position } = at.event;
    for (const id of frames) this.#foldFrame({ _id: id, activity, position, gone: true });
    for (const id of this.#byActivity.get(activity) ?? []) {
      const subscription = this.#subscriptions.get(id);
      if (subscription && !subscription.ended) this.#fold({ ...subscription, position, ended: 'activity' });
    }
    this.#deletedActivities.add(activity);
    this.#nowDeleted.set(activity, position);
  }

  #takeWebhook({ position }: StoredEvent, event: ReturnType<typeof readWebhookEvent>): void {
    const before = this.#subscriptions.get(event.webhookId);
    switch (event.type) {
      case 'WebhookCreated':
      case 'WebhookUpdated': {
        if (before?.ended) return;
        const { secret } = event;
        this.#fold({
          _id: event.webhookId,
          activity: event.activity,
          url: event.url,
          ...(secret && {
            secret: {
              keyId: secret.keyId,
              nonce: new Binary(secret.nonce),
              ciphertext: new Binary(secret.ciphertext),
            },
          }),
          activityEvents: event.activityEvents,
          timeFramesEvents: event.timeFramesEvents,
          position,
          // Created on its way to an activity that was deleted before.
          ...(this.#deletedActivities.has(event.activity) && { ended: 'activity' as const }),
        });
        return;
      }
      case 'WebhookDisabled':
        if (before && !before.ended) this.#fold({ ...before, position, disabled: true });
        this.#cancelled.push({ webhook: event.webhookId, before: position });
        return;
      case 'WebhookDeleted': {
        if (before) {
          const { secret: _, ...rest } = before;
          this.#fold({ ...rest, position, ended: 'deleted' });
        }
        this.#cancelled.push({ webhook: event.webhookId });
        return;
      }
      default:
        event satisfies never;
    }
  }

  #tell(
    occurrences: readonly Occurrence[],
    activities: readonly number[],
    { event, nowMs }: { event: StoredEvent; nowMs: number },
  ): void {
    const webhooks = activities.flatMap((activity) => [...(this.#byActivity.get(activity) ?? [])]);
    for (const id of webhooks) {
      const subscription = this.#subscriptions.get(id);
      // Of a later place in the log: the calls of this event have been made already.
      if (!subscription || subscription.position >= event.position) continue;
      if (subscription.ended || subscription.disabled) continue;
      occurrences.forEach((occurrence, index) => {
        if (qualifies(occurrence, subscription)) {
          this.#deliveries.push(deliveryOf(occurrence, id, event, index, nowMs));
        }
      });
    }
  }

  #fold(subscription: Subscription): void {
    const before = this.#subscriptions.get(subscription._id);
    if (before && before.position >= subscription.position) return;
    this.#put(subscription);
    this.#changedSubscriptions.add(subscription._id);
  }

  #foldFrame(frame: KnownTimeFrame): void {
    const before = this.#timeFrames.get(frame._id);
    if (before && before.position >= frame.position) return;
    this.#putFrame(frame);
    this.#changedTimeFrames.add(frame._id);
  }

  #put(subscription: Subscription): void {
    this.#subscriptions.set(subscription._id, subscription);
    addTo(this.#byActivity, subscription.activity, subscription._id);
  }

  #putFrame(frame: KnownTimeFrame): void {
    this.#timeFrames.set(frame._id, frame);
    addTo(this.#framesByActivity, frame.activity, frame._id);
  }
}

function addTo(sets: Map<number, Set<number>>, key: number, id: number): void {
  const set = sets.get(key);
  if (set) set.add(id);
  else sets.set(key, new Set([id]));
}
