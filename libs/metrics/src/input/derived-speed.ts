import { SPEED_PER_MPS, wholeQuotient } from '../whole.ts';
import { type GnssSeries, NO_SPEED } from './gnss.ts';

/** Mean radius of the Earth in metres (IUGG R1), the sphere of the haversine distance. */
const EARTH_RADIUS_M = 6_371_008.8;
const RADIANS = Math.PI / 180;
const SMOOTHING_MS = 500;
const LEAST_RUN = 3;
/** Positions that are worked on at a time. */
const STRIP = 2048;
/** Marks a sample without a raw speed: no position, too short a run, or a glitch. */
const NONE = -1;
const GREATEST_INT32 = 2_147_483_647;
/**
 * Half an angle whose square is below this (some 1.2 km between positions) is, to the last bit, what the first two terms
 * of its series say, at a fraction of the time.
 */
const SMALL_SQUARE = 1e-8;
const THIRD = 1 / 3;
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
  const v = speed.slice();
  const raw = new Int32Array(speed.length).fill(NONE);
  // The bounds of all sports are whole in 1e-4 m/s.
  const maxRaw = Math.floor(maxSpeedMps * SPEED_PER_MPS + 0.5);
  let glitches = 0;
  for (let s = 0; s + 1 < segments.length; s++) {
    const [begin, end] = [segments[s]!, segments[s + 1]!];
    if (!lacksSpeed(speed, begin, end)) continue;
    rawSpeeds(series, begin, end, maxGapMs, raw);
    glitches += smooth(series, raw, { begin, end, from, to }, maxRaw, v);
  }
  return { v, glitches };
}

function lacksSpeed(speed: Int32Array, begin: number, end: number): boolean {
  for (let i = begin; i < end; i++) if (speed[i] === NO_SPEED) return true;
  return false;
}

/** Neighbouring positions: index of the sample, time, and what distances need of them. */
class Positions {
  count = 0;
  readonly index: Int32Array;
  readonly t: Float64Array;
  /** rad */
  readonly latitude: Float64Array;
  /** rad */
  readonly longitude: Float64Array;
  readonly cosLatitude: Float64Array;

  constructor(size: number) {
    this.index = new Int32Array(size);
    this.t = new Float64Array(size);
    this.latitude = new Float64Array(size);
    this.longitude = new Float64Array(size);
    this.cosLatitude = new Float64Array(size);
  }

  /** Takes positions of `[begin, end)` up to a gap or until full; gives the index of the first sample not looked at. */
  take({ t, latitude, longitude }: GnssSeries, begin: number, end: number, maxGapMs: number): number {
    const { index, t: tOf, latitude: phiOf, longitude: lambdaOf, cosLatitude: cosOf } = this;
    const room = index.length;
    // The cosine of a latitude comes from that of the cell of latitudes it lies in: calls cost more than all the rest.
    // The cell depends on the latitude alone, so the same position always gives the same bits.
    let cell = Number.NaN;
    let cosCell = 0;
    let sinCell = 0;
    let count = this.count;
    let before = count > 0 ? tOf[count - 1]! : Number.POSITIVE_INFINITY;
    let i = begin;
    for (; i < end && count < room; i++) {
      const lat = latitude[i]!;
      const lon = longitude[i]!;
      if (lat !== lat || lon !== lon) continue;
      const now = t[i]!;
      if (now - before > maxGapMs) break;
      before = now;
      const phi = lat * RADIANS;
      if (!(phi >= cell && phi < cell + CELL)) {
        cell = Math.floor(phi / CELL) * CELL;
        cosCell = Math.cos(cell);
        sinCell = Math.sin(cell);
      }
      const within = phi - cell;
      const ww = within * within;
      index[count] = i;
      tOf[count] = now;
      phiOf[count] = phi;
      lambdaOf[count] = lon * RADIANS;
      cosOf[count++] =
        cosCell * (1 - ww * 0.5 + ww * ww * TWENTY_FOURTH) - sinCell * within * (1 - ww * SIXTH);
    }
    this.count = count;
    return i;
  }

  /** Moves the last two to the front and drops the others. */
  keepLastTwo(): void {
    for (const column of [this.index, this.t, this.latitude, this.longitude, this.cosLatitude]) {
      column.copyWithin(0, this.count - 2, this.count);
    }
    this.count = 2;
  }
}

/**
 * Raw speeds of the positions of one segment. Positions more than `maxGapMs` apart are not neighbours: each run of them
 * is taken by itself, a long one in strips that stay in the cache.
 */
function rawSpeeds(series: GnssSeries, begin: number, end: number, maxGapMs: number, raw: Int32Array): void {
  const positions = new Positions(Math.min(end - begin, STRIP));
  let isContinued = false;
  for (let i = begin; i < end;) {
    i = positions.take(series, i, end, maxGapMs);
    const ends = i === end || positions.count < STRIP;
    rawSpeedsOfRun(positions, isContinued, ends, raw);
    isContinued = !ends;
    if (ends) positions.count = 0;
    else positions.keepLastTwo();
  }
}

/**
 * Central differences of some positions, one-sided at the ends of the run; a run of fewer than three gives
 * nothing. A continued run has its first position done; one that does not end here leaves its last to what follows.
 */
function rawSpeedsOfRun(
  { count, index, t, latitude, longitude, cosLatitude }: Positions,
  isContinued: boolean,
  ends: boolean,
  raw: Int32Array,
): void {
  if (count < LEAST_RUN && !isContinued) return;
  const between = (p: number, q: number): number =>
    rawSpeed(
      latitude[q]! - latitude[p]!,
      longitude[q]! - longitude[p]!,
      cosLatitude[p]! * cosLatitude[q]!,
      t[q]! - t[p]!,
    );
  if (!isContinued) raw[index[0]!] = between(0, 1);
  for (let j = 1; j < count - 1; j++) raw[index[j]!] = between(j - 1, j + 1);
  if (ends) raw[index[count - 1]!] = between(count - 2, count - 1);
}

/** Speed in 1e-4 m/s over the haversine distance of two positions, given differences in radians and in ms. */
function rawSpeed(phi: number, lambda: number, cosines: number, ms: number): number {
  const aa = phi * phi * 0.25;
  const bb = lambda * lambda * 0.25;
  let halfAngle: number;
  if (aa < SMALL_SQUARE && bb < SMALL_SQUARE) {
    // sin² of a small angle whose square is xx is xx - xx² / 3.
    const h = aa - aa * aa * THIRD + cosines * (bb - bb * bb * THIRD);
    halfAngle = Math.sqrt(h) * (1 + h * SIXTH);
  } else halfAngle = farHalfAngle(phi, lambda, cosines);
  const speed = (halfAngle * SPEED_PER_HALF_ANGLE) / ms + 0.5;
  // Truncation is floor here, and what does not fit is far from plausible.
  return speed < GREATEST_INT32 ? speed | 0 : GREATEST_INT32;
}

function farHalfAngle(phi: number, lambda: number, cosines: number): number {
  const [sinPhi, sinLambda] = [Math.sin(phi / 2), Math.sin(lambda / 2)];
  return Math.asin(Math.min(1, Math.sqrt(sinPhi * sinPhi + cosines * sinLambda * sinLambda)));
}

/**
 * Gives every sample of a segment that has no speed the mean of the raw speeds within ±500 ms, 0 when there is none.
 * Raw speeds above `maxRaw` are glitches and taken away; gives how many in `[from, to)` had no Doppler speed either.
 */
function smooth(
  { t, speed }: GnssSeries,
  raw: Int32Array,
  { begin, end, from, to }: { begin: number; end: number; from: number; to: number },
  maxRaw: number,
  v: Int32Array,
): number {
  let low = begin;
  let high = begin;
  let tLow = t[begin]!;
  let tHigh = tLow;
  let sum = 0;
  let count = 0;
  let glitches = 0;
  for (let i = begin; i < end; i++) {
    const now = t[i]!;
    while (tHigh <= now + SMOOTHING_MS) {
      const u = raw[high]!;
      if (u > maxRaw) {
        raw[high] = NONE;
        if (speed[high] === NO_SPEED && high >= from && high < to) glitches++;
      } else if (u >= 0) {
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
  return glitches;
}
