import { BackOff, type KeySource, LastUsed, pause } from '@touchline/event-log';
import type { ReadModelsLogger } from '@touchline/read-models';
import { retryDelayMs, webhookStream } from '@touchline/webhooks-domain';
import { openToken } from '../secrets.ts';
import { type Delivery, bodyOf } from './delivery.ts';
import type { DeliveryStore, Outcome } from './delivery-store.ts';
import { type Lane, Lanes, MAX_NEXT } from './lanes.ts';
import type { Receiver } from './receiver.ts';
import type { Receivers } from './receivers.ts';
import { retryAfterMs } from './retry-after.ts';
import type { Answer, Call } from './send.ts';
import { authenticHeaders } from './signature.ts';
import type { Subscription, Subscriptions } from './subscriptions.ts';

export interface DispatcherOptions {
  readonly store: DeliveryStore;
  readonly subscriptions: Subscriptions;
  readonly receivers: Receivers;
  readonly keys: KeySource;
  readonly send: (call: Call, signal: AbortSignal) => Promise<Answer>;
  /** The receiver is gone: nothing more is sent. Rejects when that could not be recorded. */
  readonly disable: (webhook: number, delivery: string) => Promise<void>;
  /** Nothing of an activity that was deleted is left to be sent. */
  readonly drained: (webhook: number) => Promise<void>;
  readonly logger: ReadModelsLogger;
  readonly now?: () => number;
  readonly random?: () => number;
  /** Ms until the next attempt; see `retryDelayMs`. */
  readonly retryDelayMs?: typeof retryDelayMs;
}

/** Makes the pending deliveries: lanes side by side, each in order, receivers within their limits. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #lanes = new Lanes();
  readonly #underWay = new Set<Promise<void>>();
  readonly #known = new LastUsed<number, Subscription>({ max: MAX_KNOWN });
  /** Opened tokens, by what they were sealed as. */
  readonly #tokens = new WeakMap<object, string>();
  readonly #stopped = new AbortController();

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#random = options.random ?? Math.random;
  }

  /** Takes up what is pending. @throws MongoError */
  async load(): Promise<void> {
    for await (const delivery of this.#options.store.pending()) this.add(delivery);
  }

  add(delivery: Delivery): void {
    const lane = this.#lanes.add(delivery);
    if (lane) this.#schedule(lane);
  }

  /** A delivery was asked for: it goes now, or as soon as those before it in its lane have gone. */
  async urge(id: string): Promise<void> {
    const delivery = await this.#options.store.find(id);
    if (delivery?.status !== 'pending') return;
    const lane = this.#lanes.get(delivery.lane);
    if (!lane) this.add(delivery);
    else if (lane.head._id === id && !lane.sending) {
      lane.head = delivery;
      this.#schedule(lane);
    }
  }

  /** What is pending of the webhook has changed: it is looked at anew. @throws MongoError */
  async reload(webhook: number): Promise<void> {
    this.#known.delete(webhook);
    const sending = new Map<string, Lane>();
    for (const lane of this.#lanes.ofWebhook(webhook)) {
      if (!lane.sending) this.#lanes.remove(lane);
      else {
        lane.behind = 0;
        lane.next.length = 0;
        lane.abandoned = true;
        sending.set(lane.name, lane);
      }
    }
    for await (const delivery of this.#options.store.pending(webhook)) {
      const lane = sending.get(delivery.lane);
      if (lane?.head._id === delivery._id) lane.abandoned = false;
      else this.add(delivery);
    }
  }

  /** Forgets what is known of the webhook's URL and token. */
  changed(webhook: number): void {
    this.#known.delete(webhook);
  }

  get lanes(): number {
    return this.#lanes.size;
  }

  /** Starts nothing more, gives what is under way a moment, and breaks it off. */
  async stop(graceMs: number): Promise<void> {
    for (const lane of this.#lanes.all()) clearTimeout(lane.timer);
    this.#options.receivers.stop();
    const ended = Promise.all(this.#underWay);
    const timer = setTimeout(() => this.#stopped.abort(), graceMs);
    for (const lane of [...this.#lanes.all()]) lane.dropped = true;
    await ended;
    clearTimeout(timer);
    this.#stopped.abort();
  }

  #schedule(lane: Lane): void {
    clearTimeout(lane.timer);
    if (lane.dropped || this.#stopped.signal.aborted || !this.#lanes.mayGo(lane)) return;
    const { nextAttemptMs = 0, delayMs = 0 } = lane.head;
    // A clock that was set back must not make anything wait for longer than it was meant to.
    const waitMs = Math.min(Math.max(0, nextAttemptMs - this.#now()), delayMs);
    if (waitMs === 0) this.#start(lane);
    else lane.timer = setTimeout(() => this.#start(lane), waitMs);
  }

  #start(lane: Lane): void {
    if (!lane.dropped) this.#track(this.#queue(lane));
  }

  #track(work: Promise<void>): void {
    const tracked = work.catch((error: unknown) => {
      if (this.#stopped.signal.aborted) return;
      this.#options.logger.error({ err: error }, 'a delivery could not be looked after');
    });
    this.#underWay.add(tracked);
    void tracked.finally(() => this.#underWay.delete(tracked));
  }

  /** Hands the head to its receiver. */
  async #queue(lane: Lane): Promise<void> {
    lane.ticket += 1;
    const { ticket, head } = lane;
    const subscription = await this.#persist(() => this.#subscription(lane.webhook));
    if (lane.dropped || lane.ticket !== ticket) return;
    if (!subscription) {
      // It was asked for before the log was read up to the webhook's creation.
      lane.timer = setTimeout(() => this.#start(lane), UNKNOWN_AGAIN_MS);
      return;
    }
    if (!sends(subscription, head)) {
      await this.#persist(() => this.#options.store.cancelOne(head._id));
      await this.#settled(lane);
      return;
    }
    const receiver = this.#options.receivers.of(subscription.url);
    const start = () => this.#track(this.#attempt(lane, ticket, subscription.url, receiver));
    receiver.enqueue(start, head.byHand || urged(head));
  }

  async #attempt(lane: Lane, ticket: number, url: string, receiver: Receiver): Promise<void> {
    const { head } = lane;
    let said: 'answered' | 'failed' | 'none' = 'none';
    try {
      if (lane.dropped || lane.ticket !== ticket) return;
      const latest = await this.#persist(() => this.#subscription(lane.webhook));
      if (lane.dropped || lane.ticket !== ticket) return;
      if (latest?.url !== url || !sends(latest, head)) {
        this.#start(lane);
        return;
      }
      lane.sending = true;
      const startMs = this.#now();
      const started = performance.now();
      const answer = await this.#call(latest, head, startMs);
      // Broken off by the sender: it is made again by whoever comes next.
      if (this.#stopped.signal.aborted && answer.error !== undefined) return;
      said = saidOf(answer);
      const attempt = {
        startMs,
        durationMs: performance.now() - started,
        ...(answer.status !== undefined && { status: answer.status }),
        ...(answer.error !== undefined && { error: answer.error }),
      };
      if (answer.status === 410) {
        await this.#persist(() => this.#options.disable(lane.webhook, head._id));
        // Until the log is read up to there.
        this.#known.set(lane.webhook, { ...latest, disabled: true });
      }
      const outcome = this.#outcome(head, attempt, answer);
      await this.#persist(() => this.#options.store.record(head._id, outcome));
      lane.sending = false;
      await this.#next(lane, outcome);
    } finally {
      lane.sending = false;
      if (receiver.ended(said, this.#random())) {
        this.#track(this.#options.receivers.save(url, receiver));
      }
    }
  }

  async #call(subscription: Subscription, delivery: Delivery, startMs: number): Promise<Answer> {
    const { secret } = subscription;
    const stream = webhookStream(subscription._id);
    const token =
      secret &&
      (this.#tokens.get(secret) ??
        (await openToken(
          { keyId: secret.keyId, nonce: bytes(secret.nonce), ciphertext: bytes(secret.ciphertext) },
          stream,
          this.#options.keys,
        )));
    if (!secret || token === undefined) return { error: 'the secret token is no longer there' };
    this.#tokens.set(secret, token);
    const body = bodyOf(delivery);
    const headers = authenticHeaders(token, delivery._id, startMs, body);
    return this.#options.send({ url: subscription.url, headers, body }, this.#stopped.signal);
  }

  #outcome(head: Delivery, attempt: Outcome['attempt'], answer: Answer): Outcome {
    if (answer.error === undefined)
      return { attempt, status: 'delivered', failures: head.failures, next: undefined };
    const failures = head.failures + 1;
    const nowMs = this.#now();
    const delay = this.#options.retryDelayMs ?? retryDelayMs;
    const delayMs =
      answer.status === 410
        ? undefined
        : delay(failures, retryAfterMs(answer.retryAfter, nowMs), this.#random());
    return delayMs === undefined
      ? { attempt, status: 'failed', failures, next: undefined }
      : { attempt, status: 'pending', failures, next: { atMs: nowMs + delayMs, delayMs } };
  }

  /** After an attempt: the same again later, or what follows it. */
  async #next(lane: Lane, { failures, next }: Outcome): Promise<void> {
    if (lane.dropped) return;
    if (!next || lane.abandoned) return this.#settled(lane);
    lane.head = { ...lane.head, failures, nextAttemptMs: next.atMs, delayMs: next.delayMs };
    this.#schedule(lane);
  }

  /** The head is done: the next of the lane, or the end of the lane. */
  async #settled(lane: Lane): Promise<void> {
    const { head: done, webhook } = lane;
    // Asked of the store only when something was put behind.
    while (lane.next.length === 0 && lane.behind > 0) {
      const { behind } = lane;
      const heads = await this.#persist(() => this.#options.store.heads(lane.name, MAX_NEXT));
      if (lane.dropped) return;
      lane.next.push(...heads.filter(({ _id }) => _id !== done._id));
      // Those that were behind may be pending no longer; more may have come meanwhile.
      lane.behind -= lane.next.length === 0 ? behind : Math.min(lane.next.length, lane.behind);
    }
    lane.abandoned = false;
    const head = lane.next.shift();
    if (head) {
      lane.head = head;
      this.#schedule(lane);
    } else this.#lanes.remove(lane);
    const waiting = this.#lanes.ofActivity(done);
    if (waiting && waiting !== lane && !waiting.sending) this.#schedule(waiting);
    if (this.#known.get(webhook)?.ended === 'activity' && this.#lanes.ofWebhook(webhook).length === 0) {
      this.#known.delete(webhook);
      await this.#options.drained(webhook);
    }
  }

  async #subscription(webhook: number): Promise<Subscription | undefined> {
    const known = this.#known.get(webhook);
    if (known) return known;
    const subscription = await this.#options.subscriptions.byId(webhook);
    if (subscription) this.#known.set(webhook, subscription);
    return subscription;
  }

  /** Until it succeeds: what the receiver has answered must not be forgotten for an outage of the database. */
  async #persist<T>(work: () => Promise<T>): Promise<T> {
    const backOff = new BackOff(20, 2_000);
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (this.#stopped.signal.aborted) throw error;
        const retryMs = backOff.next();
        this.#options.logger.warn({ err: error, retryMs }, 'the state of a delivery cannot be kept');
        await pause(retryMs, this.#stopped.signal);
        if (this.#stopped.signal.aborted) throw error;
      }
    }
  }
}

const MAX_KNOWN = 10_000;
const UNKNOWN_AGAIN_MS = 250;

/** Somebody asked for it after its last attempt. */
const urged = ({ failures, delayMs = 0 }: Delivery): boolean => failures > 0 && delayMs === 0;

const bytes = (binary: { buffer: Uint8Array; position: number }): Uint8Array =>
  new Uint8Array(binary.buffer.subarray(0, binary.position));

function sends(subscription: Subscription | undefined, { byHand }: Delivery): subscription is Subscription {
  return (
    subscription !== undefined &&
    subscription.ended !== 'deleted' &&
    (!subscription.disabled || byHand === true)
  );
}

/** Whoever answers is there, whatever he answers, unless he says that he cannot cope. */
function saidOf({ status, error }: Answer): 'answered' | 'failed' {
  return error === undefined || (status !== undefined && status < 500 && status !== 429)
    ? 'answered'
    : 'failed';
}
