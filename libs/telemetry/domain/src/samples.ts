/** Each channel's fields by the names that they have in memory, with those that consumers send and read. */
export const channelFields = {
  gnss: { latitude: 'latitude', longitude: 'longitude', speed: 'speed', altitude: 'altitude' },
  ecg: { hr: 'hr' },
  pwr: { power: 'pwr_instantpower', cadence: 'pwr_cadence' },
  device: { standstill: 'standstill', batteryLevel: 'Bat_lvl' },
} as const;

export type Channel = keyof typeof channelFields;
export type FieldOf<C extends Channel> = keyof (typeof channelFields)[C];
export const channels = Object.keys(channelFields) as readonly Channel[];

/**
 * Samples in columns of equal length: `t` is whole milliseconds since the Unix epoch, fields in degrees, m/s, m, bpm,
 * W and rpm; NaN is missing.
 */
export type SampleColumns = {
  readonly [C in Channel]: { readonly t: Float64Array } & { readonly [F in FieldOf<C>]: Float64Array };
};

/** The columns of one channel, `t` first, then its fields in the order of `channelFields`. */
export function columnList(samples: SampleColumns, channel: Channel): readonly Float64Array[] {
  const columns = samples[channel] as Readonly<Record<string, Float64Array>>;
  return ['t', ...Object.keys(channelFields[channel])].map((name) => columns[name] ?? new Float64Array(0));
}

/** The inverse of `columnList`, for all channels. */
export function fromColumnLists(lists: (channel: Channel) => readonly Float64Array[]): SampleColumns {
  const samples: Record<string, Record<string, Float64Array>> = {};
  for (const channel of channels) {
    const names = ['t', ...Object.keys(channelFields[channel])];
    const columns = lists(channel);
    samples[channel] = Object.fromEntries(names.map((name, i) => [name, columns[i] ?? new Float64Array(0)]));
  }
  return samples as unknown as SampleColumns;
}

export function countSamples(samples: SampleColumns): number {
  return channels.reduce((count, channel) => count + samples[channel].t.length, 0);
}

/** A missing value is less than any number; -0 equals 0. */
export function compareValues(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(b !== b) - Number(a !== a);
}

/** The order of samples `a` and `b` of one channel: by time, then field by field. */
export function compareSamples(columns: readonly Float64Array[], a: number, b: number): number {
  for (const column of columns) {
    const order = compareValues(column[a]!, column[b]!);
    if (order !== 0) return order;
  }
  return 0;
}

/** The indexes of a channel's samples in order. */
export function sortedIndexes(columns: readonly Float64Array[]): Uint32Array {
  const indexes = Uint32Array.from(columns[0] ?? [], (_, i) => i);
  // Recordings mostly arrive in order; then there is nothing to sort.
  for (let i = 1; i < indexes.length; i++) {
    if (compareSamples(columns, i - 1, i) > 0) return indexes.sort((a, b) => compareSamples(columns, a, b));
  }
  return indexes;
}

/** The samples at these indexes, in this order. */
export function pick(columns: readonly Float64Array[], indexes: ArrayLike<number>): Float64Array[] {
  return columns.map((column) => Float64Array.from(indexes, (index) => column[index]!));
}
