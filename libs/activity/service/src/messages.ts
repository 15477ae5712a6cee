import type { ActivityFields, JsonObject, TimeFrameFields } from '@touchline/activity-domain';
import type { SportJsonSchema } from '@touchline/metrics';
import { timestampFromMs } from './timestamps.ts';

/** What the service answers, from fields in the log or in a read model. */

export const activityMessage = (id: number, fields: ActivityFields, revision: number) => ({
  id,
  name: fields.name,
  json: fields.json,
  jsonSchema: fields.jsonSchema,
  owner: fields.owner,
  revision,
});

export const timeFrameMessage = (id: number, fields: TimeFrameFields, revision: number) => ({
  id,
  startTime: timestampFromMs(fields.startMs),
  endTime: timestampFromMs(fields.endMs),
  params: fields.params,
  device: fields.device,
  activity: fields.activity,
  athlete: fields.athlete,
  owner: fields.owner,
  jsonSchema: fields.jsonSchema,
  revision,
});

export const jsonSchemaMessage = ({ id, name, type, parent, schema }: SportJsonSchema) => ({
  id,
  name,
  type,
  ...(parent !== null && { parent }),
  // Schemas are plain JSON by construction.
  schema: schema as JsonObject,
});
