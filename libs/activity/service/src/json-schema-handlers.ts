import { mayReadJsonSchemas } from '@touchline/activity-domain';
import type { ActivityService, JsonSchemaFilter } from '@touchline/contracts/activity/v1/service';
import { JSON_SCHEMAS, type SportJsonSchema } from '@touchline/metrics';
import type { Handlers } from '@touchline/rpc';
import { actorOf, require } from './callers.ts';
import { jsonSchemaMessage } from './messages.ts';
import { passesSearch } from './queries.ts';
import { notFound } from './rejection-status.ts';

const TYPES: Readonly<Record<string, string>> = {
  1: 'ACTIVITY',
  2: 'TIMEFRAME',
  ACTIVITY: 'ACTIVITY',
  TIMEFRAME: 'TIMEFRAME',
};

const passes = (schema: SportJsonSchema, filter: JsonSchemaFilter | undefined): boolean =>
  (filter?.type === undefined || schema.type === TYPES[filter.type.toUpperCase()]) &&
  (filter?.parent === undefined || schema.parent === filter.parent) &&
  passesSearch(schema.name, filter?.search);

const KEYS: Readonly<Record<string, (schema: SportJsonSchema) => string | number>> = {
  name: ({ name }) => name,
  type: ({ type }) => type,
  // Missing values sort first.
  parent: ({ parent }) => parent ?? 0,
};

function compare(ordering: readonly string[]) {
  return (a: SportJsonSchema, b: SportJsonSchema): number => {
    for (const field of ordering) {
      const key = KEYS[field.replace(/^-/, '')];
      if (!key) continue;
      const [x, y] = [key(a), key(b)];
      if (x !== y) return (x < y ? -1 : 1) * (field.startsWith('-') ? -1 : 1);
    }
    return a.id - b.id;
  };
}

type JsonSchemaHandlers = Pick<Handlers<typeof ActivityService>, 'listJsonSchemas' | 'getJsonSchema'>;

export const jsonSchemaHandlers: JsonSchemaHandlers = {
  listJsonSchemas({ options, filter }, context) {
    require(mayReadJsonSchemas(actorOf(context)));
    const found = JSON_SCHEMAS.filter(
      (schema) => passes(schema, filter) && passesSearch(schema.name, options?.search),
    ).sort(compare(options?.ordering ?? []));
    const from = ((options?.page ?? 1) - 1) * (options?.limit ?? found.length);
    return {
      count: found.length,
      jsonSchemas: found.slice(from, from + (options?.limit ?? found.length)).map(jsonSchemaMessage),
    };
  },
  getJsonSchema({ jsonSchema, filter }, context) {
    const found = JSON_SCHEMAS.find(({ id }) => id === jsonSchema);
    if (!found) throw notFound();
    require(mayReadJsonSchemas(actorOf(context)));
    if (!passes(found, filter)) throw notFound();
    return { jsonSchema: jsonSchemaMessage(found) };
  },
};
