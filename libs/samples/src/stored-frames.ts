import { fromBinary, toBinary, create } from '@bufbuild/protobuf';
import type { Sealed } from '@touchline/contracts/common/v1/common';
import { Channel as WireChannel, FramesIngestedSchema } from '@touchline/contracts/telemetry/v1/events';
import { open, seal, type StoredEvent } from '@touchline/event-log';
import { channels, columnsOf, type Channel, type SampleColumns } from './columns.ts';
import { decodeSamples, SamplesError } from './samples-codec.ts';

/** The type of the events that hold samples, in the streams `telemetry-<device>-<yyyymmdd>`. */
export const framesIngestedType: string = FramesIngestedSchema.typeName;

/** What is stored of a channel: from `firstMs` to `lastMs`, both inclusive, in milliseconds since the Unix epoch. */
export interface ChannelRange {
  readonly channel: Channel;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly samples: number;
}

/** A `FramesIngested` as far as it is readable without its key. */
export interface StoredFrames {
  readonly deviceId: number;
  /** The key without which the samples stay shut; when it is destroyed, there are none any more. */
  readonly keyId: string;
  /** One a channel that has samples. */
  readonly ranges: readonly ChannelRange[];
  readonly sealed: Sealed;
  readonly stream: string;
  /** When the log first took samples that an erasure has appended again; undefined when this very event brought them. */
  readonly firstStoredMs: number | undefined;
}

const wireChannels = {
  gnss: WireChannel.GNSS,
  ecg: WireChannel.ECG,
  pwr: WireChannel.PWR,
  device: WireChannel.DEVICE,
} as const satisfies Record<Channel, WireChannel>;

/**
 * The binary `telemetry.v1.FramesIngested` of samples, to be appended to `stream`.
 *
 * @param plaintext the samples as `encodeSamples` writes them
 */
export function sealFrames(frames: {
  deviceId: number;
  samples: SampleColumns;
  plaintext: Uint8Array;
  keyId: string;
  key: Uint8Array;
  stream: string;
  firstStoredMs?: number;
}): Uint8Array {
  const { deviceId, samples, plaintext, keyId, key, stream, firstStoredMs } = frames;
  const ranges = rangesOf(samples).map(({ channel, firstMs, lastMs, samples }) => ({
    channel: wireChannels[channel],
    firstMs: BigInt(firstMs),
    lastMs: BigInt(lastMs),
    samples,
  }));
  const message = {
    deviceId,
    samples: seal(key, keyId, plaintext, stream),
    ranges,
    ...(firstStoredMs === undefined ? {} : { firstStoredMs: BigInt(firstStoredMs) }),
  };
  return toBinary(FramesIngestedSchema, create(FramesIngestedSchema, message));
}

/** @throws SamplesError when the event is no `FramesIngested` */
export function readFrames(stored: Pick<StoredEvent, 'type' | 'data' | 'stream'>): StoredFrames {
  if (stored.type !== framesIngestedType || !(stored.data instanceof Uint8Array)) {
    throw new SamplesError(`an event of type ${stored.type} in ${stored.stream} holds no samples`);
  }
  const message = fromBinary(FramesIngestedSchema, stored.data);
  const { deviceId, samples: sealed, ranges, firstStoredMs } = message;
  if (sealed === undefined) throw new SamplesError(`an event in ${stored.stream} lacks its samples`);
  return {
    deviceId,
    keyId: sealed.keyId,
    ranges: ranges.flatMap(({ channel, firstMs, lastMs, samples }) => {
      const name = channels.find((candidate) => wireChannels[candidate] === channel);
      // A channel of a later version is passed over, as its samples are.
      return name === undefined
        ? []
        : [{ channel: name, firstMs: Number(firstMs), lastMs: Number(lastMs), samples }];
    }),
    sealed,
    stream: stored.stream,
    firstStoredMs: firstStoredMs === undefined ? undefined : Number(firstStoredMs),
  };
}

/**
 * The samples, in order of time within each channel.
 *
 * @throws DecryptionFailed, SamplesError
 */
export function openFrames(frames: StoredFrames, key: Uint8Array): SampleColumns {
  return decodeSamples(open(key, frames.sealed, frames.stream));
}

/** Whether any channel may have samples in [startMs, stopMs). */
export function touches(frames: Pick<StoredFrames, 'ranges'>, startMs: number, stopMs: number): boolean {
  return frames.ranges.some(({ firstMs, lastMs }) => firstMs < stopMs && startMs <= lastMs);
}

export function rangesOf(samples: SampleColumns): ChannelRange[] {
  return channels.flatMap((channel) => {
    const { t } = columnsOf(samples, channel);
    if (t.length === 0) return [];
    let firstMs = Infinity;
    let lastMs = -Infinity;
    for (const timestampMs of t) {
      if (timestampMs < firstMs) firstMs = timestampMs;
      if (timestampMs > lastMs) lastMs = timestampMs;
    }
    return [{ channel, firstMs, lastMs, samples: t.length }];
  });
}
