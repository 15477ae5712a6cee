import type { GnssColumns } from '../columns.ts';
import { ALTITUDE_PER_M, SPEED_PER_MPS } from '../whole.ts';
import { compareValues } from './time-order.ts';

/** No Doppler speed. */
export const NO_SPEED = -1;
/** No altitude. */
export const NO_ALTITUDE = -2_147_483_648;

/** Plausible gnss samples in time order, one for each t. Whole units; a position is present when both coordinates are. */
export interface GnssSeries {
  readonly t: Float64Array;
  readonly latitude: Float64Array;
  readonly longitude: Float64Array;
  /** 1e-4 m/s, {@link NO_SPEED} when missing. */
  readonly speed: Int32Array;
  /** mm, {@link NO_ALTITUDE} when missing. */
  readonly altitude: Int32Array;
}

/** What was left out of a channel, as counted in `extensions.quality`. */
export interface LeftOut {
  readonly implausible: number;
  readonly duplicates: number;
}

const hasAltitude = (altitude: number): boolean => altitude >= -500 && altitude <= 10_000;

function wholeAltitude(altitude: number): number {
  if (altitude !== altitude || !hasAltitude(altitude)) return NO_ALTITUDE;
  // Truncation is floor here: both are positive and below 2^31.
  return altitude < 0 ? -((-altitude * ALTITUDE_PER_M + 0.5) | 0) : (altitude * ALTITUDE_PER_M + 0.5) | 0;
}

/**
 * Whole speeds and altitudes of samples that are all plausible and of different times, as most recordings are: their
 * columns are shared, not copied. null as soon as something has to be left out.
 */
function takeAll(columns: GnssColumns, maxSpeedMps: number): GnssSeries | null {
  const { t, latitude, longitude, speed, altitude } = columns;
  const n = t.length;
  const wholeSpeed = new Int32Array(n);
  const wholeAltitudes = new Int32Array(n);
  let before = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    const lat = Math.abs(latitude[i]!);
    const lon = Math.abs(longitude[i]!);
    const hasPosition = lat <= 90 && lon <= 180;
    const v = speed[i]!;
    const now = t[i]!;
    if (now === before || (!hasPosition && (lat > 90 || lon > 180))) return null;
    before = now;
    if (v >= 0 && v <= maxSpeedMps) wholeSpeed[i] = (v * SPEED_PER_MPS + 0.5) | 0;
    else if (v !== v && hasPosition) wholeSpeed[i] = NO_SPEED;
    else return null;
  }
  for (let i = 0; i < n; i++) wholeAltitudes[i] = wholeAltitude(altitude[i]!);
  return { t, latitude, longitude, speed: wholeSpeed, altitude: wholeAltitudes };
}

/**
 * Drops implausible samples and, of several with the same t, all but the one that counts (metrics definition,
 * section 1: the fullest, then the greatest by speed, latitude, longitude, altitude).
 * @param columns in time order and without exact repeats
 * @param counted only what is left out of the samples `[from, to)` is counted; all when not given
 */
export function plausibleGnss(
  columns: GnssColumns,
  maxSpeedMps: number,
  counted: readonly [from: number, to: number] = [0, columns.t.length],
): { series: GnssSeries } & LeftOut {
  const all = takeAll(columns, maxSpeedMps);
  if (all) return { series: all, implausible: 0, duplicates: 0 };
  const { t, latitude, longitude, speed, altitude } = columns;
  const [countFrom, countTo] = counted;
  const kept = new Int32Array(t.length);
  let count = 0;
  let implausible = 0;
  let duplicates = 0;
  for (let i = 0; i < t.length; i++) {
    const counts = i >= countFrom && i < countTo;
    if (!isPlausible(latitude[i]!, longitude[i]!, speed[i]!, maxSpeedMps)) {
      if (counts) implausible++;
    } else if (count > 0 && t[i] === t[kept[count - 1]!]) {
      if (counts) duplicates++;
      if (compareSamples(columns, i, kept[count - 1]!) > 0) kept[count - 1] = i;
    } else kept[count++] = i;
  }
  const pick = (column: Float64Array): Float64Array =>
    Float64Array.from(kept.subarray(0, count), (i) => column[i]!);
  const series = {
    t: pick(t),
    latitude: pick(latitude),
    longitude: pick(longitude),
    speed: Int32Array.from(pick(speed), (v) =>
      Number.isNaN(v) ? NO_SPEED : Math.floor(v * SPEED_PER_MPS + 0.5),
    ),
    altitude: Int32Array.from(pick(altitude), wholeAltitude),
  };
  return { series, implausible, duplicates };
}

function isPlausible(latitude: number, longitude: number, speed: number, maxSpeedMps: number): boolean {
  if (latitude > 90 || latitude < -90 || longitude > 180 || longitude < -180) return false;
  if (Number.isNaN(speed)) return !Number.isNaN(latitude) && !Number.isNaN(longitude);
  return speed >= 0 && speed <= maxSpeedMps;
}

/** Which of two plausible samples of one t counts: positive when a does. */
function compareSamples(columns: GnssColumns, a: number, b: number): number {
  const fields = (i: number): number[] => {
    const altitude = columns.altitude[i]!;
    return [
      columns.speed[i]!,
      columns.latitude[i]!,
      columns.longitude[i]!,
      hasAltitude(altitude) ? altitude : Number.NaN,
    ];
  };
  const [ofA, ofB] = [fields(a), fields(b)];
  const present = (values: number[]): number => values.filter((value) => !Number.isNaN(value)).length;
  const byPresence = present(ofA) - present(ofB);
  if (byPresence !== 0) return byPresence;
  for (let f = 0; f < ofA.length; f++) {
    const byValue = compareValues(ofA[f]!, ofB[f]!);
    if (byValue !== 0) return byValue;
  }
  return 0;
}
