import { type Timestamp, timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import { formatDateTime } from '@touchline/http';

/** @param atMs ms since the epoch */
export function toTimestamp(atMs: number | undefined): Timestamp | undefined {
  return atMs === undefined ? undefined : timestampFromMs(atMs);
}

/** `{ [name]: timestamp }`, or nothing when there is none. */
export function timestampField<K extends string>(
  name: K,
  atMs: number | undefined,
): Partial<Record<K, Timestamp>> {
  return atMs === undefined ? {} : ({ [name]: timestampFromMs(atMs) } as Partial<Record<K, Timestamp>>);
}

export function fromTimestamp(timestamp: Timestamp | undefined): string | null {
  return timestamp === undefined ? null : formatDateTime(timestampMs(timestamp));
}
