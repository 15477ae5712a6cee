import { JSON_SCHEMAS } from '@touchline/metrics';
import { describe, expect, it } from 'vitest';
import { faultsOf, jsonSchemaOf, timeFrameSchemaBelow } from './parameter-schemas.ts';

const schema = (id: number) => {
  const found = jsonSchemaOf(id);
  if (!found) throw new Error(`no schema ${id}`);
  return found;
};

describe('the parameters of an activity', () => {
  it('are valid with nothing but the sport of the schema', () => {
    for (const { id, sport, type } of JSON_SCHEMAS) {
      expect(faultsOf(schema(id), type === 'ACTIVITY' ? { sport } : {})).toEqual([]);
    }
  });

  it('name the sport that the schema fixes', () => {
    expect(faultsOf(schema(1), { sport: 'biking' })).toEqual(['sport: must be "soccer"']);
    expect(faultsOf(schema(1), {})).toEqual(["must have required property 'sport'"]);
  });

  it('may hold unknown keys', () => {
    expect(faultsOf(schema(1), { sport: 'soccer', splitName: 'first half', deep: { a: [1] } })).toEqual([]);
  });
});

describe('the parameters of a time frame', () => {
  it('are refused with the place and the bound', () => {
    expect(faultsOf(schema(12), { max_gap: 99 })).toEqual(['max_gap: must be <= 60']);
    expect(faultsOf(schema(12), { hid_thresholds: ['4'] })).toEqual(['hid_thresholds.0: must be number']);
  });

  it('are refused when a list does not ascend', () => {
    expect(faultsOf(schema(12), { hid_thresholds: [5, 4] })).toEqual([
      'hid_thresholds.1: must be greater than the entry before it: 4 follows 5',
    ]);
  });

  it('report all faults at once', () => {
    expect(faultsOf(schema(12), { max_gap: 99, max_hr: 10 }).length).toBeGreaterThanOrEqual(2);
  });
});

it('finds the TIMEFRAME schema below each ACTIVITY schema', () => {
  expect([1, 2, 3, 4, 5, 6].map(timeFrameSchemaBelow)).toEqual([12, 7, 8, 9, 10, 11]);
});
