import type { Columns } from '../columns.ts';
import type { Window } from '../compute-input.ts';
import { inTimeOrder, lowerBound } from './time-order.ts';

/** Every channel in time order, exact repeats once. */
export function ordered({ gnss, ecg, pwr }: Columns): Columns {
  const [t, speed, latitude, longitude, altitude] = inTimeOrder([
    gnss.t,
    gnss.speed,
    gnss.latitude,
    gnss.longitude,
    gnss.altitude,
  ]);
  const [ecgT, hr] = inTimeOrder([ecg.t, ecg.hr]);
  const [pwrT, power, cadence] = inTimeOrder([pwr.t, pwr.power, pwr.cadence]);
  return {
    gnss: { t: t!, latitude: latitude!, longitude: longitude!, speed: speed!, altitude: altitude! },
    ecg: { t: ecgT!, hr: hr! },
    pwr: { t: pwrT!, power: power!, cadence: cadence! },
  };
}

/** The samples with `startMs <= t < endMs` as views; the columns have to be in time order. */
export function cut({ gnss, ecg, pwr }: Columns, { startMs, endMs }: Window): Columns {
  const between = (t: Float64Array): ((column: Float64Array) => Float64Array) => {
    const from = lowerBound(t, startMs);
    const to = lowerBound(t, endMs, from);
    return (column) => column.subarray(from, to);
  };
  const [ofGnss, ofEcg, ofPwr] = [between(gnss.t), between(ecg.t), between(pwr.t)];
  return {
    gnss: {
      t: ofGnss(gnss.t),
      latitude: ofGnss(gnss.latitude),
      longitude: ofGnss(gnss.longitude),
      speed: ofGnss(gnss.speed),
      altitude: ofGnss(gnss.altitude),
    },
    ecg: { t: ofEcg(ecg.t), hr: ofEcg(ecg.hr) },
    pwr: { t: ofPwr(pwr.t), power: ofPwr(pwr.power), cadence: ofPwr(pwr.cadence) },
  };
}
