import fc, { type Arbitrary } from 'fast-check';
import type { Operation } from './contract.ts';
import type { CallerName, FuzzRequest, PooledId } from './fuzz-requests.ts';

/** What of the running system makes a request good. */
export interface Known {
  readonly client: Readonly<Record<string, string>>;
  readonly redirectUri: string;
  readonly username: string;
  readonly password: string;
  /** Of the athlete and the manager who are asked for by it. */
  readonly externalId: string;
}

export interface Place {
  readonly template: string;
  readonly method: string;
  readonly operation: Operation;
  readonly isRoot: boolean;
}

type Value = string | PooledId;

const at = (pool: string, pick: number): PooledId => ({ pool, pick });
const newest = (pool: string): PooledId => at(pool, -1);

/** Who may, where it is not the manager who owns the resources. */
const callerOf: Readonly<Record<string, CallerName>> = {
  ...Object.fromEntries(
    [
      ...['updateAthlete', 'changePassword', 'patchPassword', 'postPassword', 'exportAccount'],
      ...['listPermissions', 'listManagerPermissions', 'grantPermission', 'revokePermission'],
      ...['revokePermissions'],
    ].map((name) => [name, 'athlete']),
  ),
  ...Object.fromEntries(
    [
      ...['deleteManager', 'deleteAthlete', 'deleteManagedAthlete', 'setExtraPermissions'],
      ...['createDevice', 'rotateIngestToken'],
    ].map((name) => [name, 'admin']),
  ),
  ingestPreprocessed: 'device',
};

/** Ids of the path, where they are not the first manager, his athlete, his device and what was created last. */
const idsOf: Readonly<Record<string, Readonly<Record<string, PooledId>>>> = {
  deleteManager: { manager: newest('spareManager') },
  deleteAthlete: { athlete: newest('spareAthlete') },
  deleteManagedAthlete: { athlete: newest('spareManaged') },
  setExtraPermissions: { manager: at('manager', 1) },
  takeOwnership: { device: newest('spareDevice') },
  releaseOwnership: { device: newest('spareDevice') },
  rotateIngestToken: { device: newest('spareDevice') },
};

function idIn(operationId: string, name: string): PooledId {
  const own = idsOf[operationId]?.[name];
  if (own) return own;
  switch (name) {
    case 'athlete':
      return at('athlete', callerOf[operationId] === 'athlete' ? 1 : 0);
    case 'manager':
    case 'device':
    case 'permission':
      return at(name, 0);
    case 'json_schema':
      return at('jsonSchema', 0);
    default:
      return newest(name);
  }
}

const soccer = { json: { sport: 'soccer' }, json_schema: 1, owner: at('manager', 0) };
const frame = {
  start_time: '2024-06-01T12:00:00Z',
  end_time: '2024-06-01T13:00:00Z',
  params: { max_hr: 190 },
  device: at('device', 0),
  activity: newest('activity'),
  athlete: at('athlete', 0),
};

/** Bodies that the examples do not give, or only in parts. */
const bodies: Readonly<Record<string, unknown>> = {
  createTimeFrame: frame,
  updateTimeFrame: frame,
  partialUpdateTimeFrame: { params: frame.params },
  shareAthlete: { manager: at('manager', 1) },
  takeOwnership: {},
  releaseOwnership: {},
};
const parts: Readonly<Record<string, object>> = { createActivity: soccer, updateActivity: soccer };

/** Every name that is unique is new. */
function fitted(value: unknown, unique: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]): [string, unknown] => {
      if (['username', 'external_id', 'serial_number'].includes(name)) return [name, unique];
      if (name === 'email') return [name, `${unique}@example.com`];
      return [name, name === 'managed_by' ? at('manager', 0) : fitted(member, unique)];
    }),
  );
}

function bodyOf({ operation }: Place, known: Known, unique: string): FuzzRequest['body'] {
  const [content] = Object.entries(operation.requestBody?.content ?? {});
  if (!content) return undefined;
  const [mediaType, { example }] = content;
  const { operationId } = operation;
  if (mediaType === 'application/x-www-form-urlencoded') {
    const { client, username, password, redirectUri: redirect_uri } = known;
    const ofUser = { username, password, redirect_uri };
    return { text: new URLSearchParams({ ...(example as object), ...ofUser, ...client }).toString() };
  }
  return { json: bodies[operationId] ?? { ...(fitted(example, unique) as object), ...parts[operationId] } };
}

function queryOf({ operation }: Place, known: Known): FuzzRequest['query'] {
  const given: Readonly<Record<string, Value>> = {
    client_id: known.client['client_id'] ?? '',
    redirect_uri: known.redirectUri,
    'external-id': known.externalId,
  };
  return (operation.parameters ?? [])
    .filter((parameter) => parameter.in === 'query')
    .filter(({ required }) => required || operation.operationId === 'showAuthorization')
    .flatMap(({ name, example }): [string, Value][] => {
      const value = given[name] ?? example;
      return value === undefined ? [] : [[name, value as Value]];
    });
}

/** A request that is to succeed, of one operation. */
export function validRequest(place: Place, known: Known): Arbitrary<FuzzRequest> {
  const { template, method, operation, isRoot } = place;
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return fc.uuid().map((unique) => ({
    caller: callerOf[operation.operationId] ?? 'manager',
    base: isRoot ? '' : '/api/v1',
    method,
    template,
    params: Object.fromEntries(names.map((name) => [name, idIn(operation.operationId, name)])),
    query: queryOf(place, known),
    headers: {},
    body: bodyOf(place, known, unique),
  }));
}

/** One field, however deep, is another value, or is left out. */
function bodyWith(body: FuzzRequest['body'], pick: number, value: unknown): FuzzRequest['body'] {
  if (body === undefined || !('json' in body)) return { text: String(value) };
  const copy: unknown = structuredClone(body.json);
  const places: [holder: Record<string, unknown>, name: string][] = [];
  const collect = (holder: unknown) => {
    if (typeof holder !== 'object' || holder === null || 'pool' in holder) return;
    for (const [name, member] of Object.entries(holder)) {
      places.push([holder as Record<string, unknown>, name]);
      collect(member);
    }
  };
  collect(copy);
  const place = places[pick % Math.max(1, places.length)];
  if (!place) return { json: value };
  const [holder, name] = place;
  if (value === undefined) delete holder[name];
  else holder[name] = value;
  return { json: copy };
}

/** A good request that is wrong in at most one place. */
export function nearlyValid(
  valid: Arbitrary<FuzzRequest>,
  wild: Arbitrary<FuzzRequest>,
  hostile: Arbitrary<unknown>,
): Arbitrary<FuzzRequest> {
  return fc
    .record({
      good: valid,
      other: wild,
      place: fc.constantFrom('caller', 'params', 'query', 'headers', 'body', 'body', 'body'),
      pick: fc.nat(99),
      value: fc.oneof(fc.constant(undefined), hostile),
    })
    .map(({ good, other, place, pick, value }) =>
      place === 'body' && good.body !== undefined
        ? { ...good, body: bodyWith(good.body, pick, value) }
        : { ...good, [place]: other[place] },
    );
}
