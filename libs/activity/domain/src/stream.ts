/** The only place where this context's stream names are built. */

/** Everything about one activity. */
export const activityStream = (activityId: number): string => `activity-${activityId}`;

/** Everything about one time frame. */
export const timeFrameStream = (timeFrameId: number): string => `timeframe-${timeFrameId}`;

/** Who wears the device when: reservations of intervals, each preceding an append to a time frame's stream. */
export const wearingStream = (deviceId: number): string => `wearing-${deviceId}`;
