import { requireKeys, type KeySource, type StreamLog } from '@touchline/event-log';
import {
  concatSampleColumns,
  framesIngestedType,
  openFrames,
  readFrames,
  touches,
  type StoredFrames,
} from '@touchline/samples';
import { dayStreams, within, type Interval, type SampleColumns } from '@touchline/telemetry-domain';

export interface RecordingsDependencies {
  readonly log: Pick<StreamLog, 'read'>;
  readonly keys: KeySource;
}

/**
 * What a device recorded within the intervals, read from its day streams, in the order in which it arrived. Samples
 * whose key is destroyed are gone.
 *
 * @param intervals disjoint, in time order
 * @throws EventLogError, KeysUnknown, DecryptionFailed, MongoError
 */
export async function readRecording(
  { log, keys }: RecordingsDependencies,
  deviceId: number,
  intervals: readonly Interval[],
  signal?: AbortSignal,
): Promise<SampleColumns> {
  const streams = new Set(intervals.flatMap(({ startMs, endMs }) => dayStreams(deviceId, startMs, endMs)));
  const parts: SampleColumns[] = [];
  for (const stream of streams) {
    let next = 0;
    for (let lost = true; lost;) {
      const frames: StoredFrames[] = [];
      for await (const stored of log.read(stream, { from: next })) {
        next = stored.revision + 1;
        if (stored.type !== framesIngestedType) continue;
        const one = readFrames(stored);
        if (intervals.some(({ startMs, endMs }) => touches(one, startMs, endMs))) frames.push(one);
      }
      signal?.throwIfAborted();
      const found = await requireKeys(
        keys,
        frames.map(({ keyId }) => keyId),
        signal === undefined ? {} : { signal },
      );
      for (const one of frames) {
        const key = found.get(one.keyId);
        if (key !== undefined) parts.push(within(openFrames(one, key), intervals));
      }
      // Where a key went after the stream was read, what remains came into the stream meanwhile.
      lost = frames.some(({ keyId }) => found.get(keyId) === undefined);
    }
  }
  return concatSampleColumns(parts);
}
