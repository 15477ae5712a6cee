import type { SportParams } from './parameters.ts';

export const SPORTS = ['soccer', 'running', 'trailrunning', 'biking', 'swimming', 'triathlon'] as const;

export type Sport = (typeof SPORTS)[number];

/** What a sport decides by itself. */
export interface SportProfile {
  /** Above this a Doppler speed is dropped and a speed derived from positions is a glitch; m/s. */
  readonly maxPlausibleSpeedMps: number;
  /** The distance that `pace` is given for, in metres; null where the sport has no pace. */
  readonly paceDistanceM: number | null;
  readonly hasElevation: boolean;
  readonly hasPower: boolean;
  /** The parameters in force where neither the activity nor the time frame sets them. */
  readonly defaults: SportParams;
}

const kmh = (...edges: readonly number[]): readonly number[] => edges.map((edge) => edge / 3.6);

function defaults(
  speedRanges: readonly number[],
  hidThresholds: readonly number[],
  sprintThresholds: readonly number[],
): SportParams {
  return {
    max_hr: 0,
    speed_ranges: speedRanges,
    hid_thresholds: hidThresholds,
    sprint_thresholds: sprintThresholds,
    acceleration_thresholds: [2, 3],
    deceleration_thresholds: [2, 3],
    hr_zones: [0, 85, 100],
    intensity_span: 300,
    sprint_min_duration: 0.2,
    hid_min_duration: 0.2,
    acceleration_min_duration: 0.5,
    acceleration_onset: 0.5,
    max_gap: 5,
  };
}

export const SPORT_PROFILES: Readonly<Record<Sport, SportProfile>> = {
  soccer: {
    maxPlausibleSpeedMps: 12.5,
    paceDistanceM: null,
    hasElevation: false,
    hasPower: false,
    defaults: defaults(kmh(0, 1, 4, 7, 15, 20, 25), [4, 5], [5]),
  },
  running: {
    maxPlausibleSpeedMps: 12.5,
    paceDistanceM: 1000,
    hasElevation: true,
    hasPower: false,
    defaults: defaults(kmh(0, 4, 8, 10, 12, 14, 16, 18), [4, 5], [6]),
  },
  trailrunning: {
    maxPlausibleSpeedMps: 12.5,
    paceDistanceM: 1000,
    hasElevation: true,
    hasPower: false,
    defaults: defaults(kmh(0, 3, 5, 7, 9, 11, 13, 15), [3, 4], [5]),
  },
  biking: {
    maxPlausibleSpeedMps: 35,
    paceDistanceM: null,
    hasElevation: true,
    hasPower: true,
    defaults: defaults(kmh(0, 10, 20, 25, 30, 35, 40, 50), [9.7, 12.5], [12.5]),
  },
  swimming: {
    maxPlausibleSpeedMps: 3.5,
    paceDistanceM: 100,
    hasElevation: false,
    hasPower: false,
    defaults: defaults(kmh(0, 1.8, 2.7, 3.6, 4.5, 5.4), [1.25, 1.5], [1.5]),
  },
  triathlon: {
    maxPlausibleSpeedMps: 35,
    paceDistanceM: 1000,
    hasElevation: true,
    hasPower: true,
    defaults: defaults(kmh(0, 5, 10, 15, 20, 30, 40), [4, 9.7], [12.5]),
  },
};
