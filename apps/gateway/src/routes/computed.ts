import { jsonText } from '@touchline/http';
import * as z from 'zod';
import { defineRoute } from '../gateway-call.ts';

const common = {
  owner: 'computation',
  access: 'user',
  who: "managers with READ permission on the time frame's athlete over its whole window",
  errors: [403],
} as const;

const document = z.looseObject({}).meta({
  id: 'ComputedData',
  description: "The metrics document of the time frame's sport",
});

const documentExample = {
  first_timestamp: 1694432512600,
  last_timestamp: 1694432517600,
  last_computation: 1694432517600,
  total_distance: 4070.0806,
  max_speed: 5.8933,
  average_speed: 0.9882,
  time_per_speed_ranges: [
    { duration: 157.7, ratio: 0.3787, threshold_low: 0, threshold_high: 0.2777777777777778 },
  ],
  distance_per_speed_ranges: [
    { distance: 30.1702, ratio: 0.0691, threshold_low: 0, threshold_high: 0.2777777777777778 },
  ],
  extensions: { status: 'up-to-date' },
};

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
    return jsonText(200, message.documentJson);
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
    return jsonText(200, `[${documents.join(',')}]`);
  },
});

export const computedRoutes = [retrieveTimeFrameComputed, retrieveActivityComputed];
