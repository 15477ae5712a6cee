import { createHash } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { Receiver, type ReceiverLimits } from './receiver.ts';

interface BreachDocument {
  /** Of the URL, which itself is not needed here. */
  _id: string;
  failures: number;
  /** Ms since the epoch. */
  openUntilMs: number;
}

const idOf = (url: string): string => createHash('sha256').update(url).digest('hex');

/** The receivers that something is sent to, and the broken circuits, which survive restarts. */
export class Receivers {
  readonly #limits: ReceiverLimits;
  readonly #breaches: Collection<BreachDocument>;
  readonly #receivers = new Map<string, Receiver>();
  #stored = new Map<string, BreachDocument>();

  constructor(state: Db, limits: ReceiverLimits) {
    this.#breaches = state.collection('broken-receivers');
    this.#limits = limits;
  }

  async load(): Promise<void> {
    this.#stored = new Map();
    for await (const document of this.#breaches.find()) this.#stored.set(document._id, document);
  }

  of(url: string): Receiver {
    const known = this.#receivers.get(url);
    if (known) return known;
    const receiver = new Receiver(this.#limits);
    const stored = this.#stored.get(idOf(url));
    if (stored) {
      // A clock that was set back must not keep a circuit open for longer than it was meant to be.
      const openForMs = Math.min(stored.openUntilMs - Date.now(), 1.2 * this.#limits.longestOpenMs);
      receiver.breach = { failures: stored.failures, openForMs: Math.max(0, openForMs) };
    }
    this.#receivers.set(url, receiver);
    return receiver;
  }

  /** Keeps what an attempt has changed. @throws MongoError */
  async save(url: string, receiver: Receiver): Promise<void> {
    const { failures, openForMs } = receiver.breach;
    const document = { _id: idOf(url), failures, openUntilMs: Date.now() + openForMs };
    if (failures === 0) {
      this.#stored.delete(document._id);
      await this.#breaches.deleteOne({ _id: document._id });
    } else {
      this.#stored.set(document._id, document);
      await this.#breaches.replaceOne({ _id: document._id }, document, { upsert: true });
    }
  }

  /** Forgets the receivers that nothing was sent to for a while. @throws MongoError */
  async sweep(): Promise<void> {
    for (const [url, receiver] of this.#receivers) if (receiver.idle) this.#receivers.delete(url);
    const forgottenMs = Date.now() - 86_400_000;
    for (const [id, { openUntilMs }] of this.#stored) if (openUntilMs < forgottenMs) this.#stored.delete(id);
    await this.#breaches.deleteMany({ openUntilMs: { $lt: forgottenMs } });
  }

  stop(): void {
    for (const receiver of this.#receivers.values()) receiver.stop();
    this.#receivers.clear();
  }
}
