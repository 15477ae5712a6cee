/**
 * The parameters that a time frame (`params`) or an activity (`json`) may set, as JSON Schema says them.
 * They are the only source of the parameters' bounds: `SportParams`, the JSON schemas and their checks follow from them.
 */
const speedEdge = { type: 'number', minimum: 0, maximum: 100 } as const;
const speedThreshold = { type: 'number', exclusiveMinimum: 0, maximum: 100 } as const;
const accelerationThreshold = { type: 'number', exclusiveMinimum: 0 } as const;
const duration = { type: 'number', minimum: 0, maximum: 60 } as const;

export const PARAMETERS = {
  max_hr: {
    description:
      'Maximum heart rate of the athlete in bpm; 0 leaves it to the activity, and there to the age of the athlete.',
    type: 'number',
    anyOf: [{ const: 0 }, { minimum: 60, maximum: 260 }],
  },
  speed_ranges: {
    description:
      'Lower edges of the speed ranges in m/s, strictly ascending from 0; the last range is open to the top.',
    type: 'array',
    items: speedEdge,
    minItems: 1,
    maxItems: 20,
  },
  hid_thresholds: {
    description: 'Speeds in m/s, strictly ascending, from which a run counts as high-intensity distance.',
    type: 'array',
    items: speedThreshold,
    minItems: 1,
    maxItems: 5,
  },
  sprint_thresholds: {
    description: 'Speeds in m/s, strictly ascending, from which a run counts as a sprint.',
    type: 'array',
    items: speedThreshold,
    minItems: 1,
    maxItems: 5,
  },
  acceleration_thresholds: {
    description:
      'Peak accelerations in m/s², strictly ascending, under which acceleration efforts are listed.',
    type: 'array',
    items: accelerationThreshold,
    minItems: 1,
    maxItems: 5,
  },
  deceleration_thresholds: {
    description: 'Peak decelerations in m/s² as positive numbers, strictly ascending.',
    type: 'array',
    items: accelerationThreshold,
    minItems: 1,
    maxItems: 5,
  },
  hr_zones: {
    description: 'Edges of the heart rate zones in percent of the maximum heart rate, strictly ascending.',
    type: 'array',
    items: { type: 'number', minimum: 0 },
    minItems: 2,
    maxItems: 20,
  },
  intensity_span: {
    description: 'Length of a slot of the intensity plot in whole seconds.',
    type: 'integer',
    minimum: 1,
    maximum: 86_400,
  },
  sprint_min_duration: { description: 'Shortest sprint that is listed, in s.', ...duration },
  hid_min_duration: { description: 'Shortest high-intensity run that is listed, in s.', ...duration },
  acceleration_min_duration: {
    description: 'Shortest acceleration or deceleration effort that is listed, in s.',
    ...duration,
  },
  acceleration_onset: {
    description: 'Acceleration in m/s² above which an effort lasts (below its negative for decelerations).',
    type: 'number',
    minimum: 0.1,
    maximum: 5,
  },
  max_gap: {
    description: 'Longest time in s between two samples that belong together.',
    type: 'number',
    minimum: 0.1,
    maximum: 60,
  },
} as const;

export type ParameterName = keyof typeof PARAMETERS;

export const PARAMETER_NAMES = Object.keys(PARAMETERS) as readonly ParameterName[];

/** All parameters of the computation with the types that {@link PARAMETERS} gives them. */
export type SportParams = {
  readonly [K in ParameterName]: (typeof PARAMETERS)[K]['type'] extends 'array' ? readonly number[] : number;
};
