import { describe, expect, it } from 'vitest';
import { openApiDocumentOfAll } from './openapi-file.ts';

interface Operation {
  parameters?: { name: string; in: string; required?: boolean; description: string }[];
  requestBody?: { content: Record<string, { schema: unknown }> };
  responses: Record<string, { content?: Record<string, { schema: unknown }> }>;
}
interface Schema {
  $ref?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
}

const document = JSON.parse(JSON.stringify(openApiDocumentOfAll())) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};

const paging = ['page', 'limit'];
const ofAthletes = [
  ...['ordering', 'search', 'email', 'username', 'external_id', 'first_name', 'last_name', 'gender'],
  ...['managed_by', 'is_managed', 'birthdate_from', 'birthdate_to'],
];
const ofSchemas = ['ordering', 'search', 'type', 'parent'];
const ofActivities = ['ordering', 'search', 'name', 'owner'];
const ofTimeFrames = [
  ...['ordering', 'device', 'athlete', 'owner', 'activity', 'start_time_from', 'start_time_to'],
  ...['end_time_from', 'end_time_to', 'with_device', 'with_activity', 'with_athlete'],
];
const athleteFields = ['id', 'username', 'external_id', 'email', 'managed_by', 'athlete_profile'];
const profileFields = [
  ...['id', 'external_id', 'first_name', 'last_name', 'gender', 'weight', 'height', 'birth_date'],
  ...['nationality', 'profile_picture'],
];
const permissionFields = [
  'id',
  'manager',
  'athlete',
  'start_time',
  'expiration_time',
  'permission',
  'is_active',
];
const schemaFields = ['id', 'name', 'type', 'parent', 'schema'];
const activityFields = ['id', 'name', 'json', 'json_schema', 'owner'];
const webhookFields = ['id', 'secret_token', 'activity_events', 'timeframes_events'];
const timeFrameFields = [
  ...['id', 'start_time', 'end_time', 'params', 'device', 'activity', 'athlete', 'owner', 'json_schema'],
];
const page = { isList: true };
const withoutId = (fields: readonly string[]) => fields.filter((name) => name !== 'id');
const newAthlete = ['username', 'external_id', 'email', 'athlete_profile'];
const managedAthlete = ['external_id', 'managed_by', 'athlete_profile'];
const newWebhook = ['webhook_url', ...withoutId(webhookFields)];

interface Expected {
  query?: readonly string[];
  request?: readonly string[];
  answer?: readonly string[];
  isList?: boolean;
}

/** The original's operations: the success first among the statuses. */
const operations: readonly (readonly [string, string, readonly number[], Expected?])[] = [
  ['GET', '/athletes/', [200, 403], { query: [...paging, ...ofAthletes], answer: athleteFields, ...page }],
  ['POST', '/athletes/', [201, 403], { request: newAthlete, answer: athleteFields }],
  [
    'POST',
    '/athletes/create-managed/',
    [201, 403],
    { request: managedAthlete, answer: athleteFields.filter((name) => name !== 'email') },
  ],
  ['GET', '/athletes/by-external-id/', [200, 403, 404], { query: ['external-id'], answer: athleteFields }],
  ['GET', '/athletes/{athlete}/', [200, 403, 404], { query: ofAthletes, answer: athleteFields }],
  [
    'PUT',
    '/athletes/{athlete}/',
    [201, 403, 404],
    { query: ofAthletes, request: newAthlete, answer: athleteFields },
  ],
  ['DELETE', '/athletes/{athlete}/', [204, 403, 404], { query: ofAthletes }],
  [
    'PUT',
    '/athletes/{athlete}/update-managed/',
    [201, 403],
    { request: managedAthlete, answer: athleteFields },
  ],
  ['DELETE', '/athletes/{athlete}/delete-managed/', [204, 403, 404]],
  ['PUT', '/athletes/{athlete}/change-password/', [204, 404], { request: ['password'] }],
  [
    'GET',
    '/athletes/{athlete}/permissions/',
    [200, 403, 404],
    { query: paging, answer: permissionFields, ...page },
  ],
  [
    'GET',
    '/athletes/{athlete}/permissions/{manager}/',
    [200, 403, 404],
    { query: paging, answer: permissionFields, ...page },
  ],
  [
    'POST',
    '/athletes/{athlete}/permissions/{manager}/',
    [200, 403, 404],
    { request: ['start_time', 'expiration_time', 'permission'], answer: permissionFields },
  ],
  ['DELETE', '/athletes/{athlete}/permissions/{manager}/', [204, 403, 404]],
  ['DELETE', '/athletes/{athlete}/permissions/{manager}/{permission}/', [204, 403, 404]],
  [
    'GET',
    '/json-schemas/',
    [200, 403, 404],
    { query: [...paging, ...ofSchemas], answer: schemaFields, ...page },
  ],
  ['GET', '/json-schemas/{json_schema}/', [200, 403, 404], { query: ofSchemas, answer: schemaFields }],
  [
    'GET',
    '/activities/',
    [200, 403, 404],
    { query: [...paging, ...ofActivities], answer: activityFields, ...page },
  ],
  ['POST', '/activities/', [201, 400, 403], { request: withoutId(activityFields), answer: activityFields }],
  ['GET', '/activities/{activity}/', [200, 403, 404], { query: ofActivities, answer: activityFields }],
  [
    'PUT',
    '/activities/{activity}/',
    [200, 400, 403],
    { query: ofActivities, request: withoutId(activityFields), answer: activityFields },
  ],
  ['DELETE', '/activities/{activity}/', [204, 403, 404], { query: ofActivities }],
  [
    'GET',
    '/activities/{activity}/webhooks/',
    [200, 403, 404],
    { query: paging, answer: webhookFields, ...page },
  ],
  [
    'POST',
    '/activities/{activity}/webhooks/',
    [200, 400, 403],
    { request: newWebhook, answer: webhookFields },
  ],
  ['GET', '/activities/{activity}/webhooks/{webhook}/', [200, 403, 404], { answer: webhookFields }],
  [
    'PUT',
    '/activities/{activity}/webhooks/{webhook}/',
    [200, 403, 404],
    { request: newWebhook, answer: webhookFields },
  ],
  ['DELETE', '/activities/{activity}/webhooks/{webhook}/', [204, 403, 404]],
  [
    'GET',
    '/timeframes/',
    [200, 403],
    { query: [...paging, ...ofTimeFrames], answer: timeFrameFields, ...page },
  ],
  ['POST', '/timeframes/', [201, 400, 403], { request: withoutId(timeFrameFields), answer: timeFrameFields }],
  ['GET', '/timeframes/{timeFrame}/', [200, 403, 404], { query: ofTimeFrames, answer: timeFrameFields }],
  ...(['PUT', 'PATCH'] as const).map(
    (method) =>
      [
        method,
        '/timeframes/{timeFrame}/',
        [200, 400, 403, 404],
        { query: ofTimeFrames, request: withoutId(timeFrameFields), answer: timeFrameFields },
      ] as const,
  ),
  ['DELETE', '/timeframes/{timeFrame}/', [204, 403, 404], { query: ofTimeFrames }],
  ['GET', '/activities/{activity}/computed/', [200, 403, 404]],
  ['GET', '/timeframes/{timeFrame}/computed/', [200, 403, 404]],
];

/** What lists may be ordered by. */
const orderings: readonly (readonly [string, readonly string[]])[] = [
  [
    '/athletes/',
    ['username', 'email', 'external_id', 'first_name', 'last_name', 'gender', 'birthdate', 'managed_by'],
  ],
  ['/json-schemas/', ['name', 'type', 'parent']],
  ['/activities/', ['name']],
  ['/timeframes/', ['start_time', 'end_time', 'device', 'athlete', 'activity']],
];

function resolved(schema: Schema | undefined): Schema {
  const name = schema?.$ref?.split('/').pop();
  return (name === undefined ? schema : document.components.schemas[name]) ?? {};
}
const fieldsOf = (schema: unknown) => Object.keys(resolved(schema as Schema).properties ?? {});
const operationOf = (method: string, path: string): Operation | undefined =>
  document.paths[path]?.[method.toLowerCase()];

describe('the OpenAPI document has each operation of the original', () => {
  it('of which there are 35', () => {
    expect(new Set(operations.map(([method, path]) => `${method} ${path}`)).size).toBe(35);
  });

  const rows = operations.map(([method, path, statuses, expected = {}]) => ({
    method,
    path,
    statuses,
    expected,
  }));
  it.each(rows)('$method $path', ({ method, path, statuses, expected }) => {
    const { query = [], request, answer, isList } = expected;
    const operation = operationOf(method, path);
    if (!operation) throw new Error(`There is no ${method} ${path}.`);
    const parameters = operation.parameters ?? [];
    const namesIn = (place: string) => parameters.filter((p) => p.in === place).map(({ name }) => name);
    expect(namesIn('query').sort()).toEqual([...query].sort());
    expect(namesIn('path')).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));

    const successes = Object.keys(operation.responses).filter((status) => status.startsWith('2'));
    expect(successes).toEqual([String(statuses[0])]);
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(statuses.map(String)));

    const given = operation.requestBody?.content['application/json']?.schema;
    if (request) expect(fieldsOf(given)).toEqual(expect.arrayContaining([...request]));
    const shown = operation.responses[successes[0] ?? '']?.content?.['application/json']?.schema as Schema;
    const one = isList ? resolved(shown).properties?.['results']?.items : shown;
    if (isList) expect(fieldsOf(shown)).toEqual(['count', 'page', 'next', 'previous', 'results']);
    if (answer) expect(fieldsOf(one)).toEqual(expect.arrayContaining([...answer]));
    if (answer?.includes('athlete_profile'))
      expect(fieldsOf(resolved(one).properties?.['athlete_profile'])).toEqual(
        expect.arrayContaining(profileFields),
      );
  });

  it.each(orderings)('orders %s by what the original orders by', (path, fields) => {
    const ordering = operationOf('GET', path)?.parameters?.find(({ name }) => name === 'ordering');
    expect(ordering?.description.match(/: (.*?)\. A -/)?.[1]).toBe(fields.join(', '));
  });

  it('requires an external id where athletes are found by it', () => {
    const parameters = operationOf('GET', '/athletes/by-external-id/')?.parameters ?? [];
    const ofQuery = parameters.filter((parameter) => parameter.in === 'query');
    expect(ofQuery).toEqual([expect.objectContaining({ name: 'external-id', required: true })]);
  });
});
