import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { dateTime, id, text } from './fields.ts';
import { buildOpenApi } from './openapi.ts';
import { queryFlag } from './query.ts';
import { noContent } from './reply.ts';
import { routeDefiner } from './route.ts';

const defineRoute = routeDefiner<null>();
const row = z.object({ id: z.int(), name: z.string() }).meta({ id: 'Row' });
const common = { summary: 's', owner: 'test', who: 'managers', handler: async () => noContent() } as const;
const options = { title: 'T', version: '1', description: 'd', basePath: '/api/v1' };

const list = defineRoute({
  ...common,
  method: 'GET',
  path: '/rows/',
  operationId: 'listRows',
  access: 'user',
  list: { ordering: ['name'], searchable: true },
  query: { current: queryFlag({ description: 'now' }) },
  responses: { 200: { description: 'ok', schema: row, example: { id: 1, name: 'a' } } },
});
const update = defineRoute({
  ...common,
  method: 'PUT',
  path: '/rows/{row}/',
  operationId: 'updateRow',
  access: 'user',
  errors: [403],
  body: {
    kind: 'json',
    schema: z.object({ name: text(), owner: id(), at: dateTime().optional() }).meta({ id: 'RowInput' }),
    example: { name: 'a', owner: 1 },
  },
  responses: { 200: { description: 'ok', schema: row } },
});

describe('the OpenAPI document', () => {
  // Only looked into by the tests.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  const document = buildOpenApi([list, update], options) as any;

  it('describes a list with its envelope, its example and its parameters', () => {
    const { get } = document.paths['/rows/'];
    const { schema, example } = get.responses[200].content['application/json'];
    expect(schema.properties.results.items).toEqual({ $ref: '#/components/schemas/Row' });
    expect(example).toEqual({ count: 150, page: 2, next: 3, previous: 1, results: [{ id: 1, name: 'a' }] });
    expect(get.parameters.map(({ name }: { name: string }) => name)).toEqual([
      'page',
      'limit',
      'ordering',
      'search',
      'current',
    ]);
  });

  it('describes bodies as they are sent, in components', () => {
    expect(document.components.schemas.RowInput).toMatchObject({
      required: ['name', 'owner'],
      properties: { owner: { type: 'integer', minimum: 1 }, at: { type: 'string', format: 'date-time' } },
    });
  });

  it('declares the errors that follow from the parts of an operation', () => {
    expect(Object.keys(document.paths['/rows/'].get.responses)).toEqual([
      '200',
      '400',
      '401',
      '404',
      '429',
      '500',
      '503',
      '504',
    ]);
    expect(Object.keys(document.paths['/rows/{row}/'].put.responses)).toEqual([
      '200',
      '400',
      '401',
      '403',
      '404',
      '412',
      '413',
      '415',
      '429',
      '500',
      '503',
      '504',
    ]);
  });

  it('refuses one name for what is taken and what is answered when the two differ', () => {
    const both = z.object({ at: dateTime().optional() }).meta({ id: 'Both' });
    const clash = defineRoute({
      ...update,
      body: { kind: 'json', schema: both, example: {} },
      responses: { 200: { description: 'ok', schema: both } },
    });
    expect(() => buildOpenApi([clash], options)).toThrow('Two different schemas are called Both.');
  });
});
