/** How much one receiver, which is one URL, is asked to bear. */
export interface ReceiverLimits {
  readonly concurrency: number;
  /** Requests per second, on average and at once. */
  readonly ratePerS: number;
  readonly burst: number;
  /** Failures in a row after which nothing is sent for a while. */
  readonly opensAfter: number;
  /** Doubles with each further failure, up to the longest. */
  readonly openMs: number;
  readonly longestOpenMs: number;
}

export const RECEIVER_LIMITS: ReceiverLimits = {
  concurrency: 4,
  ratePerS: 200,
  burst: 200,
  opensAfter: 5,
  openMs: 30_000,
  longestOpenMs: 600_000,
};

const FORGOTTEN_AFTER_MS = 3_600_000;

interface Waiting {
  readonly start: () => void;
  readonly urgent: boolean;
}

/** Breaks the circuit to a receiver that fails, and holds its share of the work to the limits. Times are monotonic, in ms. */
export class Receiver {
  readonly #limits: ReceiverLimits;
  readonly #now: () => number;
  #waiting: Waiting[] = [];
  #inFlight = 0;
  #tokens: number;
  #refilledMs: number;
  #failures = 0;
  #openUntilMs = 0;
  #endedMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: ReceiverLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
    this.#tokens = limits.burst;
    this.#refilledMs = now();
  }

  /** Nothing waits, nothing is under way and nothing is worth remembering. */
  get idle(): boolean {
    if (this.#waiting.length > 0 || this.#inFlight > 0) return false;
    const quietMs = this.#now() - Math.max(this.#endedMs, this.#openUntilMs);
    return this.#failures === 0 ? this.#refill() >= this.#limits.burst : quietMs > FORGOTTEN_AFTER_MS;
  }

  /** Failures in a row and ms until it is tried again: what survives a restart. */
  get breach(): { failures: number; openForMs: number } {
    return { failures: this.#failures, openForMs: Math.max(0, this.#openUntilMs - this.#now()) };
  }

  set breach({ failures, openForMs }: { failures: number; openForMs: number }) {
    this.#failures = failures;
    this.#openUntilMs = this.#now() + openForMs;
  }

  /** Starts the work when the limits allow; urgent work does not wait for the circuit. Whoever works calls `ended`. */
  enqueue(start: () => void, urgent = false): void {
    if (urgent) this.#waiting.unshift({ start, urgent });
    else this.#waiting.push({ start, urgent });
    this.#pump();
  }

  /**
   * @param outcome `failed` counts against the receiver; `none` says nothing about it
   * @returns whether the circuit was opened or closed by it
   */
  ended(outcome: 'answered' | 'failed' | 'none', random: number): boolean {
    this.#inFlight -= 1;
    this.#endedMs = this.#now();
    const before = this.#failures >= this.#limits.opensAfter;
    if (outcome === 'answered') {
      this.#failures = 0;
      this.#openUntilMs = 0;
    }
    if (outcome === 'failed') {
      this.#failures += 1;
      const beyond = this.#failures - this.#limits.opensAfter;
      if (beyond >= 0) {
        const openMs = Math.min(this.#limits.openMs * 2 ** Math.min(beyond, 20), this.#limits.longestOpenMs);
        this.#openUntilMs = this.#now() + openMs * (1 + 0.2 * random);
      }
    }
    const after = this.#failures >= this.#limits.opensAfter;
    this.#pump();
    return before !== after || (after && outcome === 'failed');
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #refill(): number {
    const nowMs = this.#now();
    const { ratePerS, burst } = this.#limits;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#refilledMs) * ratePerS) / 1000);
    this.#refilledMs = nowMs;
    return this.#tokens;
  }

  #pump(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#waiting.length > 0) {
      const waitMs = this.#waitMs(this.#waiting[0]?.urgent ?? false);
      if (waitMs === undefined) return;
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#pump(), Math.ceil(waitMs));
        return;
      }
      this.#tokens -= 1;
      this.#inFlight += 1;
      this.#waiting.shift()?.start();
    }
  }

  /** Ms until one more may start, undefined: when another ends. */
  #waitMs(urgent: boolean): number | undefined {
    const { concurrency, opensAfter, ratePerS } = this.#limits;
    const broken = this.#failures >= opensAfter;
    // After a pause one alone shows whether the receiver is back.
    if (this.#inFlight >= (broken ? 1 : concurrency)) return undefined;
    const openForMs = broken && !urgent ? this.#openUntilMs - this.#now() : 0;
    const tokens = this.#refill();
    return Math.max(openForMs, tokens >= 1 ? 0 : ((1 - tokens) / ratePerS) * 1000, 0);
  }
}
