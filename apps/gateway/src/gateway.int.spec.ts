import { type DescService } from '@bufbuild/protobuf';
import { ActivityService } from '@touchline/contracts/activity/v1/service';
import { ReadModelsService } from '@touchline/contracts/common/v1/read_models';
import { ComputationService } from '@touchline/contracts/computation/v1/service';
import { IdentityService, Role } from '@touchline/contracts/identity/v1/service';
import { Kind } from '@touchline/contracts/permission/v1/events';
import { PermissionService } from '@touchline/contracts/permission/v1/service';
import { TelemetryService } from '@touchline/contracts/telemetry/v1/service';
import {
  type CallContext,
  generateDeploymentKeys,
  type Handlers,
  implement,
  type Implementation,
  RpcError,
  type RpcServer,
  serve,
  serviceToken,
  TokenSigner,
  TokenVerifier,
} from '@touchline/rpc';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Addresses, type ContextName, contexts } from './clients.ts';
import { type Gateway, type GatewayOptions, startGateway } from './gateway.ts';

const keys = generateDeploymentKeys();
const verifier = TokenVerifier.fromJwks(keys.verifyKeys);
const userSigner = TokenSigner.fromPrivateJwk(keys.tokenKey);

/** What the services were asked, in their order. */
const calls: { method: string; request: unknown; context: CallContext }[] = [];
const asked = (method: string) => calls.filter((call) => call.method === method);
let readable = Promise.withResolvers<void>();

/** A service of which only some methods answer. */
function partly<S extends DescService>(service: S, handlers: Partial<Handlers<S>>): Implementation {
  const all = service.methods.map(({ localName }) => {
    const handler = handlers[localName as keyof Handlers<S>] as unknown as
      ((request: unknown, context: CallContext) => unknown) | undefined;
    const recorded = (request: unknown, context: CallContext) => {
      calls.push({ method: localName, request, context });
      if (!handler) throw new RpcError('unimplemented', 'Not part of this test.');
      return handler(request, context);
    };
    return [localName, recorded] as const;
  });
  return implement(service, Object.fromEntries(all) as unknown as Handlers<S>);
}

const profile = {
  firstName: 'Usain',
  lastName: 'Bolt',
  heightM: 1.95,
  profilePicture: new Uint8Array([1, 2, 3]),
};
const athlete = {
  id: 12,
  username: 'jon.doe@example.com',
  email: 'jon.doe@example.com',
  managedBy: 1,
  profile,
  revision: 3,
};
const at = (text: string) => ({ seconds: BigInt(Date.parse(text) / 1000), nanos: 0 });
const timeFrame = {
  id: 42,
  startTime: at('2022-02-20T12:18:29Z'),
  endTime: at('2022-02-20T13:18:29Z'),
  params: { splitName: 'first half' },
  device: 7,
  activity: 5,
  athlete: 12,
  owner: 1,
  jsonSchema: 12,
  revision: 0,
};

const services: Record<ContextName, Implementation> = {
  identity: partly(IdentityService, {
    issueToken({ clientSecret, grant }) {
      if (clientSecret !== 's:e%c')
        throw new RpcError('oauth', 'No such client.', { oauthError: 'invalid_client' });
      const scope = grant.case === 'password' ? grant.value.scope : 'refreshed';
      return { accessToken: 'a.b.c', expiresInS: 36_000, refreshToken: 'r', scope: scope || 'all' };
    },
    createAthlete(_request, context) {
      if (Object.keys(context.fieldErrors).length > 0) {
        throw new RpcError('invalid', 'x', {
          fields: { ...context.fieldErrors, email: ['Enter a valid email address.'] },
        });
      }
      context.written([{ eventType: 'identity.v1.AthleteCreated', position: '0007' }]);
      return { athlete };
    },
    createManagedAthlete: () => ({ athlete: { ...athlete, email: '' } }),
    getAccount: () => ({
      account: {
        id: 1,
        username: 'ada',
        email: 'a@b.ch',
        role: Role.MANAGER,
        managerProfile: { firstName: 'Ada' },
      },
    }),
    getAthlete({ athlete: id }) {
      if (id === 404) throw new RpcError('not_found', 'no athlete of that id');
      if (id === 403) throw new RpcError('forbidden', 'no READ');
      if (id === 500) throw new TypeError('secret');
      return { athlete };
    },
    async *listAthletes({ options }) {
      yield { item: { case: 'count', value: 301 } };
      for (let i = 0; i < Math.min(options?.limit ?? 0, 2); i++)
        yield { item: { case: 'athlete', value: athlete } };
    },
  }),
  permission: partly(PermissionService, {
    grant: ({ athlete, manager, kind, startTime }) => ({
      permission: {
        id: 8,
        athlete,
        manager,
        kind,
        ...(startTime ? { startTime } : {}),
        expirationTime: at('2199-12-31T00:00:00Z'),
        isActive: true,
      },
    }),
    revoke: () => ({}),
  }),
  activity: partly(ActivityService, {
    getTimeFrame: ({ expand }) => ({
      timeFrame: { ...timeFrame, ...(expand?.athlete ? { athleteResource: athlete } : {}) },
    }),
    getActivity: () => ({ activity: { id: 5 } }),
    deleteActivity: () => ({}),
    updateTimeFrame: () => ({ timeFrame }),
    listJsonSchemas: () => ({
      count: 1,
      jsonSchemas: [{ id: 1, name: 'activity_soccer', type: 'ACTIVITY', schema: {} }],
    }),
  }),
  telemetry: partly(TelemetryService, {
    ingest({ frames }, { caller }) {
      if (caller.kind === 'ingest-token' && caller.token !== 'tli_good')
        throw new RpcError('unauthenticated', 'x');
      const rejected = frames.flatMap(({ malformed }, index) =>
        malformed ? [{ index, reason: malformed }] : [],
      );
      return { accepted: 2, duplicates: 1, rejected };
    },
    async *readPreprocessed() {
      yield { item: { case: 'count', value: 3 } };
      yield { item: { case: 'rows', value: { rows: [{ timestampMs: 1000n, hasEcg: true, hrBpm: 60 }] } } };
      yield {
        item: { case: 'rows', value: { rows: [{ timestampMs: 2000n, hasGnss: true, speedMps: 4.5 }] } },
      };
    },
  }),
  computation: partly(ComputationService, {
    getTimeFrameComputed: () => ({
      documentJson: '{"total_distance":1.50,"extensions":{"status":"pending"}}',
    }),
    async *getActivityComputed() {
      yield { timeFrame: 42, documentJson: '{"a":1}' };
      yield { timeFrame: 43, documentJson: '{"a":2}' };
    },
  }),
};
const readModels = partly(ReadModelsService, {
  async waitFor() {
    await readable.promise;
    return {};
  },
});

let telemetryServes = true;
const servers: RpcServer[] = [];
let gateway: Gateway;
let manager = '';
let addresses: Addresses;

function options(): GatewayOptions {
  return {
    host: '127.0.0.1',
    port: 0,
    addresses,
    verifier,
    token: serviceToken(TokenSigner.fromPrivateJwk(keys.serviceKey), 'gateway'),
    rates: { user: { ratePerS: 0.01, burst: 100 }, anonymous: { ratePerS: 1000, burst: 1000 } },
    trustedProxies: 0,
    logger: { info() {}, warn() {}, error() {} },
  };
}

beforeAll(async () => {
  const served = await Promise.all(
    contexts.map(async (context) => {
      const server = await serve({
        host: '127.0.0.1',
        port: 0,
        services: [services[context], readModels],
        verifier,
        acceptIngestTokens: context === 'telemetry',
        health: () => context !== 'telemetry' || telemetryServes,
      });
      servers.push(server);
      return [context, `127.0.0.1:${server.port}`] as const;
    }),
  );
  addresses = Object.fromEntries(served) as Record<ContextName, string>;
  gateway = await startGateway(options());
  manager = await tokenOf(1);
});
afterAll(async () => {
  await gateway.stop();
  await Promise.all(servers.map((server) => server.close(0)));
});
beforeEach(() => {
  calls.splice(0);
  readable = Promise.withResolvers();
  readable.resolve();
});

async function tokenOf(userId: number): Promise<string> {
  return (await userSigner.signUser({ userId, role: 'MANAGER', scope: 'all', clientId: 'c' })).token;
}

interface Sent {
  as?: string;
  headers?: Record<string, string>;
  json?: unknown;
  body?: string;
}

async function send(
  method: string,
  path: string,
  { as, headers, json, body = JSON.stringify(json) }: Sent = {},
) {
  const response = await fetch(`http://127.0.0.1:${gateway.port}${path}`, {
    method,
    headers: {
      ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') && text !== '';
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : undefined,
  };
}

describe('a token request', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const basic = { authorization: `Basic ${btoa('app:s:e%25c')}` };
  const password = 'grant_type=password&username=a%2Bb&password=p+w';

  it('names its client by HTTP Basic, with or without a scope', async () => {
    const answer = await send('POST', '/oauth2/token/', { headers: { ...form, ...basic }, body: password });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        access_token: 'a.b.c',
        expires_in: 36_000,
        token_type: 'Bearer',
        scope: 'all',
        refresh_token: 'r',
      },
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(calls[0]?.request).toMatchObject({
      clientId: 'app',
      clientSecret: 's:e%c',
      grant: { case: 'password', value: { username: 'a+b', password: 'p w', scope: '' } },
    });
    expect(calls[0]?.context.caller).toEqual({ kind: 'service', name: 'gateway' });
  });

  it('names its client in the body', async () => {
    const body = `${password}&scope=all&client_id=app&client_secret=s:e%25c`;
    expect((await send('POST', '/oauth2/token/', { headers: form, body })).body).toMatchObject({
      scope: 'all',
    });
    const refresh = 'grant_type=refresh_token&refresh_token=x&client_id=app&client_secret=s:e%25c';
    expect((await send('POST', '/oauth2/token/', { headers: form, body: refresh })).body).toMatchObject({
      scope: 'refreshed',
    });
  });

  it.each([
    ['', 401, 'invalid_client'],
    ['client_id=app&grant_type=password&username=a&password=b', 401, 'invalid_client'],
    ['client_id=app', 400, 'invalid_request'],
    ['client_id=app&grant_type=password&username=a', 400, 'invalid_request'],
    ['client_id=app&client_id=app&grant_type=password', 400, 'invalid_request'],
    ['client_id=app&grant_type=implicit', 400, 'unsupported_grant_type'],
  ])('of %j is refused with %d %s', async (body, status, error) => {
    const answer = await send('POST', '/oauth2/token/', { headers: form, body });
    expect(answer).toMatchObject({ status, body: { error, error_description: expect.any(String) } });
  });
});

describe('an athlete', () => {
  const created = {
    username: 'jon',
    email: 'jon',
    athlete_profile: { first_name: 'Usain', last_name: 'Bolt' },
  };

  it('is shown field by field', async () => {
    expect((await send('GET', '/api/v1/athletes/12/', { as: manager })).body).toEqual({
      id: 12,
      username: 'jon.doe@example.com',
      external_id: null,
      email: 'jon.doe@example.com',
      managed_by: 1,
      athlete_profile: {
        id: 12,
        external_id: null,
        first_name: 'Usain',
        last_name: 'Bolt',
        gender: null,
        weight: null,
        height: 1.95,
        birth_date: null,
        nationality: null,
        profile_picture: 'AQID',
      },
    });
  });

  it('is asked for on behalf of the caller, with the id of the request', async () => {
    await send('GET', '/v1/athletes/12/?is_managed=True&managed_by=3', {
      as: manager,
      headers: { 'x-request-id': 'r-9' },
    });
    expect(calls[0]).toMatchObject({
      request: { athlete: 12, filter: { isManaged: true, managedBy: 3 } },
      context: { caller: { kind: 'user', id: 1, role: 'MANAGER' }, requestId: 'r-9' },
    });
  });

  it('is 404, 403 or 500 as its owner says, in fixed words', async () => {
    expect(await send('GET', '/api/v1/athletes/404/', { as: manager })).toMatchObject({
      status: 404,
      body: { detail: 'Not found' },
    });
    expect(await send('GET', '/api/v1/athletes/403/', { as: manager })).toMatchObject({
      status: 403,
      body: { detail: 'You do not have permission to perform this action.' },
    });
    expect(await send('GET', '/api/v1/athletes/500/', { as: manager })).toMatchObject({
      status: 500,
      body: { detail: 'Internal server error.' },
    });
  });

  it('is 304 until its revision changes', async () => {
    const first = await send('GET', '/api/v1/athletes/12/', { as: manager });
    const etag = first.headers.get('etag') ?? '';
    const again = await send('GET', '/api/v1/athletes/12/', {
      as: manager,
      headers: { 'if-none-match': etag },
    });
    expect(again).toMatchObject({ status: 304, text: '' });
  });

  it('may be created by nobody in particular, and can be read when the answer is there', async () => {
    readable = Promise.withResolvers();
    let answered = false;
    const answer = send('POST', '/api/athletes/', { json: created }).finally(() => (answered = true));
    await expect.poll(() => asked('waitFor').length).toBe(4);
    expect(answered).toBe(false);
    expect(asked('waitFor')[0]?.request).toMatchObject({
      positions: [{ eventType: 'identity.v1.AthleteCreated', position: '0007' }],
    });
    readable.resolve();
    expect((await answer).status).toBe(201);
    expect(asked('createAthlete')[0]?.context.caller).toEqual({ kind: 'service', name: 'gateway' });
  });

  it('is not created with wrong fields, all of which are named', async () => {
    const json = { ...created, username: 5, athlete_profile: { first_name: 'Usain', weight: 'x' } };
    expect(await send('POST', '/api/v1/athletes/', { json })).toMatchObject({
      status: 400,
      body: {
        username: ['Not a valid string.'],
        'athlete_profile.weight': ['A valid number is required.'],
        'athlete_profile.last_name': ['This field is required.'],
        email: ['Enter a valid email address.'],
      },
    });
    expect(asked('createAthlete')[0]?.request).toMatchObject({
      username: '',
      email: 'jon',
      profile: { firstName: 'Usain', lastName: '' },
    });
  });

  it('that is managed has no email in the answer to its creation', async () => {
    const json = { managed_by: 1, athlete_profile: { first_name: 'U', last_name: 'B' } };
    const { status, body } = await send('POST', '/api/athletes/create-managed/', { as: manager, json });
    expect(status).toBe(201);
    expect(body).not.toHaveProperty('email');
    expect(body).toMatchObject({ id: 12, managed_by: 1 });
  });
});

describe('a list', () => {
  it('is a page with the numbers of its neighbours', async () => {
    const { body } = await send('GET', '/api/v1/athletes/?page=2&ordering=-username&search=a+b', {
      as: manager,
    });
    expect(body).toMatchObject({ count: 301, page: 2, next: 3, previous: 1 });
    expect(body.results).toHaveLength(2);
    expect(asked('listAthletes')[0]?.request).toMatchObject({
      options: { page: 2, limit: 150, ordering: ['-username'], search: 'a b' },
    });
  });

  it('is a bare array for programs older than v1', async () => {
    const { body } = await send('GET', '/api/athletes/', { as: manager });
    expect(body).toEqual([expect.objectContaining({ id: 12 }), expect.objectContaining({ id: 12 })]);
    expect(asked('listAthletes')[0]?.request).toMatchObject({ options: { page: 1, limit: 3000 } });
  });

  it('may come in one message', async () => {
    const { body } = await send('GET', '/api/v1/json-schemas/?type=1', { as: manager });
    expect(body.results).toEqual([
      { id: 1, name: 'activity_soccer', type: 'ACTIVITY', parent: null, schema: {} },
    ]);
    expect(calls[0]?.request).toMatchObject({ filter: { type: '1' } });
  });
});

describe('the caller', () => {
  it('is shown his account', async () => {
    expect((await send('GET', '/api/account/', { as: manager })).body).toEqual({
      id: 1,
      username: 'ada',
      email: 'a@b.ch',
      external_id: null,
      role: 'MANAGER',
      extra_permissions: [],
      manager_profile: { id: 1, first_name: 'Ada', last_name: '', company: null, phone_number: null },
    });
  });

  it('is refused after too many requests, and told when to come back', async () => {
    const greedy = await tokenOf(99);
    for (let i = 0; i < 100; i++) await send('GET', '/api/v1/account/', { as: greedy });
    const refused = await send('GET', '/api/v1/account/', { as: greedy });
    expect(refused).toMatchObject({ status: 429, body: { detail: expect.stringMatching(/throttled/) } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('ratelimit-policy')).toBe('"default";q=100;w=10000');
    expect((await send('GET', '/api/v1/account/', { as: manager })).status).toBe(200);
  });
});

describe('a permission', () => {
  it('is granted with times read and written as the API has them', async () => {
    const json = { permission: 'WRITE', start_time: '2020-02-20T13:18:29.5+0100' };
    expect(await send('POST', '/api/v1/athletes/12/permissions/3/', { as: manager, json })).toMatchObject({
      status: 200,
      body: {
        id: 8,
        athlete: 12,
        manager: 3,
        permission: 'WRITE',
        start_time: '2020-02-20T12:18:29.500+0000',
        expiration_time: '2199-12-31T00:00:00+0000',
        is_active: true,
      },
    });
    expect(calls[0]?.request).toMatchObject({ kind: Kind.WRITE });
  });

  it('is revoked alone or with all of the pair', async () => {
    expect((await send('DELETE', '/api/v1/athletes/12/permissions/3/8/', { as: manager })).status).toBe(204);
    expect((await send('DELETE', '/api/v1/athletes/12/permissions/3/', { as: manager })).status).toBe(204);
    expect(asked('revoke').map(({ request }) => request)).toMatchObject([
      { athlete: 12, manager: 3, permission: 8 },
      expect.not.objectContaining({ permission: expect.anything() }),
    ]);
  });
});

describe('activities and time frames', () => {
  it('show a resource in the place of its id when asked', async () => {
    const { body } = await send('GET', '/api/v1/timeframes/42/?with_athlete=1', { as: manager });
    expect(body).toMatchObject({
      start_time: '2022-02-20T12:18:29+0000',
      params: { splitName: 'first half' },
      device: 7,
      athlete: { id: 12, athlete_profile: { first_name: 'Usain' } },
    });
  });

  it('are changed by what is named alone', async () => {
    const json = { end_time: '2022-02-20T14:00:00Z', unknown: 1 };
    expect((await send('PATCH', '/api/v1/timeframes/42/', { as: manager, json })).status).toBe(200);
    const request = asked('updateTimeFrame')[0]?.request;
    expect(request).toMatchObject({ timeFrame: 42, endTime: at('2022-02-20T14:00:00Z') });
    for (const absent of ['startTime', 'params', 'device', 'owner'])
      expect(request).not.toHaveProperty(absent, 0);
    expect(request).not.toHaveProperty('startTime');
  });

  it('are not deleted when a filter is wrong', async () => {
    expect(await send('DELETE', '/api/v1/activities/5/?owner=me', { as: manager })).toMatchObject({
      status: 400,
      body: { owner: ['Enter a number.'] },
    });
    expect(calls.map(({ method }) => method)).toEqual(['getActivity']);
    expect((await send('DELETE', '/api/v1/activities/5/?owner=1', { as: manager })).status).toBe(204);
  });

  it('answer computed data as it was written', async () => {
    const { text } = await send('GET', '/api/timeframes/42/computed/', { as: manager });
    expect(text).toBe('{"total_distance":1.50,"extensions":{"status":"pending"}}');
    expect((await send('GET', '/api/v1/activities/5/computed/', { as: manager })).text).toBe(
      '[{"timeframe":42,"data":{"a":1}},{"timeframe":43,"data":{"a":2}}]',
    );
  });
});

describe('samples', () => {
  const path = '/api/v1/devices/7/preprocessed/';

  it('are taken from a device, and what is malformed is named', async () => {
    const json = [{ ecg: { timestamp: 1, hr: 60 } }, { ecg: { timestamp: 'x' } }];
    expect(await send('POST', path, { as: 'tli_good', json })).toMatchObject({
      status: 202,
      body: {
        accepted: 2,
        duplicates: 1,
        rejected: [{ index: 1, reason: 'ecg.timestamp is no number but a string.' }],
      },
    });
    expect(calls.map(({ method }) => method)).toEqual(['ingest']);
    expect(calls[0]?.context.caller).toEqual({ kind: 'ingest-token', token: 'tli_good' });
    const lines = { 'content-type': 'application/x-ndjson' };
    expect((await send('POST', path, { as: manager, headers: lines, body: '{}\n{}\n' })).status).toBe(202);
  });

  it('are not taken with a token that telemetry does not know', async () => {
    expect(await send('POST', path, { as: 'tli_bad', json: [] })).toMatchObject({
      status: 401,
      body: { detail: 'Invalid token.' },
    });
    expect((await send('POST', path, { json: [] })).status).toBe(401);
  });

  it('are listed as rows, or as CSV', async () => {
    const window = `${path}?start=2024-05-01T00:00:00%2B0000&stop=2024-05-02T00:00:00+0000&limit=2`;
    const { body } = await send('GET', window, { as: manager });
    expect(body).toMatchObject({ count: 3, page: 1, next: 2 });
    expect(body.results[0]).toMatchObject({ 'ecg.timestamp': 1000, 'ecg.hr': 60, 'gnss.timestamp': null });
    expect(calls[0]?.request).toMatchObject({
      startTime: at('2024-05-01T00:00:00Z'),
      stopTime: at('2024-05-02T00:00:00Z'),
      page: 1,
      limit: 2,
    });
    const csv = await send('GET', window, { as: manager, headers: { accept: 'text/csv' } });
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.text.split('\r\n')).toHaveLength(4);
    expect((await send('GET', path, { as: manager })).body).toEqual({
      start: ['This field is required.'],
      stop: ['This field is required.'],
    });
  });
});

describe('the process', () => {
  it('lives, and is ready when every context serves', async () => {
    expect((await send('GET', '/healthz')).body).toEqual({ status: 'ok' });
    expect(await send('GET', '/readyz')).toMatchObject({
      status: 200,
      body: { status: 'ready', waiting_for: [] },
    });
    telemetryServes = false;
    expect(await send('GET', '/readyz')).toMatchObject({ status: 503, body: { waiting_for: ['telemetry'] } });
  });

  it('describes itself', async () => {
    const { body } = await send('GET', '/api/v1/openapi.json');
    expect(body).toMatchObject({ openapi: '3.1.0' });
    expect(Object.keys(body.paths)).toContain('/timeframes/{timeFrame}/computed/');
  });

  it('answers what is under way before it ends, and does not wait for idle connections', async () => {
    const own = await startGateway(options());
    const held = Promise.withResolvers<void>();
    readable = held;
    const answer = fetch(`http://127.0.0.1:${own.port}/api/v1/athletes/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        username: 'a',
        email: 'a',
        athlete_profile: { first_name: 'a', last_name: 'b' },
      }),
    });
    await expect.poll(() => asked('waitFor').length).toBe(4);
    const startedMs = performance.now();
    const stopped = own.stop();
    await expect(fetch(`http://127.0.0.1:${own.port}/healthz`)).rejects.toThrow();
    held.resolve();
    expect((await answer).status).toBe(201);
    await stopped;
    // Node keeps an idle connection for 5 s.
    expect(performance.now() - startedMs).toBeLessThan(3000);
  });

  it('counts sign-ups by address, which a trusted proxy names', async () => {
    const rates = { user: { ratePerS: 1, burst: 1 }, anonymous: { ratePerS: 0.01, burst: 1 } };
    const signUp = async (port: number, address: string) => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/managers/`, {
        method: 'POST',
        headers: { 'x-forwarded-for': `10.0.0.1, ${address}` },
      });
      return answer.status;
    };
    for (const [trustedProxies, statuses] of [
      [0, [500, 429, 429]],
      [1, [500, 500, 429]],
    ] as const) {
      const own = await startGateway({ ...options(), rates, trustedProxies });
      const answers = [];
      for (const address of ['1.1.1.1', '2.2.2.2', '1.1.1.1']) answers.push(await signUp(own.port, address));
      expect(answers).toEqual(statuses);
      await own.stop();
    }
  });

  it('says which port is taken', async () => {
    await expect(startGateway({ ...options(), port: gateway.port })).rejects.toThrow(
      `Cannot listen on 127.0.0.1:${gateway.port}: another process listens there.`,
    );
  });
});
