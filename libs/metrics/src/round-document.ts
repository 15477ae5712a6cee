import type { MetricsDocument } from './document.ts';

const CONFIGURED = /^(threshold|range_|span$|athlete_max_hr$)/;

/** Rounds half away from zero, in doubles; -0 becomes 0. Whole numbers (timestamps too) stay as they are. */
export function roundTo(x: number, decimals: number): number {
  if (Number.isInteger(x)) return x === 0 ? 0 : x;
  const scale = 10 ** decimals;
  const magnitude = Math.floor(Math.abs(x) * scale + 0.5) / scale;
  return x < 0 && magnitude !== 0 ? -magnitude : magnitude;
}

function roundValue(value: unknown, decimals: number): unknown {
  if (typeof value === 'number') return roundTo(value, decimals);
  if (Array.isArray(value)) return value.map((entry) => roundValue(entry, decimals));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, roundEntry(key, entry, decimals)]),
  );
}

function roundEntry(key: string, value: unknown, decimals: number): unknown {
  if (CONFIGURED.test(key) && (typeof value === 'number' || Array.isArray(value))) return value;
  const fewer = key === 'accelerations' || key === 'decelerations' || key === 'duration';
  return roundValue(value, fewer ? 3 : decimals);
}

/**
 * The document as it is sent: durations and what lies inside accelerations and decelerations with 3 decimals, every
 * other computed number with 4; configured thresholds, ranges, spans and the maximum heart rate as they were set.
 */
export function roundDocument(document: MetricsDocument): MetricsDocument {
  return roundValue(document, 4) as MetricsDocument;
}
