import {
  channels,
  columnList,
  countSamples,
  fromColumnLists,
  pick,
  sortedIndexes,
  type Channel,
  type SampleColumns,
} from './samples.ts';

/** A timestamp's difference takes at most 5 bytes, each field 8. */
const bytesPerSample = (samples: SampleColumns, channel: Channel): number =>
  5 + 8 * (columnList(samples, channel).length - 1);

/** At most how many bytes the samples take in the log, before encryption. */
export function storedBytes(samples: SampleColumns): number {
  return channels.reduce(
    (bytes, channel) => bytes + samples[channel].t.length * bytesPerSample(samples, channel),
    64,
  );
}

/** The samples in pieces of at most `maxBytes` each, every one holding a stretch of time of each of its channels. */
export function pieces(samples: SampleColumns, maxBytes: number): SampleColumns[] {
  if (countSamples(samples) === 0) return [];
  if (storedBytes(samples) <= maxBytes) return [samples];
  const cut: SampleColumns[] = [];
  for (const channel of channels) {
    const columns = columnList(samples, channel);
    const order = sortedIndexes(columns);
    const length = Math.max(1, Math.floor((maxBytes - 64) / bytesPerSample(samples, channel)));
    for (let from = 0; from < order.length; from += length) {
      const part = pick(columns, order.subarray(from, from + length));
      cut.push(fromColumnLists((name) => (name === channel ? part : [])));
    }
  }
  return cut;
}
