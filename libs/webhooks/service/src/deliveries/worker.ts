import type { Db } from 'mongodb';
import {
  BackOff,
  type EventLog,
  type KeySource,
  pause,
  type Position,
  type SubscriptionItem,
} from '@touchline/event-log';
import { ItemBuffer, Lease, type LeaseOptions, type ReadModelsLogger } from '@touchline/read-models';
import type { retryDelayMs } from '@touchline/webhooks-domain';
import { DeliveryStore } from './delivery-store.ts';
import { Dispatcher } from './dispatcher.ts';
import { planBatch, plannedTypes } from './planner.ts';
import { RECEIVER_LIMITS, type ReceiverLimits } from './receiver.ts';
import { Receivers } from './receivers.ts';
import type { Answer, Call } from './send.ts';
import { Subscriptions } from './subscriptions.ts';

export interface DeliveryWorkerOptions {
  readonly log: Pick<EventLog, 'subscribe'>;
  /** The state database of the context. */
  readonly state: Db;
  readonly keys: KeySource & { destroy(keyId: string): Promise<void> };
  /** Names the key of a webhook. */
  readonly keyIdOf: (webhook: number) => string;
  readonly send: (call: Call, signal: AbortSignal) => Promise<Answer>;
  readonly disable: (webhook: number, delivery: string) => Promise<void>;
  /** `TOUCHLINE_INSTANCE`. */
  readonly instance: string;
  readonly logger: ReadModelsLogger;
  readonly limits?: Partial<ReceiverLimits> | undefined;
  /** For tests. */
  readonly lease?: Pick<LeaseOptions, 'renewEveryMs' | 'staleAfterMs' | 'pollEveryMs'> | undefined;
  readonly retryDelayMs?: typeof retryDelayMs | undefined;
  readonly now?: (() => number) | undefined;
}

const BATCH_SIZE = 500;
const CHECKPOINT_EVERY_MS = 100;
const REQUESTS_EVERY_MS = 500;
const HOUSEKEEPING_EVERY_MS = 60_000;
const KEPT_MS = 30 * 86_400_000;
/** What is under way when the process drains may end for so long. */
const GRACE_MS = 1_500;

/**
 * The process manager of deliveries, in whichever instance holds the lease: derives calls from the log, from its own
 * checkpoint in the state database, and makes them. Nothing of it hangs on a read model.
 */
export class DeliveryWorker {
  readonly store: DeliveryStore;
  readonly #options: DeliveryWorkerOptions;
  readonly #now: () => number;
  readonly #subscriptions: Subscriptions;
  readonly #lease: Lease;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #wakeRequests: () => void = () => {};

  constructor(options: DeliveryWorkerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.store = new DeliveryStore(options.state, this.#now);
    this.#subscriptions = new Subscriptions(options.state);
    this.#lease = new Lease({
      state: options.state,
      name: 'deliveries',
      holder: options.instance,
      logger: options.logger,
      ...options.lease,
    });
  }

  /** Begins in the background; outages of either engine are waited out. */
  start(): void {
    this.#running ??= this.#lease.hold((signal) => this.#workWhileHeld(signal), this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the deliveries were stopped'));
    await this.#running;
  }

  /** A delivery was asked for: whoever delivers looks at once when it is this instance. */
  requested(): void {
    this.#wakeRequests();
  }

  /** Whether this instance is the one that delivers. */
  get held(): boolean {
    return this.#lease.held;
  }

  /** From the stored state on; every failure begins again here, as a crash does. */
  async #workWhileHeld(held: AbortSignal): Promise<void> {
    const backOff = new BackOff(50, 2_000);
    while (!held.aborted) {
      const ended = new AbortController();
      const signal = AbortSignal.any([held, ended.signal]);
      const dispatcher = this.#dispatcher();
      try {
        await this.store.createIndexes();
        await this.#subscriptions.createIndexes();
        await dispatcher.receivers.load();
        await dispatcher.deliveries.load();
        const works = [
          this.#plan(dispatcher.deliveries, signal, backOff),
          this.#answerRequests(dispatcher.deliveries, signal),
          this.#keepHouse(dispatcher, signal),
        ];
        // The first that ends, ends all.
        await Promise.race(works).finally(() => ended.abort());
        await Promise.all(works);
        if (!held.aborted) throw new Error('the deliveries ended by themselves');
      } catch (error) {
        ended.abort();
        if (held.aborted) return;
        const retryMs = backOff.next();
        this.#options.logger.error({ err: error, retryMs }, 'the deliveries failed and start again');
        await pause(retryMs, held);
      } finally {
        await dispatcher.deliveries.stop(GRACE_MS);
      }
    }
  }

  #dispatcher(): { deliveries: Dispatcher; receivers: Receivers } {
    const { state, keys, send, disable, logger, limits, retryDelayMs } = this.#options;
    const receivers = new Receivers(state, { ...RECEIVER_LIMITS, ...limits });
    const deliveries = new Dispatcher({
      store: this.store,
      subscriptions: this.#subscriptions,
      receivers,
      keys,
      send,
      disable,
      drained: (webhook) => this.#forget(webhook),
      logger,
      now: this.#now,
      ...(retryDelayMs && { retryDelayMs }),
    });
    return { deliveries, receivers };
  }

  async #plan(dispatcher: Dispatcher, signal: AbortSignal, backOff: BackOff): Promise<void> {
    const { log, logger } = this.#options;
    const from = await this.#subscriptions.checkpoint();
    const buffer = new ItemBuffer<SubscriptionItem>(2 * BATCH_SIZE);
    const filling = buffer.fill(
      log.subscribe({
        types: plannedTypes,
        ...(from === undefined ? {} : { from }),
        signal,
        onInterruption: (error, retryMs) =>
          logger.warn({ err: error, retryMs }, "the deliveries' subscription was interrupted"),
      }),
    );
    // Beside the next batch: one that is read again finds its calls made.
    let reached: Position | undefined;
    let isSaving = false;
    let saved: Promise<void> = Promise.resolve();
    const save = async () => {
      isSaving = true;
      try {
        for (let position = reached; position !== undefined; position = reached) {
          await this.#subscriptions.moveCheckpoint(position);
          if (position === reached) reached = undefined;
          await pause(CHECKPOINT_EVERY_MS, signal);
        }
      } catch (error) {
        logger.warn({ err: error }, 'the checkpoint cannot be moved');
      }
      isSaving = false;
    };
    try {
      while (!signal.aborted) {
        const items = await buffer.take(BATCH_SIZE);
        if (items.length === 0) return;
        const events = items.flatMap((item) => (item.kind === 'event' ? [item.event] : []));
        const last = items.findLast((item) => item.kind !== 'caught-up');
        if (events.length > 0) await this.#carryOut(dispatcher, events);
        if (last) {
          reached = last.kind === 'event' ? last.event.position : last.position;
          if (!isSaving) saved = save();
        }
        backOff.reset();
      }
    } finally {
      buffer.close();
      await filling;
      await saved;
    }
  }

  /** Calls are kept before what was known of the log goes on, so that a repeated batch finds them made. */
  async #carryOut(dispatcher: Dispatcher, events: Parameters<typeof planBatch>[0]): Promise<void> {
    const subscriptions = this.#subscriptions;
    const plan = await planBatch(events, subscriptions, this.#now());
    const made = await this.store.insert(plan.deliveries);
    await subscriptions.saveSubscriptions(plan.subscriptions);
    for (const { webhook, before } of plan.cancelled) await this.store.cancel(webhook, before);
    for (const { _id } of plan.subscriptions) dispatcher.changed(_id);
    const reloaded = new Set(plan.cancelled.map(({ webhook }) => webhook));
    for (const webhook of reloaded) await dispatcher.reload(webhook);
    for (const delivery of made) if (!reloaded.has(delivery.webhook)) dispatcher.add(delivery);
    await subscriptions.saveTimeFrames(plan.timeFrames);
    await subscriptions.saveDeletedActivities(plan.deletedActivities);
    for (const { _id, ended } of plan.subscriptions) {
      if (ended === 'deleted') await this.#forget(_id);
      if (ended === 'activity' && !(await this.store.hasPending(_id))) await this.#forget(_id);
    }
  }

  /** Nothing is sent to the webhook any longer: its key goes, and with it the token in the log. */
  async #forget(webhook: number): Promise<void> {
    await this.#options.keys.destroy(this.#options.keyIdOf(webhook));
    await this.#subscriptions.forgetSecret(webhook);
  }

  async #answerRequests(dispatcher: Dispatcher, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const woken = new AbortController();
      this.#wakeRequests = () => woken.abort();
      const requests = await this.store.requests();
      for (const { delivery } of requests) await dispatcher.urge(delivery);
      if (requests.length > 0) await this.store.done(requests);
      if (requests.length === 0) {
        await pause(REQUESTS_EVERY_MS, AbortSignal.any([signal, woken.signal]));
      }
    }
  }

  async #keepHouse(dispatcher: { receivers: Receivers }, signal: AbortSignal): Promise<void> {
    for (const { _id } of await this.#subscriptions.ending()) {
      if (!(await this.store.hasPending(_id))) await this.#forget(_id);
    }
    while (!signal.aborted) {
      await this.store.purge(this.#now() - KEPT_MS);
      await dispatcher.receivers.sweep();
      await pause(HOUSEKEEPING_EVERY_MS, signal);
    }
  }
}
