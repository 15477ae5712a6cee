/**
 * Samples of the three channels as columns. Columns of one channel have equal length; the order of samples is free.
 * `t` is whole milliseconds since the Unix epoch, UTC. NaN means that the field is missing.
 */
export interface Columns {
  readonly gnss: GnssColumns;
  readonly ecg: EcgColumns;
  readonly pwr: PwrColumns;
}

/** Positions and Doppler speed: degrees, m/s, m. */
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

export function emptyColumns(): Columns {
  const none = new Float64Array(0);
  return {
    gnss: { t: none, latitude: none, longitude: none, speed: none, altitude: none },
    ecg: { t: none, hr: none },
    pwr: { t: none, power: none, cadence: none },
  };
}

/** Thrown when the columns of a channel differ in length: the samples cannot be told apart. */
export class ColumnsError extends Error {
  override readonly name = 'ColumnsError';
}

function checkLengths(
  channel: string,
  t: Float64Array,
  fields: Readonly<Record<string, Float64Array>>,
): void {
  for (const [name, column] of Object.entries(fields)) {
    if (column.length === t.length) continue;
    throw new ColumnsError(
      `${channel}.${name} has ${column.length} values, but ${channel}.t has ${t.length}: columns need equal lengths`,
    );
  }
}

/** @throws ColumnsError naming the channel, the column and both lengths. */
export function checkColumns({ gnss, ecg, pwr }: Columns): void {
  const { t, latitude, longitude, speed, altitude } = gnss;
  const n = t.length;
  if (latitude.length !== n || longitude.length !== n || speed.length !== n || altitude.length !== n) {
    checkLengths('gnss', t, { latitude, longitude, speed, altitude });
  }
  if (ecg.hr.length !== ecg.t.length) checkLengths('ecg', ecg.t, { hr: ecg.hr });
  if (pwr.power.length !== pwr.t.length || pwr.cadence.length !== pwr.t.length) {
    checkLengths('pwr', pwr.t, { power: pwr.power, cadence: pwr.cadence });
  }
}
