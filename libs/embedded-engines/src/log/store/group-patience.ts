/** What is taken of a commit's time to wait for company, and the most. */
const SHARE_OF_COMMIT = 0.5;
const MAX_WAIT_MS = 2;
/** Weight of the newest commit in the average of their times. */
const NEWEST = 0.2;

/**
 * Decides how long a group of writes waits for those that are to be expected. Writers that were just answered come back
 * within moments, one after the other; a commit for the first of them alone would keep all others waiting for the disk.
 * A single writer is never kept waiting.
 */
export class GroupPatience {
  #expected = 1;
  #commitMs = 0;

  /** @returns milliseconds that a group of this size, whose first write came so long ago, should still wait. */
  waitMs(size: number, sinceFirstMs: number): number {
    if (size >= this.#expected) return 0;
    return Math.max(0, Math.min(MAX_WAIT_MS, this.#commitMs * SHARE_OF_COMMIT) - sinceFirstMs);
  }

  committed(size: number, durationMs: number): void {
    this.#expected = Math.max(size, Math.floor(this.#expected / 2));
    this.#commitMs += NEWEST * (durationMs - this.#commitMs);
  }
}
