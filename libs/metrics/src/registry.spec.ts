import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeRecording, MATCH } from './fixtures/recording.ts';
import { compute, METRICS, metricsTable, roundDocument, type Sport, SPORTS } from './index.ts';

const shape = { ...MATCH, durationS: 900, paceChangeS: 1, lost: 0.001 };

function documentOf(sport: Sport) {
  const window = { startMs: shape.startMs, endMs: shape.startMs + 900_000 };
  const low = {
    hid_thresholds: [1],
    sprint_thresholds: [2],
    acceleration_thresholds: [0.6],
    deceleration_thresholds: [0.6],
  };
  const params = { max_hr: 189.123456, ...low };
  return compute({ sport, window, params, birthDate: null, columns: makeRecording(shape) });
}

/** Every number (and null) of a document with its path as the registry writes it. */
function leaves(value: unknown, path = ''): [path: string, value: number | null][] {
  if (value === null || typeof value === 'number') return [[path, value]];
  if (Array.isArray(value)) return value.flatMap((entry) => leaves(entry, `${path}[]`));
  return Object.entries(value as object).flatMap(([key, entry]) => {
    const name = /^threshold_\d+$/.test(key) ? 'threshold_n' : key;
    return leaves(entry, path === '' ? name : `${path}.${name}`);
  });
}

describe('the registry', () => {
  it.each(SPORTS)('lists exactly what the document of %s has', (sport) => {
    const present = new Set(leaves(documentOf(sport)).map(([path]) => path));
    const listed = METRICS.filter(({ sports }) => sports.includes(sport)).map(({ key }) => key);
    expect([...present].sort()).toEqual([...listed].sort());
  });

  it('says how every value is rounded', () => {
    const exact = leaves(documentOf('triathlon'));
    const rounded = leaves(roundDocument(documentOf('triathlon')));
    const wrong = rounded.filter(([path, value], i) => {
      const { decimals } = METRICS.find(({ key }) => key === path)!;
      const before = exact[i]![1];
      if (value === null || before === null) return value !== before;
      if (decimals === null || decimals === 0) return value !== before;
      return (
        Math.abs(value - before) > 0.5000001 * 10 ** -decimals || value !== Number(value.toFixed(decimals))
      );
    });
    expect(wrong).toEqual([]);
  });

  it('is what the README shows', () => {
    expect(readFileSync(new URL('../README.md', import.meta.url), 'utf8')).toContain(metricsTable());
  });
});
