import { describe, expect, it } from 'vitest';
import { resolveSettings } from './settings.ts';
import { SPORT_PROFILES } from './sports.ts';
import type { TimeFrameInput } from './compute-input.ts';

const input: TimeFrameInput = {
  sport: 'soccer',
  window: { startMs: Date.UTC(2024, 1, 29, 23, 59), endMs: Date.UTC(2024, 2, 1, 2) },
  birthDate: null,
};

describe('the parameters in force', () => {
  it('are those of the sport, then of the activity, then of the time frame', () => {
    const { params } = resolveSettings({
      ...input,
      activityParams: { max_gap: 2, hid_thresholds: [3] },
      params: { hid_thresholds: [4.5] },
    });
    expect(params).toEqual({ ...SPORT_PROFILES.soccer.defaults, max_gap: 2, hid_thresholds: [4.5] });
  });

  it('do not take other keys along', () => {
    const other = { sport: 'soccer', splitName: 'first half' } as object;
    expect(resolveSettings({ ...input, activityParams: other, params: other }).params).toEqual(
      SPORT_PROFILES.soccer.defaults,
    );
  });

  it('take max_gap to whole ms', () => {
    expect(resolveSettings({ ...input, params: { max_gap: 0.4506 } }).maxGapMs).toBe(451);
  });
});

describe('the maximum heart rate', () => {
  const maxHr = (more: Partial<TimeFrameInput>): number | null =>
    resolveSettings({ ...input, ...more }).athleteMaxHr;

  it('is the parameter; 0 in a time frame leaves that of the activity', () => {
    expect(maxHr({ activityParams: { max_hr: 185 } })).toBe(185);
    expect(maxHr({ activityParams: { max_hr: 185 }, params: { max_hr: 0 } })).toBe(185);
    expect(maxHr({ activityParams: { max_hr: 185 }, params: { max_hr: 190 }, birthDate: '1990-01-01' })).toBe(
      190,
    );
  });

  it.each([
    ['1984-02-29', 180],
    ['1984-03-01', 181],
    ['2024-02-29', 220],
    ['2024-03-01', null],
    ['1904-02-29', 100],
    ['1903-02-28', null],
    [null, null],
  ])('is 220 less the age on the start date: born %s, %s', (birthDate, expected) => {
    expect(maxHr({ birthDate })).toBe(expected);
  });
});
