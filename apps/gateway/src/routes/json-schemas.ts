import { entityTag, json, listReply, queryChoice, queryId, type QueryValues } from '@touchline/http';
import { defineRoute } from '../gateway-call.ts';
import { listOptions } from '../read-list.ts';
import { jsonSchemaExample, jsonSchemaJson, jsonSchemaOutput } from '../resources/activity.ts';
import { present } from '../resources/present.ts';
import { there } from '../there.ts';
import { ofList } from './one-of-list.ts';

const common = { owner: 'activity', access: 'user', who: 'managers', errors: [403] } as const;

const filters = {
  type: queryChoice(['ACTIVITY', 'TIMEFRAME', '1', '2'], {
    description: 'Filter on type (exact match; 1 is ACTIVITY, 2 TIMEFRAME)',
  }),
  parent: queryId({ description: 'Filter on parent schema id (exact match)' }),
};

const list = { ordering: ['name', 'type', 'parent'], searchable: true } as const;
const oneFilters = { ...filters, ...ofList(list) };

function filterMessage({ type, parent, search }: QueryValues<typeof oneFilters>) {
  return { ...present('type', type), ...present('parent', parent), ...present('search', search) };
}

const listJsonSchemas = defineRoute({
  ...common,
  method: 'GET',
  path: '/json-schemas/',
  operationId: 'listJsonSchemas',
  summary: 'Lists JSON schemas',
  list,
  query: filters,
  responses: {
    200: { description: 'A page of schemas', schema: jsonSchemaOutput, example: jsonSchemaExample },
  },
  async handler({ list, query }, { clients, reading }) {
    const request = { options: listOptions(list), filter: filterMessage(query) };
    const { message } = await clients.activity.listJsonSchemas(request, reading);
    const rows = message.jsonSchemas.map((schema) => JSON.stringify(jsonSchemaJson(schema)));
    return listReply(message.count, rows);
  },
});

const retrieveJsonSchema = defineRoute({
  ...common,
  method: 'GET',
  path: '/json-schemas/{json_schema}/',
  operationId: 'retrieveJsonSchema',
  summary: 'Retrieves a JSON schema',
  params: { json_schema: 'JSON schema ID' },
  query: oneFilters,
  responses: { 200: { description: 'The schema', schema: jsonSchemaOutput, example: jsonSchemaExample } },
  async handler({ params, query }, { clients, reading }) {
    const request = { jsonSchema: params.json_schema, filter: filterMessage(query) };
    const { message } = await clients.activity.getJsonSchema(request, reading);
    const schema = jsonSchemaJson(there(message.jsonSchema));
    // Built in: it changes with the program alone.
    return json(200, schema, entityTag('json-schema', JSON.stringify(schema)));
  },
});

export const jsonSchemaRoutes = [listJsonSchemas, retrieveJsonSchema];
