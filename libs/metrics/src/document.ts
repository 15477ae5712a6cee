/**
 * The computed data of a time frame. SI units; timestamps are ms since the Unix epoch. Numbers are as computed until
 * `roundDocument` prepares them for output.
 */
export interface MetricsDocument {
  first_timestamp: number | null;
  last_timestamp: number | null;
  /** Log time of the newest event in the input; set by the caller. */
  last_computation: number | null;
  total_distance: number;
  max_speed: number;
  average_speed: number;
  time_per_speed_ranges: TimeInSpeedRange[];
  distance_per_speed_ranges: DistanceInSpeedRange[];
  intensity: Intensity;
  hid: EffortLists<SpeedEffort>;
  sprint: EffortLists<SpeedEffort>;
  accelerations: EffortLists<AccelerationEffort>;
  decelerations: EffortLists<AccelerationEffort>;
  athlete_max_hr: number | null;
  hr_max: number;
  hr_min: number;
  hr_avg: number;
  hr_plot: HeartRatePlot | 0;
  timePerHrZone: HeartRateZone[];
  extensions: Extensions;
}

export interface SpeedRange {
  threshold_low: number;
  /** null: open to the top. */
  threshold_high: number | null;
}

export interface TimeInSpeedRange extends SpeedRange {
  /** s */
  duration: number;
  ratio: number;
}

export interface DistanceInSpeedRange extends SpeedRange {
  /** m */
  distance: number;
  ratio: number;
}

/** Distance in m per slot of `span` seconds, counted from `start_time`. */
export interface Intensity {
  distance: number[];
  start_time: number;
  span: number;
  end_time: number;
}

export type EffortLists<Effort> = Record<`threshold_${number}`, EffortList<Effort>>;

export interface EffortList<Effort> {
  threshold: number;
  values: Effort[];
}

export interface SpeedEffort {
  start_time: number;
  /** s */
  duration: number;
  /** m/s */
  max_value: number;
  /** m */
  distance: number;
}

export interface AccelerationEffort {
  start_time: number;
  /** m/s², negative for decelerations */
  max_value: number;
  /** s */
  duration: number;
  /** m */
  distance: number;
  /** m/s */
  initial_speed: number;
  /** m/s */
  end_speed: number;
}

/** Mean heart rate in bpm per slot of `span` seconds, counted from `start_time`; null for a slot without a sample. */
export interface HeartRatePlot {
  hr: (number | null)[];
  start_time: number;
  span: number;
  end_time: number;
}

export interface HeartRateZone {
  range_percent_hrmax: [number, number];
  range_bpm: [number, number];
  percentage_hrmax: number;
}

export interface Extensions {
  /** Made on reading by the caller, never computed or stored. */
  status?: 'pending' | 'computing' | 'up-to-date';
  pace?: { average: number | null };
  elevation?: { gain: number; loss: number; min: number | null; max: number | null };
  power?: { average: number; max: number; normalized: number | null };
  quality: Quality;
}

export interface Quality {
  gnss_samples: number;
  hr_samples: number;
  duplicates: number;
  implausible: number;
  gaps: number;
  covered_seconds: number;
  truncated: number;
  algorithm: number;
}
