import type { Extensions } from '../document.ts';

/**
 * Seconds per km (per 100 m for swimming) at the average speed in m/s; null when that is 0.
 * Metrics definition, section 5, pace.
 */
export function pace(averageSpeed: number, distanceM: number): NonNullable<Extensions['pace']> {
  return { average: averageSpeed === 0 ? null : distanceM / averageSpeed };
}
