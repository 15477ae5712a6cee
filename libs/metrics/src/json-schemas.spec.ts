import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { checkParams, JSON_SCHEMAS, type SportParams, SPORTS } from './index.ts';
import { PARAMETER_NAMES } from './parameters.ts';
import { SPORT_PROFILES } from './sports.ts';

const ajv = new Ajv2020({ strict: true, allErrors: true });
const validators = JSON_SCHEMAS.map((entry) => ({ ...entry, validate: ajv.compile(entry.schema) }));

const accepted: Record<string, unknown>[] = [
  {},
  { splitName: 'first half', anything: { nested: true } },
  { max_hr: 0 },
  { max_hr: 60 },
  { max_hr: 260 },
  { speed_ranges: [0] },
  { speed_ranges: Array.from({ length: 20 }, (_, i) => i) },
  { hid_thresholds: [0.1, 100] },
  { sprint_thresholds: [1, 2, 3, 4, 5] },
  { acceleration_thresholds: [0.5] },
  { hr_zones: [50, 100] },
  { intensity_span: 1 },
  { intensity_span: 86_400 },
  { sprint_min_duration: 0, hid_min_duration: 60, acceleration_min_duration: 1.5 },
  { acceleration_onset: 0.1 },
  { max_gap: 60 },
];

const refused: Record<string, unknown>[] = [
  { max_hr: 59 },
  { max_hr: 261 },
  { max_hr: '189' },
  { max_hr: null },
  { speed_ranges: [] },
  { speed_ranges: Array.from({ length: 21 }, (_, i) => i) },
  { speed_ranges: [0, 101] },
  { speed_ranges: 5 },
  { hid_thresholds: [] },
  { hid_thresholds: [0] },
  { hid_thresholds: [1, 2, 3, 4, 5, 6] },
  { sprint_thresholds: ['fast'] },
  { acceleration_thresholds: [-2] },
  { deceleration_thresholds: [0] },
  { hr_zones: [50] },
  { hr_zones: [-1, 50] },
  { intensity_span: 0 },
  { intensity_span: 1.5 },
  { intensity_span: 86_401 },
  { sprint_min_duration: -1 },
  { hid_min_duration: 61 },
  { acceleration_min_duration: '1' },
  { acceleration_onset: 0 },
  { acceleration_onset: 5.1 },
  { max_gap: 0 },
  { max_gap: 61 },
];

describe.each(validators)('the JSON schema $name', ({ type, sport, schema, parent, validate }) => {
  const base = type === 'ACTIVITY' ? { sport } : {};

  it.each(accepted)('accepts %j', (params) => {
    expect(validate({ ...base, ...params }), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each(refused)('refuses %j', (params) => {
    expect(validate({ ...base, ...params })).toBe(false);
  });

  it('gives every parameter the default of its sport, a description, and accepts all defaults together', () => {
    const properties = schema['properties'] as Record<
      keyof SportParams,
      { default: unknown; description: string }
    >;
    const defaults = Object.fromEntries(PARAMETER_NAMES.map((name) => [name, properties[name].default]));
    expect(defaults).toEqual(SPORT_PROFILES[sport].defaults);
    for (const name of PARAMETER_NAMES) expect(properties[name].description).toMatch(/\.$/);
    expect(validate({ ...base, ...defaults })).toBe(true);
    expect(checkParams(sport, defaults)).toEqual([]);
  });

  it('has the ACTIVITY schema of its sport as parent, or none', () => {
    const activity = JSON_SCHEMAS.find((entry) => entry.type === 'ACTIVITY' && entry.sport === sport);
    expect(parent).toBe(type === 'ACTIVITY' ? null : activity?.id);
  });
});

describe('the JSON schemas of activities', () => {
  it.each(validators.filter(({ type }) => type === 'ACTIVITY'))(
    'fix the sport of $name',
    ({ sport, validate }) => {
      for (const other of SPORTS) expect(validate({ sport: other })).toBe(other === sport);
      expect(validate({})).toBe(false);
      expect(validate({ sport, gpx: '<gpx/>' })).toBe(true);
      expect(validate({ sport, gpx: 7 })).toBe(false);
    },
  );

  it('are twelve with the ids 1 to 12 and the names of their sports', () => {
    expect(JSON_SCHEMAS.map(({ id, name }) => `${id} ${name}`)).toEqual([
      '1 activity_soccer',
      '2 activity_biking',
      '3 activity_running',
      '4 activity_swimming',
      '5 activity_trailrunning',
      '6 activity_triathlon',
      '7 timeframe_biking',
      '8 timeframe_running',
      '9 timeframe_swimming',
      '10 timeframe_trailrunning',
      '11 timeframe_triathlon',
      '12 timeframe_soccer',
    ]);
  });
});

describe('checkParams', () => {
  it('names the entry that does not ascend', () => {
    expect(checkParams('soccer', { hid_thresholds: [4, 5, 5], hr_zones: [0, 90, 80] })).toEqual([
      { path: '/hid_thresholds/2', message: 'must be greater than the entry before it: 5 follows 5' },
      { path: '/hr_zones/2', message: 'must be greater than the entry before it: 80 follows 90' },
    ]);
  });

  it('wants speed ranges to start at 0 and lets heart rate zones start above', () => {
    expect(checkParams('soccer', { speed_ranges: [1, 2], hr_zones: [50, 90] })).toEqual([
      { path: '/speed_ranges/0', message: 'must be 0: speed ranges start at standing, got 1' },
    ]);
  });

  it('leaves what is no list of numbers to the schema', () => {
    expect(checkParams('soccer', { speed_ranges: 5, hid_thresholds: ['a', null] })).toEqual([]);
  });
});
