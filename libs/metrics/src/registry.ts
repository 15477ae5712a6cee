import { type Sport, SPORT_PROFILES, SPORTS } from './sports.ts';

/** What one value of the metrics document is. */
export interface MetricEntry {
  /** Path in the document; `[]` stands for each entry of a list, `threshold_n` for each threshold. */
  readonly key: string;
  readonly title: string;
  /** SI unit as it is written; empty for counts and ratios. */
  readonly unit: string;
  /** Decimals on output; 0 for whole numbers, null for configured values, which are never rounded. */
  readonly decimals: number | null;
  /** Sports whose documents have it. */
  readonly sports: readonly Sport[];
  /** Where there may be nothing to say. */
  readonly nullable: boolean;
}

const sportsWith = (has: (sport: Sport) => boolean): readonly Sport[] => SPORTS.filter(has);

const WITH_PACE = sportsWith((sport) => SPORT_PROFILES[sport].paceDistanceM !== null);
const WITH_ELEVATION = sportsWith((sport) => SPORT_PROFILES[sport].hasElevation);
const WITH_POWER = sportsWith((sport) => SPORT_PROFILES[sport].hasPower);

function entry(
  key: string,
  title: string,
  unit: string,
  decimals: number | null,
  sports: readonly Sport[] = SPORTS,
): MetricEntry {
  return { key, title, unit, decimals, sports, nullable: false };
}

const orNull = (one: MetricEntry): MetricEntry => ({ ...one, nullable: true });

function plot(key: string, slot: MetricEntry): MetricEntry[] {
  return [
    slot,
    entry(`${key}.start_time`, 'start of the window', 'ms', 0),
    entry(`${key}.span`, 'length of a slot', 's', null),
    entry(`${key}.end_time`, 'end of the window', 'ms', 0),
  ];
}

function speedRanges(
  key: string,
  value: string,
  title: string,
  unit: string,
  decimals: number,
): MetricEntry[] {
  return [
    entry(`${key}[].threshold_low`, 'lower edge of the speed range', 'm/s', null),
    orNull(entry(`${key}[].threshold_high`, 'upper edge of the speed range, null when open', 'm/s', null)),
    entry(`${key}[].${value}`, title, unit, decimals),
    entry(`${key}[].ratio`, `share of the ${value}`, '', 4),
  ];
}

function speedEfforts(key: string, what: string): MetricEntry[] {
  const list = `${key}.threshold_n`;
  return [
    entry(`${list}.threshold`, `speed from which a ${what} counts`, 'm/s', null),
    entry(`${list}.values[].start_time`, `start of the ${what}`, 'ms', 0),
    entry(`${list}.values[].duration`, `duration of the ${what}`, 's', 3),
    entry(`${list}.values[].max_value`, `greatest speed of the ${what}`, 'm/s', 4),
    entry(`${list}.values[].distance`, `distance of the ${what}`, 'm', 4),
  ];
}

function accelerations(key: string, what: string): MetricEntry[] {
  const list = `${key}.threshold_n`;
  return [
    entry(`${list}.threshold`, `peak from which a ${what} is listed here`, 'm/s²', null),
    entry(`${list}.values[].start_time`, `start of the ${what}`, 'ms', 0),
    entry(`${list}.values[].max_value`, `peak of the ${what}`, 'm/s²', 3),
    entry(`${list}.values[].duration`, `duration of the ${what}`, 's', 3),
    entry(`${list}.values[].distance`, `distance of the ${what}`, 'm', 3),
    entry(`${list}.values[].initial_speed`, `speed at the start of the ${what}`, 'm/s', 3),
    entry(`${list}.values[].end_speed`, `speed at the end of the ${what}`, 'm/s', 3),
  ];
}

/** Every value of the metrics document, in its order. */
export const METRICS: readonly MetricEntry[] = [
  orNull(entry('first_timestamp', 'time of the first gnss sample', 'ms', 0)),
  orNull(entry('last_timestamp', 'time of the last gnss sample', 'ms', 0)),
  orNull(entry('last_computation', 'log time of the newest event in the input', 'ms', 0)),
  entry('total_distance', 'total distance', 'm', 4),
  entry('max_speed', 'greatest speed', 'm/s', 4),
  entry('average_speed', 'total distance by covered time', 'm/s', 4),
  ...speedRanges('time_per_speed_ranges', 'duration', 'time in the speed range', 's', 3),
  ...speedRanges('distance_per_speed_ranges', 'distance', 'distance in the speed range', 'm', 4),
  ...plot('intensity', entry('intensity.distance[]', 'distance in the slot', 'm', 4)),
  ...speedEfforts('hid', 'high-intensity run'),
  ...speedEfforts('sprint', 'sprint'),
  ...accelerations('accelerations', 'acceleration'),
  ...accelerations('decelerations', 'deceleration'),
  orNull(entry('athlete_max_hr', 'maximum heart rate of the athlete, set or by age', 'bpm', null)),
  entry('hr_max', 'greatest heart rate', 'bpm', 4),
  entry('hr_min', 'least heart rate', 'bpm', 4),
  entry('hr_avg', 'mean heart rate', 'bpm', 4),
  ...plot('hr_plot', orNull(entry('hr_plot.hr[]', 'mean heart rate in the slot, null when empty', 'bpm', 4))),
  entry('timePerHrZone[].range_percent_hrmax[]', 'edges of the zone', '%', null),
  entry('timePerHrZone[].range_bpm[]', 'edges of the zone', 'bpm', null),
  entry('timePerHrZone[].percentage_hrmax', 'share of time in the zone', '%', 4),
  orNull(entry('extensions.pace.average', 'time per km, per 100 m for swimming', 's', 4, WITH_PACE)),
  entry('extensions.elevation.gain', 'metres climbed', 'm', 4, WITH_ELEVATION),
  entry('extensions.elevation.loss', 'metres descended', 'm', 4, WITH_ELEVATION),
  orNull(entry('extensions.elevation.min', 'least altitude', 'm', 4, WITH_ELEVATION)),
  orNull(entry('extensions.elevation.max', 'greatest altitude', 'm', 4, WITH_ELEVATION)),
  entry('extensions.power.average', 'mean power', 'W', 4, WITH_POWER),
  entry('extensions.power.max', 'greatest power', 'W', 4, WITH_POWER),
  orNull(entry('extensions.power.normalized', 'normalized power', 'W', 4, WITH_POWER)),
  entry('extensions.quality.gnss_samples', 'gnss samples that count', '', 0),
  entry('extensions.quality.hr_samples', 'heart rate samples that count', '', 0),
  entry('extensions.quality.duplicates', 'samples left out for another of the same time', '', 0),
  entry('extensions.quality.implausible', 'samples left out as implausible, and position glitches', '', 0),
  entry('extensions.quality.gaps', 'gaps between segments', '', 0),
  entry('extensions.quality.covered_seconds', 'time between samples that belong together', 's', 3),
  entry('extensions.quality.truncated', 'efforts beyond the 5 000 that a list holds', '', 0),
  entry('extensions.quality.algorithm', 'version of these definitions', '', 0),
];

function sportsText(sports: readonly Sport[]): string {
  return sports.length === SPORTS.length ? 'all' : sports.join(', ');
}

/** The registry as a Markdown table, for the README. */
export function metricsTable(): string {
  const precision = (decimals: number | null): string =>
    decimals === null ? 'as set' : decimals === 0 ? 'whole' : `${decimals} decimals`;
  const header = ['Key', 'What', 'Unit', 'Precision', 'Sports'];
  const rows = METRICS.map(({ key, title, unit, decimals, sports }) => [
    `\`${key}\``,
    title,
    unit,
    precision(decimals),
    sportsText(sports),
  ]);
  const widths = header.map((name, c) => Math.max(name.length, ...rows.map((row) => row[c]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, c) => cell.padEnd(widths[c]!)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  return [line(header), line(rule), ...rows.map(line)].join('\n');
}
