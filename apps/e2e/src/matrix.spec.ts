import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { Api, newManager, signIn, signInAdmin } from './api.ts';
import { contractOf } from './contract.ts';
import { redirectUri } from './system.ts';

const [url, credentials] = [inject('url'), inject('credentials')];
const [windowStart, middle, windowEnd] = [
  '2024-06-01T12:00:00Z',
  '2024-06-01T12:30:00Z',
  '2024-06-01T13:00:00Z',
];
const longAgo = '2024-01-01T00:00:00Z';
const inYears = '2190-01-01T00:00:00Z';

/** Managers by what they hold on the athlete `person`; `manages` manages `managed`, `owns` owns the resources. */
const grants: Readonly<
  Record<string, readonly (readonly [permission: string, from: string, to?: string])[]>
> = {
  readsNow: [['READ', longAgo]],
  readUntilMiddle: [['READ', longAgo, middle]],
  readsLater: [['READ', inYears]],
  readInTwo: [
    ['READ', windowStart, middle],
    ['READ', middle, windowEnd],
  ],
  readWithHole: [
    ['READ', windowStart, middle],
    ['READ', '2024-06-01T12:30:00.001Z', windowEnd],
  ],
  writes: [['WRITE', longAgo]],
  shares: [['SHARE', longAgo]],
  manages: [],
  owns: [['WRITE', longAgo]],
  stranger: [],
};
const managers = Object.keys(grants);
const callers = ['nobody', 'himself', 'otherAthlete', ...managers, 'admin'];
const signedIn = callers.slice(1);
const managersAndAdmin = [...managers, 'admin'];

const apis: Record<string, Api> = { nobody: new Api(url) };
const ids: Record<string, number> = {};
const passwordOf = (name: string) => `password-of-${name}`;
const run = randomUUID();
const nameOf = (name: string) => `${name}-${run}`;
const personBody = () => ({
  username: nameOf('himself'),
  email: `${nameOf('himself')}@example.com`,
  external_id: nameOf('external'),
  athlete_profile: { first_name: 'Some', last_name: 'Body' },
});
const idOf = (name: string): number => ids[name] ?? 0;
/** Of an ADMIN's request it is the one who owns. */
const ownerFor = (caller: string) => (managers.includes(caller) ? idOf(caller) : idOf('owns'));

async function newPerson(name: string): Promise<{ id: number; api: Api }> {
  const { id } = await new Api(url).ok('POST', '/api/v1/athletes/', {
    ...personBody(),
    username: nameOf(name),
    email: `${nameOf(name)}@example.com`,
    external_id: name === 'himself' ? nameOf('external') : undefined,
    password: passwordOf(name),
  });
  return { id, api: await signIn(url, credentials, nameOf(name), passwordOf(name)) };
}

const managerBody = (name: string) => ({
  username: nameOf(name),
  email: `${nameOf(name)}@example.com`,
  external_id: nameOf(name),
  manager_profile: { first_name: 'Some', last_name: 'Manager' },
});

async function newPlainManager(name: string): Promise<{ id: number; api: Api }> {
  const body = { ...managerBody(name), password: passwordOf(name) };
  const { id } = await new Api(url).ok('POST', '/api/v1/managers/', body);
  return { id, api: await signIn(url, credentials, nameOf(name), passwordOf(name)) };
}

const activityBody = (owner: number) => ({ name: 'Match', json: { sport: 'soccer' }, json_schema: 1, owner });
const frameBody = () => ({
  start_time: windowStart,
  end_time: windowEnd,
  device: idOf('device'),
  activity: idOf('activity'),
  athlete: idOf('himself'),
  owner: idOf('owns'),
});
const webhookBody = {
  webhook_url: 'https://hooks.invalid/matrix',
  secret_token: 'a secret',
  activity_events: false,
  timeframes_events: false,
};
const managedBody = (manager: number) => ({
  managed_by: manager,
  athlete_profile: { first_name: 'Ada', last_name: 'Athlete' },
});

async function created(caller: string, path: string, body: unknown): Promise<number> {
  return (await (apis[caller] as Api).ok('POST', `/api/v1${path}`, body)).id;
}

beforeAll(async () => {
  apis['admin'] = await signInAdmin(url, credentials);
  for (const name of ['himself', 'otherAthlete'])
    ({ id: ids[name], api: apis[name] } = await newPerson(name));
  for (const name of [...managers, 'grantee'])
    ({ id: ids[name], api: apis[name] } =
      name === 'manages' ? await newManager(url, credentials) : await newPlainManager(name));
  const granting = apis['himself'] as Api;
  for (const [name, given] of Object.entries(grants)) {
    for (const [permission, start_time, expiration_time] of given)
      await granting.ok('POST', `/api/v1/athletes/${idOf('himself')}/permissions/${idOf(name)}/`, {
        permission,
        start_time,
        ...(expiration_time && { expiration_time }),
      });
  }
  const grant = { permission: 'READ', start_time: inYears };
  const toGrantee = `/athletes/${idOf('himself')}/permissions/${idOf('grantee')}/`;
  ids['permission'] = await created('himself', toGrantee, grant);
  ids['managed'] = await created('manages', '/athletes/create-managed/', managedBody(idOf('manages')));
  ids['device'] = await created('admin', '/devices/', { serial_number: nameOf('SN') });
  await (apis['owns'] as Api).ok('POST', `/api/v1/devices/${idOf('device')}/take-ownership/`, {
    start_time: longAgo,
  });
  ids['activity'] = await created('owns', '/activities/', activityBody(idOf('owns')));
  ids['timeFrame'] = await created('owns', '/timeframes/', frameBody());
  ids['webhook'] = await created('owns', `/activities/${idOf('activity')}/webhooks/`, webhookBody);
  ids['delivery'] = await created(
    'owns',
    filled('/activities/{activity}/webhooks/{webhook}/test/').slice(7),
    {},
  );
});

interface Row {
  readonly method: string;
  /** Names in braces stand for ids of the world above, or of `fresh`. */
  readonly path: string;
  readonly success: number;
  readonly allowed: readonly string[];
  /** All, when left out. */
  readonly asked?: readonly string[];
  readonly body?: (caller: string) => unknown;
  /** In the place of a body. */
  readonly form?: Readonly<Record<string, string>>;
  /** A path that names what is not there without an id. */
  readonly missing?: string;
  /** Who would end himself, and be no caller any more: that has its own test. */
  readonly ends?: string;
  /** Makes what an allowed caller uses up. */
  readonly fresh?: (caller: string) => Promise<Readonly<Record<string, number>>>;
}

const withRead = ['himself', 'readsNow', 'admin'];
const overWindow = ['readsNow', 'readInTwo', 'admin'];
const person = ['himself', 'admin'];
const owner = ['owns', 'admin'];
const manager = ['manages', 'admin'];
const row = (
  method: string,
  path: string,
  success: number,
  allowed: readonly string[],
  more: Omit<Row, 'method' | 'path' | 'success' | 'allowed'> = {},
): Row => ({ method, path, success, allowed, ...more });

const freshPermission = async () => ({
  permission: await created('himself', `/athletes/${idOf('himself')}/permissions/${idOf('grantee')}/`, {
    permission: 'READ',
    start_time: inYears,
  }),
});
const newDevice = () => created('admin', '/devices/', { serial_number: randomUUID() });
const freshActivity = async () => ({
  activity: await created('owns', '/activities/', activityBody(idOf('owns'))),
});
const webhooks = '/activities/{activity}/webhooks/';
const password = () => ({ password: passwordOf('himself') });

const rows: readonly Row[] = [
  row('GET', '/account/', 200, signedIn),
  row('GET', '/account/export/', 200, ['himself', 'otherAthlete']),
  row('GET', '/athletes/', 200, managersAndAdmin),
  row('POST', '/athletes/', 201, callers, {
    body: () => ({
      ...personBody(),
      username: randomUUID(),
      email: `${randomUUID()}@example.com`,
      external_id: undefined,
    }),
  }),
  row('POST', '/athletes/create-managed/', 201, manager, {
    body: (caller) => managedBody(managers.includes(caller) ? idOf(caller) : idOf('manages')),
  }),
  row('GET', `/athletes/by-external-id/?external-id=${nameOf('external')}`, 200, withRead, {
    missing: '/athletes/by-external-id/?external-id=nobody',
  }),
  row('GET', '/athletes/{himself}/', 200, withRead),
  row('GET', '/athletes/{managed}/', 200, manager),
  row('PUT', '/athletes/{himself}/', 201, person, { body: personBody }),
  row('DELETE', '/athletes/{himself}/', 204, ['admin'], {
    ends: 'himself',
    fresh: async () => ({ himself: (await newPerson(randomUUID().slice(0, 8))).id }),
  }),
  row('PUT', '/athletes/{managed}/update-managed/', 201, manager, {
    body: () => managedBody(idOf('manages')),
  }),
  row('DELETE', '/athletes/{managed}/delete-managed/', 204, manager, {
    fresh: async () => ({
      managed: await created('manages', '/athletes/create-managed/', managedBody(idOf('manages'))),
    }),
  }),
  ...['PUT', 'PATCH', 'POST'].map((method) =>
    row(method, '/athletes/{himself}/change-password/', 204, person, { body: password }),
  ),
  row('GET', '/athletes/{himself}/permissions/', 200, person),
  row('GET', '/athletes/{himself}/permissions/{grantee}/', 200, person),
  row('POST', '/athletes/{himself}/permissions/{grantee}/', 200, person, {
    body: () => ({ permission: 'READ', start_time: inYears }),
  }),
  row('DELETE', '/athletes/{himself}/permissions/{grantee}/{permission}/', 204, person, {
    fresh: freshPermission,
  }),
  row('DELETE', '/athletes/{himself}/permissions/{grantee}/', 204, person),
  row('POST', '/athletes/{himself}/share/', 200, ['shares', 'admin'], {
    body: () => ({ manager: idOf('grantee'), start_time: inYears }),
  }),
  row('GET', '/json-schemas/', 200, managersAndAdmin),
  row('GET', '/json-schemas/{jsonSchema}/', 200, managersAndAdmin),
  row('GET', '/activities/', 200, managersAndAdmin),
  row('POST', '/activities/', 201, managersAndAdmin, { body: (caller) => activityBody(ownerFor(caller)) }),
  row('GET', '/activities/{activity}/', 200, owner),
  row('PUT', '/activities/{activity}/', 200, owner, { body: () => activityBody(idOf('owns')) }),
  row('DELETE', '/activities/{activity}/', 204, owner, { fresh: freshActivity }),
  row('GET', webhooks, 200, owner),
  row('POST', webhooks, 200, owner, { body: () => webhookBody }),
  row('GET', `${webhooks}{webhook}/`, 200, owner),
  row('PUT', `${webhooks}{webhook}/`, 200, owner, { body: () => webhookBody }),
  row('DELETE', `${webhooks}{webhook}/`, 204, owner, {
    fresh: async () => ({
      webhook: await created('owns', `/activities/${idOf('activity')}/webhooks/`, webhookBody),
    }),
  }),
  row('GET', `${webhooks}{webhook}/deliveries/`, 200, owner),
  row('POST', `${webhooks}{webhook}/test/`, 202, owner),
  row('POST', `${webhooks}{webhook}/deliveries/{delivery}/redeliver/`, 202, owner),
  row('GET', '/timeframes/', 200, managersAndAdmin),
  row('POST', '/timeframes/', 201, owner, { body: frameBody }),
  row('GET', '/timeframes/{timeFrame}/', 200, owner),
  row('PUT', '/timeframes/{timeFrame}/', 200, owner, { body: frameBody }),
  row('PATCH', '/timeframes/{timeFrame}/', 200, owner, { body: () => ({ params: {} }) }),
  row('DELETE', '/timeframes/{timeFrame}/', 204, owner, {
    fresh: async () => ({ timeFrame: await created('owns', '/timeframes/', frameBody()) }),
  }),
  row('GET', '/activities/{activity}/computed/', 200, overWindow),
  row('GET', '/timeframes/{timeFrame}/computed/', 200, overWindow),
  row('POST', '/managers/', 201, callers, { body: () => managerBody(randomUUID().slice(0, 8)) }),
  row('GET', `/managers/by-external-id/?external-id=${nameOf('stranger')}`, 200, ['stranger', 'admin'], {
    missing: '/managers/by-external-id/?external-id=nobody',
  }),
  row('GET', '/managers/{stranger}/', 200, ['stranger', 'admin']),
  row('PUT', '/managers/{stranger}/', 200, ['stranger', 'admin'], { body: () => managerBody('stranger') }),
  row('DELETE', '/managers/{stranger}/', 204, ['admin'], {
    ends: 'stranger',
    fresh: async () => ({ stranger: (await newPlainManager(randomUUID().slice(0, 8))).id }),
  }),
  row('PUT', '/managers/{stranger}/change-password/', 204, ['stranger', 'admin'], {
    body: () => ({ password: passwordOf('stranger') }),
  }),
  row('PUT', '/managers/{grantee}/extra-permissions/', 200, ['admin'], {
    body: () => ({ extra_permissions: [] }),
  }),
  row('GET', '/devices/', 200, managersAndAdmin),
  row('POST', '/devices/', 201, ['admin'], { body: () => ({ serial_number: randomUUID() }) }),
  row('GET', '/devices/{device}/', 200, owner),
  row('GET', '/devices/{device}/ownerships/', 200, owner),
  row('PUT', '/devices/{device}/set-custom-name/', 200, owner, {
    body: () => ({ custom_name: 'Goalkeeper' }),
  }),
  row('POST', '/devices/{device}/rotate-ingest-token/', 200, owner),
  row('POST', '/devices/{device}/take-ownership/', 200, managersAndAdmin, {
    body: (caller) => (caller === 'admin' ? { owner: idOf('owns') } : {}),
    fresh: async () => ({ device: await newDevice() }),
  }),
  row('POST', '/devices/{device}/release-ownership/', 200, owner, {
    body: () => ({}),
    fresh: async () => {
      const device = await newDevice();
      await (apis['owns'] as Api).ok('POST', `/api/v1/devices/${device}/take-ownership/`, {});
      return { device };
    },
  }),
  row('GET', `/devices/{device}/preprocessed/?start=${windowStart}&stop=${windowEnd}`, 200, owner),
  row('POST', '/devices/{device}/preprocessed/', 202, owner, {
    body: () => ({ ecg: { timestamp: [Date.parse(middle)], hr: [150] } }),
  }),
  row('GET', '/openapi.json', 200, callers),
  row('GET', '/healthz', 200, callers),
  row('GET', '/readyz', 200, callers),
  ...clientRows(),
];

/** Who asks says the request; whether somebody has signed in makes no difference. */
function clientRows(): Row[] {
  const { client_id, client_secret, admin_username: username, admin_password } = credentials;
  const client = { client_id, client_secret };
  const asked = ['nobody', 'himself', 'admin'];
  const request = {
    response_type: 'code',
    client_id,
    redirect_uri: redirectUri,
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  };
  const signingIn = { username, password: admin_password };
  const ofClient = (path: string, form: Readonly<Record<string, string>>, success = 200) =>
    row('POST', path, success, asked, { asked, form });
  return [
    row('GET', `/oauth2/authorize/?${new URLSearchParams(request).toString()}`, 200, asked, { asked }),
    ofClient('/oauth2/authorize/', { ...request, ...signingIn }, 303),
    ofClient('/oauth2/token/', { ...client, ...signingIn, grant_type: 'password' }),
    ofClient('/oauth2/introspect/', { ...client, token: 'unknown' }),
    ofClient('/oauth2/revoke_token/', { ...client, token: 'unknown' }),
  ];
}

const missing = 999_999;
const atRoot = /^\/(oauth2|healthz|readyz)\b/;
function filled(path: string, given: Readonly<Record<string, number>> = {}): string {
  const place = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    String(given[name] ?? ids[name] ?? missing),
  );
  return atRoot.test(path) ? place : `/api/v1${place}`;
}
/** The path whose first or last id is of nothing. */
const lacking = (path: string, which: 'first' | 'last'): string =>
  filled(path.replace(which === 'first' ? /\{\w+\}/ : /\{\w+\}(?!.*\{)/, String(missing)));

async function statusOf(caller: string, { method, body, form }: Row, path: string): Promise<number> {
  const asForm = form && {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    raw: new URLSearchParams(form).toString(),
  };
  const answer = await (apis[caller] as Api).call(method, path, asForm ?? (body && { body: body(caller) }));
  return answer.status;
}

/** Of several at once: who is refused changes nothing that another could see. */
async function statusesOf(asking: readonly string[], one: Row, path: string) {
  return Object.fromEntries(
    await Promise.all(asking.map(async (caller) => [caller, await statusOf(caller, one, path)] as const)),
  );
}

/** All that a write of the table could have changed, as an ADMIN sees it. */
async function world(): Promise<unknown> {
  const paths = [
    '/athletes/{himself}/',
    '/athletes/{managed}/',
    '/athletes/{himself}/permissions/',
    '/activities/{activity}/',
    webhooks,
    '/timeframes/{timeFrame}/',
    '/managers/{grantee}/',
    '/managers/{stranger}/',
    '/devices/{device}/',
    '/devices/{device}/ownerships/',
    `/devices/{device}/preprocessed/?start=${windowStart}&stop=${windowEnd}`,
  ];
  const counted = [
    ...['/athletes/?limit=1', '/activities/?limit=1', '/timeframes/?limit=1', '/devices/?limit=1'],
    `${webhooks}{webhook}/deliveries/?limit=1`,
  ];
  const admin = apis['admin'] as Api;
  return {
    resources: await Promise.all(paths.map((path) => admin.ok('GET', filled(path)))),
    counts: await Promise.all(counted.map(async (path) => (await admin.ok('GET', filled(path))).count)),
  };
}

beforeAll(() => {
  ids['jsonSchema'] = 12;
});

describe.each(rows)('$method $path', (one) => {
  const { path, success, allowed, fresh, asked = callers } = one;
  const refused = asked.filter((caller) => !allowed.includes(caller) && caller !== one.ends);

  const onRefusal = refused.length > 0 ? it : undefined;
  onRefusal?.('is refused to all but those who may, and changes nothing then', async () => {
    const before = await world();
    expect(await statusesOf(refused, one, filled(path))).toEqual(
      Object.fromEntries(refused.map((caller) => [caller, caller === 'nobody' ? 401 : 403])),
    );
    expect(await world()).toEqual(before);
  });

  const nowhere = one.missing
    ? [filled(one.missing)]
    : path.includes('{')
      ? [...new Set([lacking(path, 'first'), lacking(path, 'last')])]
      : [];
  const onResource = nowhere.length > 0 ? it : undefined;
  onResource?.('is 404 to everybody signed in when there is no such resource', async () => {
    for (const place of nowhere) {
      expect(await statusesOf(callers, one, place), place).toEqual(
        Object.fromEntries(callers.map((caller) => [caller, caller === 'nobody' ? 401 : 404])),
      );
    }
  });

  it(`answers ${success} to those who may`, async () => {
    const answers: Record<string, number> = {};
    for (const caller of allowed) {
      const given = (await fresh?.(caller)) ?? {};
      answers[caller] = await statusOf(caller, one, filled(path, given));
    }
    expect(answers).toEqual(Object.fromEntries(allowed.map((caller) => [caller, success])));
  });
});

it('leaves the passwords as they were, and lets an athlete and a manager delete himself', async () => {
  await signIn(url, credentials, nameOf('himself'), passwordOf('himself'));
  await signIn(url, credentials, nameOf('stranger'), passwordOf('stranger'));
  const athlete = await newPerson('leaving');
  const manager = await newPlainManager('leaving-manager');
  for (const { api, path } of [
    { api: athlete.api, path: `/api/v1/athletes/${athlete.id}/` },
    { api: manager.api, path: `/api/v1/managers/${manager.id}/` },
  ]) {
    expect((await api.call('DELETE', path)).status).toBe(204);
    expect((await (apis['admin'] as Api).call('GET', path)).status).toBe(404);
  }
});

it('holds every operation of the served document', async () => {
  const { document } = await contractOf(url);
  const placeOf = (method: string, path: string) =>
    `${method} ${path.replace(/\?.*/, '').replaceAll(/\{\w+\}/g, '{}')}`;
  const served = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => key !== 'servers')
      .map((method) => placeOf(method.toUpperCase(), path)),
  );
  const held = new Set(rows.map(({ method, path }) => placeOf(method, path)));
  expect([...new Set(served)].sort()).toEqual([...held].sort());
});
