import { type EcgColumns, type GnssColumns, type PwrColumns } from '../columns.ts';
import { type Window } from '../compute-input.ts';
import { inTimeOrder, lowerBound } from './time-order.ts';

/** Columns, t first, in time order, exact repeats once, cut to the window. */
function inWindow(columns: readonly Float64Array[], { startMs, endMs }: Window): readonly Float64Array[] {
  const ordered = inTimeOrder(columns);
  const from = lowerBound(ordered[0]!, startMs);
  const to = lowerBound(ordered[0]!, endMs, from);
  return ordered.map((column) => column.subarray(from, to));
}

export function gnssInWindow(gnss: GnssColumns, window: Window): GnssColumns {
  const fields = [gnss.t, gnss.speed, gnss.latitude, gnss.longitude, gnss.altitude];
  const [t, speed, latitude, longitude, altitude] = inWindow(fields, window);
  return { t: t!, latitude: latitude!, longitude: longitude!, speed: speed!, altitude: altitude! };
}

export function ecgInWindow(ecg: EcgColumns, window: Window): EcgColumns {
  const [t, hr] = inWindow([ecg.t, ecg.hr], window);
  return { t: t!, hr: hr! };
}

export function pwrInWindow(pwr: PwrColumns, window: Window): PwrColumns {
  const [t, power, cadence] = inWindow([pwr.t, pwr.power, pwr.cadence], window);
  return { t: t!, power: power!, cadence: cadence! };
}
