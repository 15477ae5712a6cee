import { SPEED_PER_MPS, wholeQuotient } from '../whole.ts';
import { type GnssSeries, NO_SPEED } from './gnss.ts';

/** Mean radius of the Earth in metres (IUGG R1), the sphere of the haversine distance. */
const EARTH_RADIUS_M = 6_371_008.8;
const RADIANS = Math.PI / 180;
const SMOOTHING_MS = 500;
const LEAST_RUN = 3;
/** Marks a sample without a raw speed: no position, too short a run, or a glitch. */
const NONE = -1;
const GREATEST_INT32 = 2_147_483_647;

export interface DerivedSpeed {
  /** 1e-4 m/s for every sample: Doppler where sent, else derived. */
  readonly v: Int32Array;
  /** Glitches in `[from, to)`: raw speeds above what is plausible, of samples without a Doppler speed. */
  readonly glitches: number;
}

/**
 * Speed of every sample: its Doppler speed, or where none was sent the central difference of the positions of its
 * segment (haversine), glitches left out, averaged over ±500 ms. Metrics definition, section 2.
 */
export function deriveSpeed(
  series: GnssSeries,
  segments: Int32Array,
  maxGapMs: number,
  maxSpeedMps: number,
  [from, to]: readonly [from: number, to: number],
): DerivedSpeed {
  const { speed } = series;
  if (speed.indexOf(NO_SPEED) < 0) return { v: speed, glitches: 0 };
  const v = Int32Array.from(speed);
  const raw = new Int32Array(speed.length).fill(NONE);
  let glitches = 0;
  for (let s = 0; s + 1 < segments.length; s++) {
    const [begin, end] = [segments[s]!, segments[s + 1]!];
    if (!lacksSpeed(speed, begin, end)) continue;
    rawSpeeds(series, begin, end, maxGapMs, raw);
    for (let i = begin; i < end; i++) {
      if (raw[i]! / SPEED_PER_MPS <= maxSpeedMps) continue;
      raw[i] = NONE;
      if (speed[i] === NO_SPEED && i >= from && i < to) glitches++;
    }
    smooth(series.t, raw, begin, end, v);
  }
  return { v, glitches };
}

function lacksSpeed(speed: Int32Array, begin: number, end: number): boolean {
  for (let i = begin; i < end; i++) if (speed[i] === NO_SPEED) return true;
  return false;
}

/** Raw speeds of the positions of one segment; positions more than `maxGapMs` apart are not neighbours. */
function rawSpeeds(series: GnssSeries, begin: number, end: number, maxGapMs: number, raw: Int32Array): void {
  const { t, latitude, longitude } = series;
  const size = end - begin;
  const index = new Int32Array(size);
  const phi = new Float64Array(size);
  const lambda = new Float64Array(size);
  const cosPhi = new Float64Array(size);
  let runBegin = 0;
  let count = 0;
  for (let i = begin; i < end; i++) {
    const lat = latitude[i]!;
    const lon = longitude[i]!;
    if (lat !== lat || lon !== lon) continue;
    if (count > runBegin && t[i]! - t[index[count - 1]!]! > maxGapMs) {
      rawRun(runBegin, count);
      runBegin = count;
    }
    index[count] = i;
    phi[count] = lat * RADIANS;
    lambda[count] = lon * RADIANS;
    cosPhi[count] = Math.cos(phi[count]!);
    count++;
  }
  rawRun(runBegin, count);

  function rawRun(first: number, last: number): void {
    if (last - first < LEAST_RUN) return;
    for (let j = first; j < last; j++) {
      const p = j > first ? j - 1 : j;
      const q = j < last - 1 ? j + 1 : j;
      const sinPhi = Math.sin((phi[q]! - phi[p]!) / 2);
      const sinLambda = Math.sin((lambda[q]! - lambda[p]!) / 2);
      const h = sinPhi * sinPhi + cosPhi[p]! * cosPhi[q]! * sinLambda * sinLambda;
      const distanceM = 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
      const seconds = (t[index[q]!]! - t[index[p]!]!) / 1000;
      raw[index[j]!] = Math.min(GREATEST_INT32, Math.floor((distanceM / seconds) * SPEED_PER_MPS + 0.5));
    }
  }
}

/** Gives every sample of a segment that has no speed the mean of the raw speeds within ±500 ms, 0 when there is none. */
function smooth(t: Float64Array, raw: Int32Array, begin: number, end: number, v: Int32Array): void {
  let low = begin;
  let high = begin;
  let sum = 0;
  let count = 0;
  for (let i = begin; i < end; i++) {
    const now = t[i]!;
    for (; high < end && t[high]! <= now + SMOOTHING_MS; high++) {
      if (raw[high] === NONE) continue;
      sum += raw[high]!;
      count++;
    }
    for (; t[low]! < now - SMOOTHING_MS; low++) {
      if (raw[low] === NONE) continue;
      sum -= raw[low]!;
      count--;
    }
    if (v[i] === NO_SPEED) v[i] = count === 0 ? 0 : wholeQuotient(sum, count);
  }
}
