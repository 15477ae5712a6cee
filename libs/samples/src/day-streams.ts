const MS_PER_DAY = 86_400_000;

/** The UTC day of a time as `yyyymmdd`; `atMs` is milliseconds since the Unix epoch. */
export const utcDayOf = (atMs: number): string =>
  new Date(atMs).toISOString().slice(0, 10).replaceAll('-', '');

/** The UTC days that [startMs, stopMs) touches, in time order. */
export function* utcDays(startMs: number, stopMs: number): Generator<string, void, void> {
  for (let day = Math.floor(startMs / MS_PER_DAY); day * MS_PER_DAY < stopMs; day += 1) {
    yield utcDayOf(day * MS_PER_DAY);
  }
}

/** The published name of the stream of what a device recorded on a UTC day (`yyyymmdd`). */
export const dayStreamOf = (device: number, day: string): string => `telemetry-${device}-${day}`;

/** The published name of the key of a day's first samples. A day that never had it has no samples. */
export const firstDayKeyOf = (dayStream: string): string => `${dayStream}.1`;
