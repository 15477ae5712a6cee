/** Something in the log that callbacks tell of. */
export type Occurrence =
  | { readonly type: 'activity-updated' | 'activity-deleted'; readonly activity: number }
  | {
      readonly type: 'timeframe-created' | 'timeframe-updated' | 'timeframe-deleted';
      readonly activity: number;
      readonly timeFrame: number;
    };

export type CallbackEvent = Occurrence['type'] | 'ping';

/** Whether a webhook asked for it. */
export function qualifies(
  occurrence: Occurrence,
  webhook: { readonly activityEvents: boolean; readonly timeFramesEvents: boolean },
): boolean {
  switch (occurrence.type) {
    case 'activity-updated':
    case 'activity-deleted':
      return webhook.activityEvents;
    case 'timeframe-created':
    case 'timeframe-updated':
    case 'timeframe-deleted':
      return webhook.timeFramesEvents;
    default:
      return occurrence satisfies never;
  }
}

/** The deletion of an activity: each of its time frames first. */
export function deletionOf(activity: number, timeFrames: readonly number[]): Occurrence[] {
  const frames = [...timeFrames]
    .sort((a, b) => a - b)
    .map((timeFrame): Occurrence => ({ type: 'timeframe-deleted', activity, timeFrame }));
  return [...frames, { type: 'activity-deleted', activity }];
}

/** Delays before the second attempt and each further one, in ms: the schedule of Standard Webhooks. */
export const RETRY_DELAYS_MS: readonly number[] = [
  5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000,
];
/** Attempts are spread over this share of the delay, so that receivers that come back are not run over. */
const JITTER = 0.2;
const LONGEST_RETRY_AFTER_MS = 86_400_000;

/**
 * Ms from the end of a failed attempt to the next one, undefined when none is left.
 *
 * @param failures attempts that have failed, from 1
 * @param retryAfterMs what the receiver asked for; it replaces the schedule's delay
 * @param random from 0 to 1
 */
export function retryDelayMs(
  failures: number,
  retryAfterMs: number | undefined,
  random: number,
): number | undefined {
  const scheduledMs = RETRY_DELAYS_MS[failures - 1];
  if (scheduledMs === undefined) return undefined;
  const baseMs =
    retryAfterMs === undefined
      ? scheduledMs
      : Math.min(Math.max(retryAfterMs, 1_000), LONGEST_RETRY_AFTER_MS);
  const spreadMs = Math.min(baseMs, scheduledMs) * JITTER;
  return Math.round(baseMs + spreadMs * random);
}
