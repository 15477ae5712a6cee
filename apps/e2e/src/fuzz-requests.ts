import fc, { type Arbitrary } from 'fast-check';
import type { Content, Document, Operation, Schema } from './contract.ts';
import { type Known, nearlyValid, type Place, validRequest } from './fuzz-valid.ts';

export const callers = ['manager', 'other', 'athlete', 'admin', 'device', 'forged', 'nobody'] as const;
export type CallerName = (typeof callers)[number];

/** A place for an id that is known only when the request is sent. */
export interface PooledId {
  readonly pool: string;
  readonly pick: number;
}

export interface FuzzRequest {
  readonly caller: CallerName;
  readonly base: string;
  readonly method: string;
  readonly template: string;
  readonly params: Readonly<Record<string, string | PooledId>>;
  readonly query: readonly (readonly [string, string | PooledId])[];
  readonly headers: Readonly<Record<string, string>>;
  /** JSON that may hold pooled ids, or text that is sent as it is. */
  readonly body: { readonly json: unknown } | { readonly text: string } | undefined;
}

const weightOf: Readonly<Record<CallerName, number>> = {
  manager: 8,
  other: 2,
  athlete: 3,
  admin: 3,
  device: 1,
  forged: 1,
  nobody: 1,
};
const bases = ['/api/v1', '/api/v1', '/api/v1', '/v1', '/api'];

/** Which pool the ids in fields and parameters of a name come from. */
const poolOf: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['athlete', 'manager', 'device', 'activity', 'timeFrame', 'webhook', 'permission', 'delivery'].map(
      (name) => [name, name],
    ),
  ),
  spareDevice: 'spareDevice',
  owner: 'manager',
  managed_by: 'manager',
  json_schema: 'jsonSchema',
  parent: 'jsonSchema',
};

/** Deleting these would end the callers themselves. */
const endsCallers = new Set(['deleteManager', 'deleteAthlete', 'deleteManagedAthlete']);
/** These would take the device away from its time frames. */
const movesDevice = new Set(['takeOwnership', 'releaseOwnership', 'rotateIngestToken']);

const pooled = (name: string): Arbitrary<PooledId> =>
  fc.nat(999).map((pick) => ({ pool: poolOf[name] ?? 'activity', pick }));

const hostileText = fc.constantFrom(
  ...['', ' ', '\0', 'a\0b', '\ud800', '%', '%00', '..', '../..', '{}', '[]', '$where', '.*', '(', '\\'],
  ...['null', 'NaN', '-1', '0', '1e400', '9'.repeat(40), '4294967295', '4294967296', '0x10', 'İß ﬃ é'],
  ...['<script>', "' OR 1=1 --", '\u202e', '😀'.repeat(50), 'x'.repeat(300), 'x'.repeat(5000)],
  ...['2024-02-30T00:00:00Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '2024-06-01T12:00:00'],
);
const hostileValue: Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom(null, true, false, 0, -1, 1.5, 1e308, 2 ** 31, 2 ** 32, 2 ** 53, [], {}, [[]], [null]),
  fc.constantFrom({ $gt: 0 }, { constructor: 1 }, { toString: 'x' }, ['__proto__'], nested(30), nested(500)),
  fc.jsonValue(),
);

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i += 1) value = i % 2 ? [value] : { a: value };
  return value;
}

const instant = fc.constantFrom(
  ...[
    '2024-06-01T12:00:00Z',
    '2024-06-01T12:30:00+0000',
    '2024-06-01T15:00:00.5+02:00',
    '2024-06-02T00:00:00Z',
  ],
);

/** Mostly values that the schema allows, of a name that tells which ids there are. */
class Values {
  readonly #components: Readonly<Record<string, Schema>>;

  constructor(document: Document) {
    const { components } = document as unknown as { components: { schemas: Record<string, Schema> } };
    this.#components = components.schemas;
  }

  of(schema: Schema, name: string, hostility = 12): Arbitrary<unknown> {
    const fitting = this.#fitting(schema, name, hostility);
    return fc.oneof(
      { weight: 100 - hostility, arbitrary: fitting },
      { weight: hostility, arbitrary: hostileValue },
    );
  }

  #fitting(schema: Schema, name: string, hostility: number): Arbitrary<unknown> {
    const { $ref, anyOf, enum: choices } = schema;
    if ($ref) return this.#fitting(this.#components[$ref.split('/').pop()] ?? {}, name, hostility);
    if (anyOf) return fc.oneof(...anyOf.map((one: Schema) => this.#fitting(one, name, hostility)));
    if (choices) return fc.constantFrom(...choices);
    if (name in poolOf && !schema['properties']) return pooled(name);
    const type: unknown = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
    switch (type) {
      case 'object':
        return this.#object(schema, name, hostility);
      case 'array':
        return fc.array(this.of(schema['items'] ?? {}, name, hostility), { maxLength: 6 });
      case 'integer':
        return fc.oneof(fc.integer({ min: 0, max: 200 }), fc.constant(Date.UTC(2024, 5, 1, 12)));
      case 'number':
        return fc.oneof(
          fc.integer({ min: 0, max: 200 }),
          fc.double({ noNaN: true, noDefaultInfinity: true }),
        );
      case 'boolean':
        return fc.boolean();
      case 'string':
        return textOf(schema);
      case 'null':
        return fc.constant(null);
      default:
        return fc.jsonValue();
    }
  }

  #object(schema: Schema, name: string, hostility: number): Arbitrary<unknown> {
    const properties = Object.entries(schema['properties'] ?? {}) as [string, Schema][];
    if (name === 'json' || name === 'params') return parameters;
    if (properties.length === 0)
      return fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue(), { maxKeys: 3 });
    const fields = Object.fromEntries(
      properties.map(([key, member]) => [key, this.of(member, key, hostility)]),
    );
    return fc.oneof(
      { weight: 9, arbitrary: fc.record(fields, { requiredKeys: schema['required'] ?? [] }) },
      { weight: 1, arbitrary: fc.record(fields, { requiredKeys: [] }) },
    );
  }
}

/** Of activities and time frames; a schema's other keys are free. */
const parameters = fc.oneof(
  fc.constantFrom(
    { sport: 'soccer' },
    { sport: 'running' },
    {},
    { max_hr: 190 },
    { sport: 'soccer', gpx: '<gpx/>' },
  ),
  fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue(), { maxKeys: 4 }),
);

function textOf(schema: Schema): Arbitrary<string> {
  switch (schema['format']) {
    case 'date-time':
      return instant;
    case 'date':
      return fc.constantFrom('1996-01-01', '2001-12-31');
    case 'email':
      return fc.uuid().map((id) => `${id}@example.com`);
    case 'uri':
      return fc.constant('https://example.com/hook');
    default:
      return schema['contentEncoding']
        ? fc.base64String({ maxLength: 40 })
        : fc.oneof(fc.uuid(), fc.string({ maxLength: 20 }));
  }
}

function placesOf(document: Document): Place[] {
  return Object.entries(document.paths).flatMap(([template, item]) =>
    Object.entries(item as Readonly<Record<string, Operation>>)
      .filter(([, member]) => 'operationId' in member)
      .map(([method, operation]) => ({
        template,
        method: method.toUpperCase(),
        operation,
        isRoot: item.servers !== undefined,
      })),
  );
}

/** One good request of each operation, in an order in which each can succeed. */
export function goodRequests(
  document: Document,
  known: Known,
  seed: number,
): { operationId: string; request: FuzzRequest }[] {
  const places = placesOf(document);
  // What is sent again has to have been sent.
  const last = ({ operation }: Place) => operation.operationId === 'redeliver';
  return [...places.filter((place) => !last(place)), ...places.filter(last)].flatMap((place, i) =>
    fc
      .sample(validRequest(place, known), { numRuns: 1, seed: seed + i })
      .map((request) => ({ operationId: place.operation.operationId, request })),
  );
}

/** Requests of every operation of the document, about as many of each: good, wrong in one place, and wild ones. */
export function fuzzRequests(document: Document, known: Known): Arbitrary<FuzzRequest> {
  const values = new Values(document);
  return fc.oneof(
    ...placesOf(document).map((place) => {
      const { template, method, operation, isRoot } = place;
      const wild = fc.record({
        caller: fc.oneof(
          ...callers.map((name) => ({ weight: weightOf[name], arbitrary: fc.constant(name) })),
        ),
        base: isRoot ? fc.constant('') : fc.constantFrom(...bases),
        method: fc.constant(method),
        template: fc.constant(template),
        params: pathParams(operation),
        query: queryOf(operation, values),
        headers: headersOf(method),
        body: bodyOf(operation.requestBody?.content, values),
      });
      const valid = validRequest(place, known);
      return fc.oneof(
        { weight: 3, arbitrary: valid },
        { weight: 4, arbitrary: nearlyValid(valid, wild, hostileValue) },
        { weight: 4, arbitrary: wild },
      );
    }),
  );
}

function pathParams({
  operationId,
  parameters = [],
}: Operation): Arbitrary<Record<string, string | PooledId>> {
  const id = (name: string) => {
    if (endsCallers.has(operationId)) return fc.constantFrom('999999', 'abc');
    return pooled(movesDevice.has(operationId) ? 'spareDevice' : name);
  };
  return fc.record(
    Object.fromEntries(
      parameters
        .filter((parameter) => parameter.in === 'path')
        .map(({ name }) => [
          name,
          fc.oneof(
            { weight: 8, arbitrary: id(name) },
            { weight: 1, arbitrary: hostileText.filter((t) => t !== '') },
          ),
        ]),
    ),
  );
}

function queryOf({ parameters = [] }: Operation, values: Values): Arbitrary<[string, string | PooledId][]> {
  const known = parameters.filter((parameter) => parameter.in === 'query');
  const one = known.map(({ name, schema, example }) =>
    fc.tuple(
      fc.constant(name),
      fc.oneof(
        { weight: 3, arbitrary: example === undefined ? values.of(schema, name, 0) : fc.constant(example) },
        { weight: 1, arbitrary: hostileText },
      ),
    ),
  );
  const any = fc.oneof(fc.tuple(fc.constant('unknown'), hostileText), ...one) as Arbitrary<[string, unknown]>;
  const asked = fc.array(any, { maxLength: 4 });
  const always = known.filter(({ required }) => required).map(({ name, example }) => [name, String(example)]);
  return asked.map((given) =>
    [...always, ...given].map(([name, value]) => [String(name), isPooled(value) ? value : String(value)]),
  );
}

export const isPooled = (value: unknown): value is PooledId =>
  typeof value === 'object' && value !== null && 'pool' in value && 'pick' in value;

function headersOf(method: string): Arbitrary<Record<string, string>> {
  const tag = fc.constantFrom('*', '"x"', 'W/"x", "y"', 'no tag', '""');
  const named = (name: string, value: Arbitrary<string>) => value.map((text) => ({ [name]: text }));
  const odd = fc.oneof(
    named('accept', fc.constantFrom('text/csv', 'text/html', '*/*;q=0', 'x')),
    named(
      'content-type',
      fc.constantFrom('text/plain', 'application/json; charset=latin1', 'x', 'multipart/form-data'),
    ),
    named('x-request-id', fc.constantFrom('a', '-'.repeat(500), 'a b')),
    method === 'GET' ? named('if-none-match', tag) : named('if-match', tag),
    method === 'POST'
      ? named('idempotency-key', fc.constantFrom('a', 'b', 'c', 'k'.repeat(400)))
      : named('range', fc.constant('bytes=0-1')),
  );
  return fc.oneof({ weight: 5, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: odd });
}

function bodyOf(
  contents: Readonly<Record<string, Content>> | undefined,
  values: Values,
): Arbitrary<FuzzRequest['body']> {
  const broken = fc.constantFrom(
    '{',
    '[',
    '',
    'null',
    '[]',
    '"x"',
    '1',
    '{"a":1}{',
    '\ufeff{}',
    '{"__proto__":{"a":1}}',
    `[${'['.repeat(50_000)}`,
    `{"json":${'['.repeat(20_000)}${']'.repeat(20_000)},"params":{"a":${'['.repeat(99)}${']'.repeat(99)}}}`,
  );
  const text: Arbitrary<FuzzRequest['body']> = broken.map((value) => ({ text: value }));
  const content = contents && Object.entries(contents)[0];
  if (!content)
    return fc.oneof({ weight: 20, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: text });
  const [mediaType, { schema }] = content;
  const fitting = fc.oneof(values.of(schema, 'body', 3), values.of(schema, 'body', 15));
  if (mediaType === 'application/x-www-form-urlencoded') {
    return fitting.map((fields) => ({
      text: new URLSearchParams(
        Object.entries(fields ?? {}).map(([name, value]): [string, string] => [
          name,
          typeof value === 'string' ? value : JSON.stringify(value),
        ]),
      ).toString(),
    }));
  }
  return fc.oneof(
    { weight: 12, arbitrary: fitting.map((json) => ({ json })) },
    { weight: 1, arbitrary: text },
  );
}
