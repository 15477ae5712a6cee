import * as z from 'zod';
import { listParameters } from './list.ts';
import type { JsonSchema } from './query.ts';
import { type BodySpec, type ResponseSpec, type Route, takesIdempotencyKey } from './route.ts';

export interface OpenApiOptions {
  title: string;
  version: string;
  description: string;
  /** The base path of the routes that are not at the root. */
  basePath: string;
}

type Json = Record<string, unknown>;

/** @returns the OpenAPI 3.1 document of the routes */
export function buildOpenApi<C>(routes: readonly Route<C>[], options: OpenApiOptions): Json {
  const components: Json = {};
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = (paths[route.path] ??= route.root ? { servers: [{ url: '/' }] } : {});
    path[route.method.toLowerCase()] = operation(route, components);
  }
  const { title, version, description } = options;
  return {
    openapi: '3.1.0',
    info: { title, version, description },
    servers: [{ url: options.basePath }],
    paths,
    components: {
      schemas: { ...errorSchemas, ...components },
      securitySchemes: {
        accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        clientCredentials: {
          type: 'http',
          scheme: 'basic',
          description: 'The id and secret of an OAuth client',
        },
        ingestToken: { type: 'http', scheme: 'bearer', description: 'The ingest token of a device' },
      },
    },
  };
}

function operation<C>(route: Route<C>, components: Json): Json {
  const parameters = [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)];
  const responses: Json = {};
  for (const [status, spec] of Object.entries(route.responses)) {
    responses[status] = response(spec, route.list !== undefined && spec.mediaType === undefined, components);
  }
  if (isOneResource(route)) responses['304'] = { description: 'It is as `If-None-Match` says' };
  for (const status of errorStatuses(route)) responses[status] ??= errorResponse(status);
  return {
    operationId: route.operationId,
    summary: route.summary,
    description: [route.description, `Who may: ${route.who}.`].filter(Boolean).join('\n\n'),
    tags: [route.path.split('/')[1] ?? ''],
    security: security(route),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body ? { requestBody: requestBody(route.body, components) } : {}),
    responses,
  };
}

function security<C>({ access }: Route<C>): readonly Json[] {
  switch (access) {
    case 'anyone':
      return [{}];
    case 'client':
      return [{ clientCredentials: [] }, {}];
    case 'user':
      return [{ accessToken: [] }];
    case 'device':
      return [{ ingestToken: [] }, { accessToken: [] }];
    default:
      return access satisfies never;
  }
}

function pathParameters<C>({ path, params = {} }: Route<C>): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: params[name] ?? `ID of the ${name}`,
    schema: { type: 'integer', minimum: 1 },
  }));
}

function queryParameters<C>(route: Route<C>): Json[] {
  const ofList = route.list ? listParameters(route.list) : [];
  const own = Object.entries(route.query).map(([name, { description, schema, example, required }]) => ({
    name,
    description,
    schema,
    ...(required ? { required } : {}),
    ...(example === undefined ? {} : { example }),
  }));
  return [...ofList, ...own].map((parameter) => ({ in: 'query', ...parameter }));
}

/** Whose answers have an ETag. */
function isOneResource<C>({ method, access, list, untagged = false }: Route<C>): boolean {
  return method === 'GET' && access === 'user' && list === undefined && !untagged;
}

function headerParameters<C>(route: Route<C>): Json[] {
  const header = (name: string, description: string) => ({
    name,
    in: 'header',
    description,
    schema: { type: 'string' },
  });
  if (takesIdempotencyKey(route)) {
    return [
      header(
        'Idempotency-Key',
        'The same key with the same request gets the first answer again, for 24 hours.',
      ),
    ];
  }
  if (isOneResource(route)) return [header('If-None-Match', 'The ETag of what the caller has.')];
  if (route.method === 'GET' || route.method === 'POST') return [];
  return [header('If-Match', 'The ETag that the resource must still have.')];
}

function requestBody(body: BodySpec, components: Json): Json {
  switch (body.kind) {
    case 'json':
      return { content: { 'application/json': content(body.schema, body.example, 'input', components) } };
    case 'form':
      return {
        required: true,
        content: {
          'application/x-www-form-urlencoded': content(body.schema, body.example, 'input', components),
        },
      };
    case 'raw':
      return { required: true, content: body.content };
    default:
      return body satisfies never;
  }
}

function content(schema: z.ZodType, example: unknown, io: 'input' | 'output', components: Json) {
  return { schema: jsonSchema(schema, io, components), ...(example === undefined ? {} : { example }) };
}

function response(spec: ResponseSpec, isList: boolean, components: Json): Json {
  if (!spec.schema) return { description: spec.description };
  const single = content(spec.schema, spec.example, 'output', components);
  const shown = isList
    ? {
        schema: listSchema(single.schema),
        ...(spec.example === undefined ? {} : { example: listExample(spec.example) }),
      }
    : single;
  const asText = (spec.textAs ?? []).map((mediaType) => [mediaType, { schema: { type: 'string' } }]);
  return {
    description: spec.description,
    content: { [spec.mediaType ?? 'application/json']: shown, ...Object.fromEntries(asText) },
  };
}

function listSchema(row: unknown): Json {
  const pageNumber = { type: ['integer', 'null'] };
  return {
    type: 'object',
    required: ['count', 'page', 'next', 'previous', 'results'],
    properties: {
      count: { type: 'integer' },
      page: { type: 'integer' },
      next: pageNumber,
      previous: pageNumber,
      results: { type: 'array', items: row },
    },
  };
}

function listExample(row: unknown): Json {
  return { count: 150, page: 2, next: 3, previous: 1, results: [row] };
}

/** Schemas with an id become components; those of requests and responses of one id have to be the same. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', components: Json): unknown {
  const { $schema: _, $defs = {}, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  for (const [name, definition] of Object.entries($defs)) {
    const moved = withMovedReferences(definition);
    const known = components[name];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(moved)) {
      throw new Error(`Two different schemas are called ${name}.`);
    }
    components[name] = moved;
  }
  return withMovedReferences(rest);
}

function withMovedReferences(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}

/** Those that follow from the parts of a route and those that it names. */
function errorStatuses<C>(route: Route<C>): number[] {
  const hasInput =
    Object.keys(route.query).length > 0 || route.list !== undefined || route.body !== undefined;
  const takesBody = route.method !== 'GET' && route.method !== 'DELETE';
  // Whoever shows a token has to show a valid one, also where none is needed.
  const statuses = new Set([401, ...(route.errors ?? [])]);
  if (hasInput || takesBody) statuses.add(400);
  if (route.path.includes('{') || route.list) statuses.add(404);
  if (takesBody) statuses.add(413).add(415);
  if (route.method !== 'GET' && route.method !== 'POST') statuses.add(412);
  if (takesIdempotencyKey(route)) statuses.add(409).add(422);
  for (const status of [429, 500, 503, 504]) statuses.add(status);
  return [...statuses].sort((a, b) => a - b);
}

const errorTexts: Readonly<Record<number, readonly [description: string, detail: string]>> = {
  400: ['The request is invalid', ''],
  401: ['No valid credentials', 'Authentication credentials were not provided.'],
  403: ['The caller may not do this', 'You do not have permission to perform this action.'],
  404: ['There is no such resource', 'Not found'],
  409: [
    'A request with this Idempotency-Key is under way',
    'A request with this Idempotency-Key is under way.',
  ],
  412: ['The resource has changed', 'The resource has changed since it was read.'],
  413: ['The body is too large', 'The request body is larger than 2 MiB.'],
  415: ['The body has another media type', 'Unsupported media type "text/plain" in request.'],
  422: [
    'The Idempotency-Key was used for another request',
    'This Idempotency-Key was used for another request.',
  ],
  429: ['Too many requests', 'Request was throttled. Expected available in 1 second.'],
  500: ['An error of the server', 'Internal server error.'],
  503: ['Temporarily unavailable', 'The service is temporarily unavailable. Nothing was changed; try again.'],
  504: ['No answer in time', 'No answer came in time; whether anything was changed is not known.'],
};

function errorResponse(status: number): Json {
  const [description, detail] = errorTexts[status] ?? [`Status ${status}`, ''];
  const body =
    status === 400
      ? { schema: reference('ValidationError'), example: { name: ['This field is required.'] } }
      : { schema: reference('Error'), example: { detail } };
  return { description, content: { 'application/json': body } };
}

function reference(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

const errorSchemas: Json = {
  Error: { type: 'object', required: ['detail'], properties: { detail: { type: 'string' } } },
  ValidationError: {
    description: 'The messages of each wrong field, or why the body cannot be read',
    anyOf: [
      reference('Error'),
      { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } },
    ],
  },
};
