const MS_PER_DAY = 86_400_000;

export const deviceCategory = 'device-';
export const dayCategory = 'telemetry-';

export const deviceStream = (device: number): string => `${deviceCategory}${device}`;

/** The UTC day of a time as `yyyymmdd`; `atMs` is milliseconds since the Unix epoch. */
export function utcDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10).replaceAll('-', '');
}

/** What a device recorded on a UTC day. */
export const dayStream = (device: number, day: string): string => `${dayCategory}${device}-${day}`;

/** The day streams that [startMs, stopMs) touches, in time order. */
export function dayStreams(device: number, startMs: number, stopMs: number): string[] {
  const streams: string[] = [];
  for (let day = Math.floor(startMs / MS_PER_DAY); day * MS_PER_DAY < stopMs; day++) {
    streams.push(dayStream(device, utcDay(day * MS_PER_DAY)));
  }
  return streams;
}

/** The key of a device-day. Erasure moves what it keeps to the next generation and destroys the one before. */
export const dayKeyId = (stream: string, generation: number): string => `${stream}.${generation}`;

/** The generation of a day's key, or undefined for another text. */
export function dayKeyGeneration(keyId: string): number | undefined {
  const match = /^telemetry-\d+-\d{8}\.(\d+)$/.exec(keyId);
  return match ? Number(match[1]) : undefined;
}
