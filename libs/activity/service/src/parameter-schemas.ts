import { checkParams, JSON_SCHEMAS, type Sport, type SportJsonSchema } from '@touchline/metrics';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonObject } from '@touchline/activity-domain';

const byId = new Map(JSON_SCHEMAS.map((schema) => [schema.id, schema]));
const ajv = new Ajv2020({ allErrors: true, strict: false });
const validators = new Map<number, ValidateFunction>();

/** The built-in JSON schema of the id, or undefined. */
export const jsonSchemaOf = (id: number): SportJsonSchema | undefined => byId.get(id);

/** The id of the TIMEFRAME schema below an ACTIVITY schema. */
export function timeFrameSchemaBelow(activitySchema: number): number {
  const found = JSON_SCHEMAS.find(({ parent }) => parent === activitySchema);
  if (!found) throw new Error(`No TIMEFRAME schema has the parent ${activitySchema}.`);
  return found.id;
}

const place = (pointer: string): string =>
  pointer === '' ? '' : `${pointer.slice(1).replaceAll('/', '.')}: `;

function say({ instancePath, keyword, message, params }: ErrorObject): string {
  const wanted =
    keyword === 'const' ? `must be ${JSON.stringify(params['allowedValue'])}` : (message ?? keyword);
  return `${place(instancePath)}${wanted}`;
}

/** What is wrong with an activity's `json` or a time frame's `params` under a schema: a message for each fault. */
export function faultsOf(schema: SportJsonSchema, value: JsonObject): string[] {
  const validate = validators.get(schema.id) ?? ajv.compile(schema.schema);
  validators.set(schema.id, validate);
  const faults = validate(value) ? [] : (validate.errors ?? []).map(say);
  const further = checkParams(schema.sport satisfies Sport, value).map(
    ({ path, message }) => `${place(path)}${message}`,
  );
  return [...new Set([...faults, ...further])];
}
