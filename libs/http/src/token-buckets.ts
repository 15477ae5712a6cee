export interface Take {
  allowed: boolean;
  /** Whole requests left. */
  remaining: number;
  /** Seconds until one request is allowed again, at least 1; 0 when this one was. */
  retryAfterS: number;
  /** Seconds until the bucket is full. */
  fullInS: number;
}

export interface BucketRules {
  ratePerS: number;
  burst: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Buckets full again are forgotten when this many are kept. */
const sweepAt = 10_000;

/** A token bucket per key. */
export class TokenBuckets {
  readonly rules: BucketRules;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
  #sweepAt = sweepAt;

  /** @param now ms, monotonic */
  constructor(rules: BucketRules, now: () => number = () => performance.now()) {
    this.rules = rules;
    this.#now = now;
  }

  take(key: string): Take {
    const nowMs = this.#now();
    const bucket = this.#buckets.get(key) ?? this.#open(key, nowMs);
    bucket.tokens = this.#refilled(bucket, nowMs);
    bucket.atMs = nowMs;
    const allowed = bucket.tokens >= 1;
    if (allowed) bucket.tokens -= 1;
    const { ratePerS, burst } = this.rules;
    return {
      allowed,
      remaining: Math.floor(bucket.tokens),
      retryAfterS: allowed ? 0 : Math.max(1, Math.ceil((1 - bucket.tokens) / ratePerS)),
      fullInS: Math.ceil((burst - bucket.tokens) / ratePerS),
    };
  }

  #open(key: string, nowMs: number): Bucket {
    if (this.#buckets.size >= this.#sweepAt) this.#sweep(nowMs);
    const bucket = { tokens: this.rules.burst, atMs: nowMs };
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #refilled(bucket: Bucket, nowMs: number): number {
    return Math.min(this.rules.burst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * this.rules.ratePerS);
  }

  #sweep(nowMs: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (this.#refilled(bucket, nowMs) >= this.rules.burst) this.#buckets.delete(key);
    }
    this.#sweepAt = Math.max(sweepAt, this.#buckets.size * 2);
  }
}

/** The headers `RateLimit-Policy` and `RateLimit` of the IETF draft, and `Retry-After` on a refusal. */
export function rateLimitHeaders(rules: BucketRules, take: Take): Record<string, string> {
  const windowS = Math.max(1, Math.ceil(rules.burst / rules.ratePerS));
  return {
    'RateLimit-Policy': `"default";q=${rules.burst};w=${windowS}`,
    RateLimit: `"default";r=${take.remaining};t=${take.fullInS}`,
    ...(take.allowed ? {} : { 'Retry-After': String(take.retryAfterS) }),
  };
}
