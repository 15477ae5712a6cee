/** Whole units per SI unit: what is summed is whole, so that the order of summation never shows. */
export const SPEED_PER_MPS = 10_000;
export const HR_PER_BPM = 100;
export const POWER_PER_WATT = 100;
export const ALTITUDE_PER_M = 1000;

/**
 * Travelled distance is summed as `(v[i] + v[i+1]) · dt` with v in 1e-4 m/s and dt in ms; this many make a metre:
 * 2 (mean of two speeds) · 10 000 (speed) · 1000 (time).
 */
export const TRAVELLED_PER_M = 20_000_000;

/** x in whole units, rounded half away from zero. */
export function whole(x: number, perUnit: number): number {
  const magnitude = Math.floor(Math.abs(x) * perUnit + 0.5);
  return x < 0 ? -magnitude : magnitude;
}

/** Quotient of two whole numbers, rounded half away from zero to a whole number; `count` > 0. */
export function wholeQuotient(sum: number, count: number): number {
  return sum < 0 ? -Math.floor(-sum / count + 0.5) : Math.floor(sum / count + 0.5);
}

/** The least whole n with `n / divisor >= bound`: turns a comparison of doubles into one of whole numbers. */
export function leastWhole(bound: number, divisor: number): number {
  let n = Math.ceil(bound * divisor);
  while ((n - 1) / divisor >= bound) n--;
  while (n / divisor < bound) n++;
  return n;
}
