/**
 * Samples as columns: in each channel `t` (whole milliseconds since the Unix epoch, UTC) and its fields, all of equal
 * length. NaN means that the field is missing.
 */
export interface SampleColumns {
  readonly gnss: GnssColumns;
  readonly ecg: EcgColumns;
  readonly pwr: PwrColumns;
  readonly device: DeviceStateColumns;
}

/** Degrees, m/s (Doppler), m. */
export interface GnssColumns {
  readonly t: Float64Array;
  readonly latitude: Float64Array;
  readonly longitude: Float64Array;
  readonly speed: Float64Array;
  readonly altitude: Float64Array;
}

/** Heart rate in bpm. */
export interface EcgColumns {
  readonly t: Float64Array;
  readonly hr: Float64Array;
}

/** Power in W, cadence in rpm. */
export interface PwrColumns {
  readonly t: Float64Array;
  readonly power: Float64Array;
  readonly cadence: Float64Array;
}

/** `standstill` is 1 or 0. */
export interface DeviceStateColumns {
  readonly t: Float64Array;
  readonly standstill: Float64Array;
  readonly batteryLevel: Float64Array;
}

export type Channel = keyof SampleColumns;
export type ColumnsOf = Readonly<Record<string, Float64Array>> & { readonly t: Float64Array };

/**
 * The fields of each channel in the order of their numbers on the wire, which are 3, 4, … in `telemetry.v1.Gnss`,
 * `Ecg`, `Pwr` and `DeviceState`. For ever: fields are added at the end.
 */
export const channelFields = {
  gnss: ['latitude', 'longitude', 'speed', 'altitude'],
  ecg: ['hr'],
  pwr: ['power', 'cadence'],
  device: ['standstill', 'batteryLevel'],
} as const satisfies { [C in Channel]: readonly Exclude<keyof SampleColumns[C], 't'>[] };

/** In the order of their numbers in `telemetry.v1.Samples`, which are 1, 2, … */
export const channels = ['gnss', 'ecg', 'pwr', 'device'] as const satisfies readonly Channel[];

export function emptySampleColumns(): SampleColumns {
  return fromChannels(() => undefined);
}

/** Builds all four channels; one that is undefined is empty. */
export function fromChannels(columnsOf: (channel: Channel) => ColumnsOf | undefined): SampleColumns {
  const built: Record<string, ColumnsOf> = {};
  for (const channel of channels) {
    const given = columnsOf(channel);
    const columns: Record<string, Float64Array> & { t: Float64Array } = {
      t: given?.t ?? new Float64Array(0),
    };
    for (const field of channelFields[channel]) columns[field] = given?.[field] ?? new Float64Array(0);
    built[channel] = columns;
  }
  return built as unknown as SampleColumns;
}

/** One after the other, channel by channel; exact repeats stay. */
export function concatSampleColumns(parts: readonly SampleColumns[]): SampleColumns {
  return fromChannels((channel) => {
    const columns: Record<string, Float64Array> & { t: Float64Array } = { t: new Float64Array(0) };
    for (const field of ['t', ...channelFields[channel]]) {
      columns[field] = concat(parts.map((part) => columnsOf(part, channel)[field] ?? new Float64Array(0)));
    }
    return columns;
  });
}

export function columnsOf(samples: SampleColumns, channel: Channel): ColumnsOf {
  return samples[channel] as unknown as ColumnsOf;
}

function concat(columns: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(columns.reduce((length, column) => length + column.length, 0));
  let at = 0;
  for (const column of columns) {
    joined.set(column, at);
    at += column.length;
  }
  return joined;
}
