import type { Activity, JsonSchema } from '@touchline/contracts/activity/v1/service';
import { entityTag } from '@touchline/http';
import * as z from 'zod';

const anyObject = z.record(z.string(), z.unknown()).meta({ type: 'object' });

export const jsonSchemaOutput = z
  .object({
    id: z.int(),
    name: z.string(),
    type: z.enum(['ACTIVITY', 'TIMEFRAME']),
    parent: z.int().nullable(),
    schema: anyObject.meta({ description: 'JSON Schema 2020-12' }),
  })
  .meta({ id: 'JsonSchema' });

export const jsonSchemaExample = {
  id: 12,
  name: 'timeframe_soccer',
  type: 'TIMEFRAME',
  parent: 1,
  schema: {},
};

export function jsonSchemaJson({ id, name, type, parent, schema }: JsonSchema) {
  return { id, name, type, parent: parent ?? null, schema: schema ?? {} };
}

export const activityOutput = z
  .object({
    id: z.int(),
    name: z.string(),
    json: anyObject,
    json_schema: z.int(),
    owner: z.int(),
  })
  .meta({ id: 'Activity' });

export const activityInputExample = {
  name: 'World Cup Final 2024 at Stade de la Tuilière',
  json: { gpx: 'string', sport: 'biking' },
  json_schema: 2,
  owner: 1,
};

export const activityExample = { id: 12, ...activityInputExample };

export function activityJson({ id, name, json, jsonSchema, owner }: Activity) {
  return { id, name, json: json ?? {}, json_schema: jsonSchema, owner };
}

export function activityTag({ id, revision }: Activity): string {
  return entityTag('activity', id, revision);
}
