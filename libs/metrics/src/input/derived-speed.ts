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
/** Half an angle whose square is below this is what the first terms of its series say, at a fraction of the time. */
const SMALL_SQUARE = 1e-6;
const THIRD = 1 / 3;
const TWO_FIFTEENTHS = 2 / 15;
const SIXTH = 1 / 6;
const TWENTY_FOURTH = 1 / 24;
/** Width of a cell of latitudes in radians: 2^-10, some 6 km. */
const CELL = 1 / 1024;
/** 1e-4 m/s per radian of half the central angle and ms. */
const SPEED_PER_HALF_ANGLE = 2 * EARTH_RADIUS_M * 1000 * SPEED_PER_MPS;

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
    glitches += leaveGlitchesOut(raw, speed, maxRaw, [begin, end], [from, to]);
    smooth(series.t, raw, begin, end, v);
  }
  return { v, glitches };
}

/** Takes raw speeds above `maxRaw` away; gives how many in `[from, to)` had no Doppler speed either. */
function leaveGlitchesOut(
  raw: Int32Array,
  speed: Int32Array,
  maxRaw: number,
  [begin, end]: readonly [begin: number, end: number],
  [from, to]: readonly [from: number, to: number],
): number {
  let glitches = 0;
  for (let i = begin; i < end; i++) {
    if (raw[i]! <= maxRaw) continue;
    raw[i] = NONE;
    if (speed[i] === NO_SPEED && i >= from && i < to) glitches++;
  }
  return glitches;
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
  // The cosine of a latitude comes from that of the cell of latitudes it lies in: calls cost more than all the rest.
  // The cell depends on the latitude alone, so the same position always gives the same bits.
  let [cell, cosCell, sinCell] = [Number.NaN, 0, 0];
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
    if (!(phi >= cell && phi < cell + CELL)) {
      cell = Math.floor(phi / CELL) * CELL;
      cosCell = Math.cos(cell);
      sinCell = Math.sin(cell);
    }
    const within = phi - cell;
    const ww = within * within;
    const cos = cosCell * (1 - ww * 0.5 + ww * ww * TWENTY_FOURTH) - sinCell * within * (1 - ww * SIXTH);
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
  const aa = phi * phi * 0.25;
  const bb = lambda * lambda * 0.25;
  let halfAngle: number;
  if (aa < SMALL_SQUARE && bb < SMALL_SQUARE) {
    const h = squaredSine(aa) + cosines * squaredSine(bb);
    halfAngle = Math.sqrt(h) * (1 + h * SIXTH * (1 + h * 0.45));
  } else halfAngle = farHalfAngle(phi, lambda, cosines);
  const speed = (halfAngle * SPEED_PER_HALF_ANGLE) / ms + 0.5;
  // Truncation is floor here, and what does not fit is far from plausible.
  return speed < GREATEST_INT32 ? speed | 0 : GREATEST_INT32;
}

/** sin² of a small angle, given its square. */
function squaredSine(xx: number): number {
  return xx * (1 - xx * THIRD * (1 - xx * TWO_FIFTEENTHS));
}

function farHalfAngle(phi: number, lambda: number, cosines: number): number {
  const [sinPhi, sinLambda] = [Math.sin(phi / 2), Math.sin(lambda / 2)];
  return Math.asin(Math.min(1, Math.sqrt(sinPhi * sinPhi + cosines * sinLambda * sinLambda)));
}

/** Gives every sample of a segment that has no speed the mean of the raw speeds within ±500 ms, 0 when there is none. */
function smooth(t: Float64Array, raw: Int32Array, begin: number, end: number, v: Int32Array): void {
  let low = begin;
  let high = begin;
  let tLow = t[begin]!;
  let tHigh = tLow;
  let sum = 0;
  let count = 0;
  for (let i = begin; i < end; i++) {
    const now = t[i]!;
    while (tHigh <= now + SMOOTHING_MS) {
      const u = raw[high]!;
      if (u >= 0) {
        sum += u;
        count++;
      }
      tHigh = ++high < end ? t[high]! : Number.POSITIVE_INFINITY;
    }
    while (tLow < now - SMOOTHING_MS) {
      const u = raw[low]!;
      if (u >= 0) {
        sum -= u;
        count--;
      }
      tLow = t[++low]!;
    }
    if (v[i] === NO_SPEED) v[i] = count === 0 ? 0 : wholeQuotient(sum, count);
  }
}
