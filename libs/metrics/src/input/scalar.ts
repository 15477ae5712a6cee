import type { EcgColumns, PwrColumns } from '../columns.ts';
import { HR_PER_BPM, POWER_PER_WATT } from '../whole.ts';
import type { LeftOut } from './gnss.ts';
import { compareValues } from './time-order.ts';

const HR_BPM = [25, 250] as const;
const POWER_W = [0, 3000] as const;

/** Plausible values of a channel with one value of interest (heart rate, power), in time order, one for each t. */
export interface ScalarSeries {
  readonly t: Float64Array;
  /** 0.01 bpm or 0.01 W. */
  readonly value: Int32Array;
}

/**
 * Drops samples whose value is missing or outside `[min, max]` and, of several with the same t, all but the one that
 * counts: with the second field, when there is one, then the greatest by value and second field.
 * @param t in order; samples equal in every field appear once
 * @param counted only what is left out of the samples `[from, to)` is counted
 */
function plausibleScalars(
  t: Float64Array,
  value: Float64Array,
  second: Float64Array | null,
  [min, max]: readonly [min: number, max: number],
  perUnit: number,
  [countFrom, countTo]: readonly [from: number, to: number],
): { series: ScalarSeries } & LeftOut {
  const n = t.length;
  const times = new Float64Array(n);
  const wholes = new Int32Array(n);
  let last = -1;
  let count = 0;
  let implausible = 0;
  let duplicates = 0;
  for (let i = 0; i < n; i++) {
    const x = value[i]!;
    if (!(x >= min && x <= max)) {
      if (i >= countFrom && i < countTo) implausible++;
      continue;
    }
    if (count > 0 && times[count - 1] === t[i]) {
      if (i >= countFrom && i < countTo) duplicates++;
      if (!counts(i, last)) continue;
      count--;
    }
    last = i;
    times[count] = t[i]!;
    wholes[count++] = Math.floor(x * perUnit + 0.5);
  }
  const series = { t: times.subarray(0, count), value: wholes.subarray(0, count) };
  return { series, implausible, duplicates };

  function counts(i: number, than: number): boolean {
    const [here, there] = [second?.[i] ?? Number.NaN, second?.[than] ?? Number.NaN];
    if (Number.isNaN(here) !== Number.isNaN(there)) return Number.isNaN(there);
    return (compareValues(value[i]!, value[than]!) || compareValues(here, there)) > 0;
  }
}

/** Plausible heart rates, in 0.01 bpm, of columns in time order without exact repeats. */
export function plausibleEcg(
  { t, hr }: EcgColumns,
  counted: readonly [from: number, to: number] = [0, t.length],
): { series: ScalarSeries } & LeftOut {
  return plausibleScalars(t, hr, null, HR_BPM, HR_PER_BPM, counted);
}

/** Plausible powers, in 0.01 W, of columns in time order without exact repeats. */
export function plausiblePwr(
  { t, power, cadence }: PwrColumns,
  counted: readonly [from: number, to: number] = [0, t.length],
): { series: ScalarSeries } & LeftOut {
  return plausibleScalars(t, power, cadence, POWER_W, POWER_PER_WATT, counted);
}
