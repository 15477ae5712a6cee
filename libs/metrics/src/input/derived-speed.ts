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
/** Below this the first terms of the series are the function to the last bit or two, at a fraction of the time. */
const SMALL_ANGLE = 1e-3;
const SIXTH = 1 / 6;
/** 1e-4 m/s per radian of half the central angle and ms. */
const SPEED_PER_HALF_ANGLE = 2 * EARTH_RADIUS_M * 1000 * SPEED_PER_MPS;

function sine(x: number): number {
  if (x > SMALL_ANGLE || x < -SMALL_ANGLE) return Math.sin(x);
  const xx = x * x;
  return x - x * xx * SIXTH * (1 - xx * 0.05);
}

function arcsine(x: number): number {
  if (x > SMALL_ANGLE) return Math.asin(x);
  const xx = x * x;
  return x + x * xx * SIXTH * (1 + xx * 0.45);
}

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
  // The bounds of all sports are whole in 1e-4 m/s.
  const maxRaw = Math.floor(maxSpeedMps * SPEED_PER_MPS + 0.5);
  let glitches = 0;
  for (let s = 0; s + 1 < segments.length; s++) {
    const [begin, end] = [segments[s]!, segments[s + 1]!];
    if (!lacksSpeed(speed, begin, end)) continue;
    rawSpeeds(series, begin, end, maxGapMs, raw);
    for (let i = begin; i < end; i++) {
      if (raw[i]! <= maxRaw) continue;
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

/**
 * Raw speeds of the positions of one segment: central differences, one-sided at the two ends of a run. Positions more
 * than `maxGapMs` apart are not neighbours; a run of fewer than three gives nothing.
 */
function rawSpeeds(series: GnssSeries, begin: number, end: number, maxGapMs: number, raw: Int32Array): void {
  const { t, latitude, longitude } = series;
  // The last two positions of the run, a before b, and how many it has.
  let [a, tA, phiA, lambdaA, cosA] = [0, 0, 0, 0, 0];
  let [b, tB, phiB, lambdaB, cosB] = [0, 0, 0, 0, 0];
  let count = 0;
  for (let i = begin; i < end; i++) {
    const lat = latitude[i]!;
    const lon = longitude[i]!;
    if (lat !== lat || lon !== lon) continue;
    const now = t[i]!;
    if (now - tB > maxGapMs && count > 0) {
      if (count >= LEAST_RUN) raw[b] = rawSpeed(phiB - phiA, lambdaB - lambdaA, cosA * cosB, tB - tA);
      count = 0;
    }
    const phi = lat * RADIANS;
    const lambda = lon * RADIANS;
    // By half the angle: there the sine needs no reduction of its argument, which is half of its cost.
    const half = Math.sin(phi * 0.5);
    const cos = 1 - 2 * half * half;
    if (count === 2) raw[a] = rawSpeed(phiB - phiA, lambdaB - lambdaA, cosA * cosB, tB - tA);
    if (count >= 2) raw[b] = rawSpeed(phi - phiA, lambda - lambdaA, cosA * cos, now - tA);
    a = b;
    tA = tB;
    phiA = phiB;
    lambdaA = lambdaB;
    cosA = cosB;
    b = i;
    tB = now;
    phiB = phi;
    lambdaB = lambda;
    cosB = cos;
    count++;
  }
  if (count >= LEAST_RUN) raw[b] = rawSpeed(phiB - phiA, lambdaB - lambdaA, cosA * cosB, tB - tA);
}

/** Speed in 1e-4 m/s over the haversine distance of two positions, given differences in radians and in ms. */
function rawSpeed(phi: number, lambda: number, cosines: number, ms: number): number {
  const sinPhi = sine(phi * 0.5);
  const sinLambda = sine(lambda * 0.5);
  const h = sinPhi * sinPhi + cosines * sinLambda * sinLambda;
  const halfAngle = arcsine(Math.min(1, Math.sqrt(h)));
  return Math.min(GREATEST_INT32, Math.floor((halfAngle * SPEED_PER_HALF_ANGLE) / ms + 0.5));
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
