import { entityTag, jsonText } from '@touchline/http';
import * as z from 'zod';
import { defineRoute } from '../gateway-call.ts';
import { computedDataSchema } from '../gen/computed-data.ts';

const common = {
  owner: 'computation',
  access: 'user',
  who: "managers with READ permission on the time frame's athlete over its whole window",
  errors: [403],
} as const;

export const document = z.fromJSONSchema(computedDataSchema).meta({
  id: 'ComputedData',
  description: "The metrics document of the time frame's sport",
});

const effort = { start_time: 1694432514000, duration: 0.9, max_value: 5.1323, distance: 4.3662 };
const change = { ...effort, initial_speed: 1.134, end_speed: 4.244 };
const windowMs = { start_time: 1694432510000, end_time: 1694432520000 };

export const documentExample = {
  first_timestamp: 1694432512600,
  last_timestamp: 1694432517600,
  last_computation: 1694432517600,
  total_distance: 4.9411,
  max_speed: 5.8933,
  average_speed: 0.9882,
  time_per_speed_ranges: [{ threshold_low: 0, threshold_high: null, duration: 5, ratio: 1 }],
  distance_per_speed_ranges: [{ threshold_low: 0, threshold_high: null, distance: 4.9411, ratio: 1 }],
  intensity: { distance: [4.9411], span: 300, ...windowMs },
  hid: { threshold_1: { threshold: 4, values: [effort] }, threshold_2: { threshold: 5, values: [effort] } },
  sprint: { threshold_1: { threshold: 5, values: [effort] } },
  accelerations: {
    threshold_1: { threshold: 2, values: [] },
    threshold_2: { threshold: 3, values: [{ ...change, max_value: 3.476 }] },
  },
  decelerations: {
    threshold_1: { threshold: 2, values: [{ ...change, max_value: -2.12 }] },
    threshold_2: { threshold: 3, values: [] },
  },
  athlete_max_hr: 189,
  hr_max: 152,
  hr_min: 148,
  hr_avg: 150,
  hr_plot: { hr: [150], span: 10, ...windowMs },
  timePerHrZone: [
    { range_percent_hrmax: [0, 85], range_bpm: [0, 160.65], percentage_hrmax: 100 },
    { range_percent_hrmax: [85, 100], range_bpm: [160.65, 189], percentage_hrmax: 0 },
  ],
  extensions: {
    quality: {
      gnss_samples: 51,
      hr_samples: 5,
      duplicates: 0,
      implausible: 0,
      gaps: 0,
      covered_seconds: 5,
      truncated: 0,
      algorithm: 1,
    },
    status: 'up-to-date',
  },
};

/** Computed data has no revision: what it says is its own tag. */
const tagged = (text: string) => jsonText(200, text, entityTag('computed', text));

const retrieveTimeFrameComputed = defineRoute({
  ...common,
  method: 'GET',
  path: '/timeframes/{timeFrame}/computed/',
  operationId: 'retrieveTimeFrameComputed',
  summary: "Retrieves a time frame's computed data",
  params: { timeFrame: 'Time frame ID' },
  responses: { 200: { description: 'The document', schema: document, example: documentExample } },
  async handler({ params }, { clients, reading }) {
    const { message } = await clients.computation.getTimeFrameComputed(params, reading);
    return tagged(message.documentJson);
  },
});

const activityComputed = z
  .array(z.object({ timeframe: z.int(), data: document }))
  .meta({ id: 'ActivityComputedData' });

const retrieveActivityComputed = defineRoute({
  ...common,
  method: 'GET',
  path: '/activities/{activity}/computed/',
  operationId: 'retrieveActivityComputed',
  summary: "Retrieves an activity's computed data",
  description: "The computed data of this activity's time frames that the caller may read.",
  params: { activity: 'Activity ID' },
  responses: {
    200: {
      description: 'The documents',
      schema: activityComputed,
      example: [{ timeframe: 12, data: documentExample }],
    },
  },
  async handler({ params }, { clients, reading }) {
    const documents: string[] = [];
    for await (const { timeFrame, documentJson } of clients.computation.getActivityComputed(
      params,
      reading,
    )) {
      documents.push(`{"timeframe":${timeFrame},"data":${documentJson}}`);
    }
    return tagged(`[${documents.join(',')}]`);
  },
});

export const computedRoutes = [retrieveTimeFrameComputed, retrieveActivityComputed];
