import { SampleSet } from './sample-set.ts';
import {
  channelFields,
  channels,
  columnList,
  fromColumnLists,
  pick,
  sortedIndexes,
  type Channel,
  type SampleColumns,
} from './samples.ts';

/** How many samples each channel held; to come back to. */
export type Mark = Readonly<Record<Channel, number>>;

export interface Added {
  /** Those that were not there yet, in order of time and fields: however they arrive, the same come out the same. */
  readonly fresh: SampleColumns;
  readonly accepted: number;
  readonly duplicates: number;
}

/** What is known to be stored of a device's day: what ingest compares with. */
export class DaySamples {
  readonly #sets = new Map<Channel, SampleSet>(
    channels.map((channel) => [channel, new SampleSet(1 + Object.keys(channelFields[channel]).length)]),
  );

  add(samples: SampleColumns): Added {
    let accepted = 0;
    let duplicates = 0;
    const fresh = fromColumnLists((channel) => {
      const set = this.#set(channel);
      const before = set.size;
      const columns = columnList(samples, channel);
      const length = samples[channel].t.length;
      for (let i = 0; i < length; i++) set.add(columns, i);
      const added = set.since(before);
      accepted += set.size - before;
      duplicates += length - (set.size - before);
      return pick(added, sortedIndexes(added));
    });
    return { fresh, accepted, duplicates };
  }

  mark(): Mark {
    return Object.fromEntries(channels.map((channel) => [channel, this.#set(channel).size])) as Record<
      Channel,
      number
    >;
  }

  /** Forgets what was added since the mark was taken. */
  rollback(mark: Mark): void {
    for (const channel of channels) this.#set(channel).truncate(mark[channel]);
  }

  /** About how many bytes of memory it takes. */
  get bytes(): number {
    return channels.reduce((bytes, channel) => bytes + this.#set(channel).bytes, 0);
  }

  #set(channel: Channel): SampleSet {
    return this.#sets.get(channel)!;
  }
}
