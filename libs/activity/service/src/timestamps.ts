import { type Timestamp, timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';

export { timestampFromMs };

/** Milliseconds since the Unix epoch of a timestamp that every writer sets. */
export function requiredMs(timestamp: Timestamp | undefined): number {
  if (!timestamp) throw new Error('A stored event lacks one of its times.');
  return timestampMs(timestamp);
}

/** Milliseconds since the Unix epoch, or undefined where the message has no time. */
export const optionalMs = (timestamp: Timestamp | undefined): number | undefined =>
  timestamp && timestampMs(timestamp);
