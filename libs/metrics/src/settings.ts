import type { TimeFrameInput, Window } from './compute-input.ts';
import { PARAMETER_NAMES, type SportParams } from './parameters.ts';
import { type SportProfile, SPORT_PROFILES } from './sports.ts';

/** What the metrics of one time frame need to know: every parameter resolved. */
export interface Settings {
  readonly profile: SportProfile;
  readonly window: Window;
  readonly params: SportParams;
  /** `max_gap` in whole ms. */
  readonly maxGapMs: number;
  /** bpm; null when neither a parameter nor the age tells it. */
  readonly athleteMaxHr: number | null;
}

/** Defaults of the sport, then the activity's parameters, then the time frame's; a `max_hr` of 0 sets nothing. */
function resolveParams(input: TimeFrameInput): SportParams {
  const params: Record<string, unknown> = { ...SPORT_PROFILES[input.sport].defaults };
  for (const layer of [input.activityParams, input.params]) {
    for (const name of PARAMETER_NAMES) {
      const value = layer?.[name];
      if (value !== undefined && !(name === 'max_hr' && value === 0)) params[name] = value;
    }
  }
  return params as unknown as SportParams;
}

/** Whole years from the birth date to the UTC date of a time; null when the birth date is not known. */
function ageAt(birthDate: string | null, timeMs: number): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(birthDate ?? '');
  if (!match) return null;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const date = new Date(timeMs);
  const [nowMonth, nowDay] = [date.getUTCMonth() + 1, date.getUTCDate()];
  const hadBirthday = nowMonth > month || (nowMonth === month && nowDay >= day);
  return date.getUTCFullYear() - year - (hadBirthday ? 0 : 1);
}

function athleteMaxHr(maxHr: number, birthDate: string | null, startMs: number): number | null {
  if (maxHr > 0) return maxHr;
  const age = ageAt(birthDate, startMs);
  return age === null || age < 0 || age > 120 ? null : 220 - age;
}

export function resolveSettings(input: TimeFrameInput): Settings {
  const params = resolveParams(input);
  return {
    profile: SPORT_PROFILES[input.sport],
    window: input.window,
    params,
    maxGapMs: Math.floor(params.max_gap * 1000 + 0.5),
    athleteMaxHr: athleteMaxHr(params.max_hr, input.birthDate, input.window.startMs),
  };
}
