import { randomUUID } from 'node:crypto';
import { MongoServerError, type Collection, type Db } from 'mongodb';
import { BackOff, pause } from '@touchline/event-log';
import { silentLogger, type ReadModelsLogger } from './logger.ts';

interface LeaseDocument {
  _id: string;
  /** null after it was given back. */
  holder: string | null;
  /** New with each taking. */
  session: string;
  renewals: number;
  /** What the holder tells the others about itself. */
  caughtUp: boolean;
}

export interface LeaseOptions {
  /** State database of the context; leases lie in its collection `leases`. */
  state: Db;
  name: string;
  /** `TOUCHLINE_INSTANCE`: who held the lease before a restart takes it back at once. */
  holder: string;
  renewEveryMs?: number;
  /** A lease not renewed for so long, by the watcher's own clock, is free. */
  staleAfterMs?: number;
  pollEveryMs?: number;
  logger?: ReadModelsLogger;
}

const DUPLICATE_KEY = 11000;

/**
 * One holder at a time, as far as that can be had: a lease saves work, correctness never rests on it. No clocks are
 * compared: a watcher sees whether the holder goes on counting.
 */
export class Lease {
  readonly #leases: Collection<LeaseDocument>;
  readonly #name: string;
  readonly #holder: string;
  readonly #renewEveryMs: number;
  readonly #staleAfterMs: number;
  readonly #pollEveryMs: number;
  readonly #logger: ReadModelsLogger;
  #session: string | undefined;
  #caughtUp = false;

  constructor(options: LeaseOptions) {
    this.#leases = options.state.collection<LeaseDocument>('leases');
    this.#name = options.name;
    this.#holder = options.holder;
    this.#renewEveryMs = options.renewEveryMs ?? 2_000;
    this.#staleAfterMs = options.staleAfterMs ?? 6_000;
    this.#pollEveryMs = options.pollEveryMs ?? 1_000;
    this.#logger = options.logger ?? silentLogger;
  }

  get held(): boolean {
    return this.#session !== undefined;
  }

  /** Told to watchers with the next renewal. */
  set caughtUp(value: boolean) {
    this.#caughtUp = value;
  }

  /**
   * Waits for the lease, does the work while it is held, and again, until `stop`. The work's signal is aborted when the
   * lease is lost; work that ends by itself gives the lease back. Outages of the database are waited out.
   *
   * @param onLiveHolder called while somebody else is seen to hold it
   */
  async hold(
    work: (signal: AbortSignal) => Promise<void>,
    stop: AbortSignal,
    onLiveHolder: (holder: { caughtUp: boolean }) => void = () => {},
  ): Promise<void> {
    let mine = true;
    while (!stop.aborted) {
      const session = await this.#acquire(stop, mine, onLiveHolder);
      if (session === undefined) return;
      mine = false;
      this.#session = session;
      this.#caughtUp = false;
      const lost = new AbortController();
      const signal = AbortSignal.any([stop, lost.signal]);
      const renewing = this.#renew(session, signal, lost);
      try {
        await work(signal);
      } finally {
        this.#session = undefined;
        lost.abort();
        await renewing;
        await this.#giveBack(session);
      }
    }
  }

  async #acquire(
    stop: AbortSignal,
    mine: boolean,
    onLiveHolder: (holder: { caughtUp: boolean }) => void,
  ): Promise<string | undefined> {
    const backOff = new BackOff(20, 1_000);
    let seen: { session: string; renewals: number; sinceMs: number } | undefined;
    while (!stop.aborted) {
      try {
        const session = randomUUID();
        const lease = await this.#leases.findOne({ _id: this.#name });
        if (!lease) {
          if (await this.#insert(session)) return session;
          continue;
        }
        const nowMs = performance.now();
        const same = seen?.session === lease.session && seen.renewals === lease.renewals;
        if (!same) {
          if (seen && lease.holder !== null) onLiveHolder({ caughtUp: lease.caughtUp });
          seen = { session: lease.session, renewals: lease.renewals, sinceMs: nowMs };
        }
        const free =
          lease.holder === null ||
          (mine && lease.holder === this.#holder) ||
          nowMs - (seen?.sinceMs ?? nowMs) >= this.#staleAfterMs;
        if (free && (await this.#take(lease, session))) return session;
        backOff.reset();
        if (!free) await pause(this.#pollEveryMs, stop);
      } catch (error) {
        this.#logger.warn({ err: error, lease: this.#name }, 'the lease cannot be read');
        await pause(backOff.next(), stop);
      }
    }
    return undefined;
  }

  async #insert(session: string): Promise<boolean> {
    try {
      await this.#leases.insertOne({
        _id: this.#name,
        holder: this.#holder,
        session,
        renewals: 0,
        caughtUp: false,
      });
      return true;
    } catch (error) {
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false;
      throw error;
    }
  }

  async #take({ _id, session: before, renewals }: LeaseDocument, session: string): Promise<boolean> {
    const taken = await this.#leases.updateOne(
      { _id, session: before, renewals },
      { $set: { holder: this.#holder, session, renewals: 0, caughtUp: false } },
    );
    return taken.matchedCount > 0;
  }

  async #renew(session: string, signal: AbortSignal, lost: AbortController): Promise<void> {
    let renewedMs = performance.now();
    while (!signal.aborted) {
      await pause(this.#renewEveryMs, signal);
      if (signal.aborted) return;
      try {
        const renewed = await this.#leases.updateOne(
          { _id: this.#name, session },
          { $inc: { renewals: 1 }, $set: { caughtUp: this.#caughtUp } },
        );
        if (renewed.matchedCount > 0) {
          renewedMs = performance.now();
          continue;
        }
      } catch (error) {
        this.#logger.warn({ err: error, lease: this.#name }, 'the lease cannot be renewed');
        if (performance.now() - renewedMs < this.#staleAfterMs) continue;
      }
      this.#logger.warn({ lease: this.#name }, 'the lease is lost');
      lost.abort();
    }
  }

  async #giveBack(session: string): Promise<void> {
    await this.#leases
      .updateOne({ _id: this.#name, session }, { $set: { holder: null } })
      .catch((error: unknown) => this.#logger.warn({ err: error, lease: this.#name }, 'the lease is left'));
  }
}
