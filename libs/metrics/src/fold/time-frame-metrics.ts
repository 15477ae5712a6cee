import { ALGORITHM_VERSION } from '../algorithm-version.ts';
import type { MetricsDocument } from '../document.ts';
import { Accelerations } from '../metrics/accelerations.ts';
import { Distance } from '../metrics/distance.ts';
import { Elevation } from '../metrics/elevation.ts';
import { HeartRateZones } from '../metrics/heart-rate-zones.ts';
import { HeartRate } from '../metrics/heart-rate.ts';
import { Intensity } from '../metrics/intensity.ts';
import { MaxSpeed } from '../metrics/max-speed.ts';
import { pace } from '../metrics/pace.ts';
import { Power } from '../metrics/power.ts';
import { effortLists, SpeedEfforts } from '../metrics/speed-efforts.ts';
import { SpeedRanges } from '../metrics/speed-ranges.ts';
import type { Settings } from '../settings.ts';
import type { GnssBlock, ScalarBlock } from './blocks.ts';
import type { Metric, State } from './metric.ts';
import { packStates, unpackStates } from './packed-states.ts';

/** All metrics of one time frame; blocks of each channel go in in time order. */
export class TimeFrameMetrics {
  readonly #settings: Settings;
  readonly #distance = new Distance();
  readonly #maxSpeed = new MaxSpeed();
  readonly #speedRanges: SpeedRanges;
  readonly #intensity: Intensity;
  readonly #hid: readonly SpeedEfforts[];
  readonly #sprint: readonly SpeedEfforts[];
  readonly #accelerations: Accelerations;
  readonly #elevation: Elevation | null;
  readonly #heartRate: HeartRate;
  readonly #heartRateZones: HeartRateZones;
  readonly #power: Power | null;
  /** What was left out of all channels. */
  readonly leftOut = { implausible: 0, duplicates: 0 };
  /** Distance comes first: the others read what it fills in. */
  readonly #ofGnss: readonly Metric<GnssBlock>[];
  readonly #ofEcg: readonly Metric<ScalarBlock>[];
  readonly #ofPwr: readonly Metric<ScalarBlock>[];
  readonly #all: readonly Metric<never>[];
  readonly #states: readonly State[];

  constructor(settings: Settings) {
    const { params, window, profile } = settings;
    this.#settings = settings;
    this.#speedRanges = new SpeedRanges(params.speed_ranges);
    this.#intensity = new Intensity(window, params.intensity_span);
    this.#hid = params.hid_thresholds.map((speed) => new SpeedEfforts(speed, params.hid_min_duration));
    this.#sprint = params.sprint_thresholds.map(
      (speed) => new SpeedEfforts(speed, params.sprint_min_duration),
    );
    this.#accelerations = new Accelerations({
      accelerations: params.acceleration_thresholds,
      decelerations: params.deceleration_thresholds,
      onset: params.acceleration_onset,
      minDurationS: params.acceleration_min_duration,
    });
    this.#elevation = profile.hasElevation ? new Elevation() : null;
    this.#heartRate = new HeartRate(window);
    this.#heartRateZones = new HeartRateZones(params.hr_zones, settings.athleteMaxHr, settings.maxGapMs);
    this.#power = profile.hasPower ? new Power() : null;
    this.#ofGnss = [
      this.#distance,
      this.#maxSpeed,
      this.#speedRanges,
      this.#intensity,
      ...this.#hid,
      ...this.#sprint,
      this.#accelerations,
      ...(this.#elevation ? [this.#elevation] : []),
    ];
    this.#ofEcg = [this.#heartRate, this.#heartRateZones];
    this.#ofPwr = this.#power ? [this.#power] : [];
    this.#all = [...this.#ofGnss, ...this.#ofEcg, ...this.#ofPwr];
    this.#states = [...this.#all.map(({ state }) => state), this.leftOut];
  }

  /** The metrics of one channel. */
  of(channel: 'gnss' | 'ecg' | 'pwr'): readonly Metric<never>[] {
    return { gnss: this.#ofGnss, ecg: this.#ofEcg, pwr: this.#ofPwr }[channel];
  }

  /** Everything that has been folded, but for the logs: enough to come back to this point later. */
  mark(): Float64Array {
    return packStates(this.#states);
  }

  goBackTo(mark: Float64Array): void {
    unpackStates(this.#states, mark);
  }

  logContents(): Float64Array[] {
    return this.#all.flatMap((metric) => metric.logContents?.() ?? []);
  }

  /** Puts back a mark with the logs as they were then or later. */
  restore(mark: Float64Array, logs: readonly Float64Array[]): void {
    this.goBackTo(mark);
    let at = 0;
    for (const metric of this.#all) {
      const count = metric.logContents?.().length ?? 0;
      metric.restoreLogs?.(logs.slice(at, (at += count)));
    }
  }

  foldGnss(block: GnssBlock): void {
    for (const metric of this.#ofGnss) metric.fold(block);
  }

  foldEcg(block: ScalarBlock): void {
    for (const metric of this.#ofEcg) metric.fold(block);
  }

  foldPwr(block: ScalarBlock): void {
    for (const metric of this.#ofPwr) metric.fold(block);
  }

  /** Ends what is open at the last sample and gives the document, unrounded. */
  close(): MetricsDocument {
    for (const metric of this.#all) metric.close?.();
    const { firstMs, lastMs, travelled, coveredMs } = this.#distance.state;
    return {
      first_timestamp: Number.isNaN(firstMs) ? null : firstMs,
      last_timestamp: Number.isNaN(lastMs) ? null : lastMs,
      last_computation: null,
      total_distance: this.#distance.totalDistance(),
      max_speed: this.#maxSpeed.maxSpeed(),
      average_speed: this.#distance.averageSpeed(),
      time_per_speed_ranges: this.#speedRanges.time(coveredMs),
      distance_per_speed_ranges: this.#speedRanges.distance(travelled),
      intensity: this.#intensity.plot(travelled),
      hid: effortLists(this.#hid.map((efforts) => efforts.list())),
      sprint: effortLists(this.#sprint.map((efforts) => efforts.list())),
      accelerations: effortLists(this.#accelerations.accelerations()),
      decelerations: effortLists(this.#accelerations.decelerations()),
      athlete_max_hr: this.#settings.athleteMaxHr,
      ...this.#heartRate.summary(),
      timePerHrZone: this.#heartRateZones.zones(),
      extensions: this.#extensions(),
    };
  }

  #extensions(): MetricsDocument['extensions'] {
    const { paceDistanceM } = this.#settings.profile;
    const power = this.#power?.power();
    return {
      ...(paceDistanceM === null ? {} : { pace: pace(this.#distance.averageSpeed(), paceDistanceM) }),
      ...(this.#elevation ? { elevation: this.#elevation.elevation() } : {}),
      ...(power ? { power } : {}),
      quality: {
        gnss_samples: this.#distance.state.samples,
        hr_samples: this.#heartRate.state.samples,
        ...this.#counts(),
        gaps: this.#distance.gaps(),
        covered_seconds: this.#distance.state.coveredMs / 1000,
        algorithm: ALGORITHM_VERSION,
      },
    };
  }

  #counts(): { duplicates: number; implausible: number; truncated: number } {
    const efforts = [...this.#hid, ...this.#sprint, this.#accelerations];
    return { ...this.leftOut, truncated: efforts.reduce((sum, { state }) => sum + state.truncated, 0) };
  }
}
