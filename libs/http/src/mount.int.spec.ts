import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { credentialsMissing, HttpError, invalidFields, notFound, permissionDenied } from './errors.ts';
import { id, text } from './fields.ts';
import { mount } from './mount.ts';
import { queryFlag, queryId } from './query.ts';
import { json, jsonStream, listReply, noContent } from './reply.ts';
import { type RouteInput, routeDefiner } from './route.ts';

interface Call {
  user: string | undefined;
  signal: AbortSignal;
}

const defineRoute = routeDefiner<Call>();
const common = { summary: '', owner: 'test', who: 'managers', access: 'user', responses: {} } as const;
const thingBody = {
  kind: 'json',
  schema: z.object({ name: text(), size: id().optional() }),
  example: {},
} as const;
const filters = { current: queryFlag({ description: '' }), owner: queryId({ description: '' }) };
const seen: unknown[] = [];

async function update(
  { params, body, query, fieldErrors }: RouteInput<'/things/{thing}/', typeof filters, typeof thingBody>,
  { user }: Call,
) {
  if (params.thing === 404) throw notFound();
  if (user !== 'owner') throw permissionDenied();
  if (params.thing === 9) throw invalidFields({ name: ['This name is taken.'], color: ['Too red.'] });
  if (Object.keys(fieldErrors).length > 0) throw invalidFields(fieldErrors);
  seen.push({ body, query });
  return json(200, { ok: true });
}

const routes = [
  defineRoute({
    ...common,
    method: 'GET',
    path: '/things/',
    operationId: 'listThings',
    list: { ordering: ['name'] },
    query: filters,
    async handler({ list, query }, { user }) {
      if (user === 'athlete') throw permissionDenied();
      seen.push({ list, query });
      return listReply(3, ['"a"', '"b"', '"c"'].slice((list.page - 1) * list.limit, list.page * list.limit));
    },
  }),
  defineRoute({
    ...common,
    method: 'GET',
    path: '/things/{thing}/',
    operationId: 'retrieveThing',
    query: filters,
    async handler({ params }) {
      if (params.thing === 404) throw notFound();
      if (params.thing === 500) throw new TypeError('secret internals');
      return json(200, { id: params.thing, name: 'é' }, '"tag"');
    },
  }),
  defineRoute({
    ...common,
    method: 'PUT',
    path: '/things/{thing}/',
    operationId: 'updateThing',
    query: filters,
    body: thingBody,
    handler: update,
  }),
  defineRoute({
    ...common,
    method: 'GET',
    path: '/slow/',
    operationId: 'waitForever',
    async handler(_input, { signal }) {
      seen.push('waiting');
      await once(signal, 'abort');
      throw new Error('cancelled');
    },
  }),
  defineRoute({
    ...common,
    method: 'GET',
    path: '/pieces/{count}/',
    operationId: 'streamPieces',
    async handler({ params }) {
      async function* pieces() {
        yield '[0';
        for (let i = 1; i < params.count; i++) {
          if (i === 7) throw new TypeError('secret internals');
          yield `,${i}`;
        }
        yield ']';
      }
      return jsonStream(200, pieces());
    },
  }),
  defineRoute({
    ...common,
    method: 'DELETE',
    path: '/things/{thing}/',
    operationId: 'deleteThing',
    handler: async () => noContent(),
  }),
  defineRoute({
    ...common,
    method: 'POST',
    path: '/form/',
    operationId: 'postForm',
    access: 'anyone',
    body: { kind: 'form', schema: z.object({ a: z.string() }), example: { a: 'b' } },
    handler: async ({ body }) => json(200, Object.fromEntries(body)),
  }),
  defineRoute({
    ...common,
    method: 'POST',
    path: '/lines/',
    operationId: 'postLines',
    access: 'anyone',
    body: {
      kind: 'raw',
      content: {
        'application/json': { schema: {}, example: 1 },
        'application/x-ndjson': { schema: {}, example: '1\n' },
      },
      maxBytes: 3 * 1_048_576,
    },
    handler: async ({ body }) => json(202, { mediaType: body.mediaType, length: body.text.length }),
  }),
];

const answered: { requestId: string; status: number; error: unknown }[] = [];
const sharedKeys: string[] = [];
const app = new Koa().use(
  mount<Call>({
    routes,
    basePaths: [{ prefix: '/api/v1' }, { prefix: '/api', bareLists: true }],
    async admit({ authorization, route, signal }) {
      if (route.access === 'user' && authorization === undefined) throw credentialsMissing();
      return { call: { user: authorization, signal }, headers: { RateLimit: 'r' } };
    },
    shared(read, run) {
      sharedKeys.push(read.key);
      return run();
    },
    toHttpError: (error) => (error instanceof HttpError ? error : undefined),
    answered: (summary) => answered.push(summary),
  }),
);
const brokenOff: unknown[] = [];
app.on('error', (error) => brokenOff.push(error));
const server = createServer(app.callback());
let origin = '';

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());
beforeEach(() => void seen.splice(0));

interface Sent {
  as?: string | null;
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
}

async function send(method: string, path: string, { as = 'owner', headers = {}, body }: Sent = {}) {
  const response = await fetch(origin + path, {
    method,
    redirect: 'manual',
    headers: { ...(as === null ? {} : { authorization: as }), ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const answer = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') && answer !== '';
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(answer) : answer };
}

const asJson = { 'content-type': 'application/json' };
const put = (path: string, value: unknown, as = 'owner') =>
  send('PUT', path, { as, headers: asJson, body: JSON.stringify(value) });

describe('an answer that is made while it is sent', () => {
  it('is one text', async () => {
    const { status, headers, body } = await send('GET', '/api/v1/pieces/3/');
    expect([status, headers.get('content-type'), body]).toEqual([
      200,
      'application/json; charset=utf-8',
      [0, 1, 2],
    ]);
  });

  it('breaks off with what makes it, so that nobody takes a part for the whole', async () => {
    await expect(send('GET', '/api/v1/pieces/9/')).rejects.toThrow('terminated');
    expect(brokenOff.at(-1)).toMatchObject({ message: 'secret internals' });
  });
});

describe('a list', () => {
  it('may be shared by requests that have the same answer: of one caller, for the same rows in one format', async () => {
    sharedKeys.splice(0);
    const path = '/api/v1/things/?limit=2';
    await send('GET', path);
    await send('GET', path);
    await send('GET', path, { as: 'other' });
    await send('GET', path, { headers: { accept: 'text/csv' } });
    await send('GET', '/api/v1/things/?limit=3');
    await send('GET', '/api/things/?limit=2');
    await send('GET', '/api/v1/things/1/');
    expect(sharedKeys).toHaveLength(6);
    expect(sharedKeys[0]).toBe(sharedKeys[1]);
    expect(new Set(sharedKeys).size).toBe(5);
  });
});

describe('the order of checks', () => {
  it('begins with the route, then the method', async () => {
    expect(await send('PUT', '/api/v1/nothing/', { as: null })).toMatchObject({
      status: 404,
      body: { detail: 'Not found' },
    });
    const wrong = await send('PATCH', '/api/v1/things/1/', { as: null });
    expect(wrong).toMatchObject({ status: 405, body: { detail: 'Method "PATCH" not allowed.' } });
    expect(wrong.headers.get('allow')).toBe('GET, HEAD, PUT, DELETE');
  });

  it('asks for credentials before it looks at the body or the id', async () => {
    const answer = await send('PUT', '/api/v1/things/x/', { as: null, body: 'no json' });
    expect(answer).toMatchObject({
      status: 401,
      body: { detail: 'Authentication credentials were not provided.' },
    });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('refuses a body that it cannot read before it says that there is no such resource', async () => {
    const path = '/api/v1/things/404/';
    expect((await send('PUT', path, { headers: { 'content-type': 'text/plain' }, body: 'x' })).status).toBe(
      415,
    );
    expect(await send('PUT', path, { headers: asJson, body: '{"name":' })).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/^JSON parse error - /) },
    });
    expect((await send('PUT', path, { headers: asJson, body: '"\xff"' })).status).toBe(404);
    expect(
      (await send('PUT', path, { headers: asJson, body: new Uint8Array([0x22, 0xff, 0x22]) })).body,
    ).toEqual({
      detail: 'JSON parse error - the body is not UTF-8.',
    });
  });

  it('says that there is no such resource before rights, and rights before fields', async () => {
    expect((await put('/api/v1/things/404/', {}, 'other')).status).toBe(404);
    expect((await put('/api/v1/things/abc/', {}, 'other')).status).toBe(404);
    expect((await put('/api/v1/things/0/', {})).status).toBe(404);
    expect((await put('/api/v1/things/4294967296/', {})).status).toBe(404);
    expect((await put('/api/v1/things/1/', {}, 'other')).status).toBe(403);
    expect(await put('/api/v1/things/1/?current=maybe', { size: 'x' })).toMatchObject({
      status: 400,
      body: {
        name: ['This field is required.'],
        size: ['A valid integer is required.'],
        current: ['Must be a valid boolean.'],
      },
    });
  });

  it('joins what the owner finds wrong with what was found before', async () => {
    expect((await put('/api/v1/things/9/', { name: 'n', size: 'x' })).body).toEqual({
      size: ['A valid integer is required.'],
      name: ['This name is taken.'],
      color: ['Too red.'],
    });
  });

  it('answers wrong filters of a read only to whom may read', async () => {
    expect((await send('GET', '/api/v1/things/?ordering=x', { as: 'athlete' })).status).toBe(403);
    expect((await send('GET', '/api/v1/things/?page=x', { as: 'athlete' })).status).toBe(403);
    expect((await send('GET', '/api/v1/things/?ordering=x&current=2')).body).toEqual({
      ordering: [expect.stringMatching(/not a valid choice/)],
      current: ['Must be a valid boolean.'],
    });
    expect(await send('GET', '/api/v1/things/?page=x')).toMatchObject({
      status: 404,
      body: { detail: 'Invalid page.' },
    });
    expect((await send('GET', '/api/v1/things/404/?owner=x')).status).toBe(404);
    expect((await send('GET', '/api/v1/things/5/?owner=x')).status).toBe(400);
  });
});

describe('a path without its slash', () => {
  it('is redirected with its query when it is read', async () => {
    const answer = await send('GET', '/api/things?&owner=5', { as: null });
    expect(answer.status).toBe(301);
    expect(answer.headers.get('location')).toBe('/api/things/?&owner=5');
    expect((await send('HEAD', '/api/v1/things/7')).headers.get('location')).toBe('/api/v1/things/7/');
  });

  it('is unknown to other methods, which are told why', async () => {
    expect(await send('DELETE', '/api/v1/things/7')).toMatchObject({
      status: 404,
      body: { detail: 'Not found. The path must end in a slash: /api/v1/things/7/' },
    });
  });
});

describe('a body', () => {
  it('may be left out when no field is required, whatever its type says', async () => {
    expect((await send('PUT', '/api/v1/things/1/')).body).toEqual({ name: ['This field is required.'] });
    const formType = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await send('PUT', '/api/v1/things/1/', { headers: formType, body: '' })).status).toBe(400);
  });

  it('has a type that is named with a charset or without', async () => {
    const headers = { 'content-type': 'Application/JSON; charset=UTF-8' };
    expect((await send('PUT', '/api/v1/things/1/', { headers, body: '{"name":"é"}' })).status).toBe(200);
    expect(seen).toEqual([{ body: { name: 'é' }, query: {} }]);
    const latin = { 'content-type': 'application/json; charset=latin1' };
    expect((await send('PUT', '/api/v1/things/1/', { headers: latin, body: '{}' })).status).toBe(415);
    const zipped = { ...asJson, 'content-encoding': 'gzip' };
    expect((await send('PUT', '/api/v1/things/1/', { headers: zipped, body: '{}' })).status).toBe(415);
  });

  it('is refused over 2 MiB, whether its length is told before or not', async () => {
    const large = JSON.stringify({ name: 'x'.repeat(2 * 1_048_576) });
    const told = await send('PUT', '/api/v1/things/1/', { headers: asJson, body: large });
    expect(told).toMatchObject({ status: 413, body: { detail: 'The request body is larger than 2 MiB.' } });
    expect(await chunked('/api/v1/things/1/', large)).toBe(413);
    const justFits = JSON.stringify({ name: 'x'.repeat(2 * 1_048_576 - '{"name":""}'.length) });
    expect((await send('PUT', '/api/v1/things/1/', { headers: asJson, body: justFits })).status).toBe(200);
  });

  it('may have a limit and types of its own', async () => {
    const headers = { 'content-type': 'application/x-ndjson' };
    expect(await send('POST', '/api/v1/lines/', { headers, body: 'x'.repeat(3 * 1_048_576) })).toMatchObject({
      status: 202,
      body: { mediaType: 'application/x-ndjson', length: 3 * 1_048_576 },
    });
    expect(
      (await send('POST', '/api/v1/lines/', { headers, body: 'x'.repeat(3 * 1_048_576 + 1) })).status,
    ).toBe(413);
  });

  it('may be a form', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await send('POST', '/api/v1/form/', { headers, body: 'a=b+c&d=%C3%A9' })).body).toEqual({
      a: 'b c',
      d: 'é',
    });
    expect((await send('POST', '/api/v1/form/', { headers: asJson, body: '{}' })).status).toBe(415);
  });

  it('is not asked of a read, whatever its type says', async () => {
    expect(
      (await send('GET', '/api/v1/things/1/', { headers: { 'content-type': 'text/plain' } })).status,
    ).toBe(200);
  });
});

describe('an answer', () => {
  it('is JSON in UTF-8 with the id of its request', async () => {
    const answer = await send('GET', '/api/v1/things/1/', { headers: { 'x-request-id': 'r-1' } });
    expect(answer.body).toEqual({ id: 1, name: 'é' });
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('x-request-id')).toBe('r-1');
    expect(answer.headers.get('ratelimit')).toBe('r');
    expect(answered.at(-1)).toMatchObject({ requestId: 'r-1', status: 200 });
    expect((await send('GET', '/nothing')).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is 304 without a body for whom knows the tag', async () => {
    const answer = await send('GET', '/api/v1/things/1/', { headers: { 'if-none-match': '"old", "tag"' } });
    expect(answer).toMatchObject({ status: 304, body: '' });
    expect(answer.headers.get('etag')).toBe('"tag"');
    expect((await send('GET', '/api/v1/things/1/', { headers: { 'if-none-match': '"old"' } })).status).toBe(
      200,
    );
  });

  it('has no body to HEAD and after DELETE', async () => {
    const head = await send('HEAD', '/api/v1/things/1/');
    expect(head.status).toBe(200);
    expect(head.headers.get('etag')).toBe('"tag"');
    const deleted = await send('DELETE', '/api/v1/things/1/');
    expect(deleted).toMatchObject({ status: 204, body: '' });
    expect(deleted.headers.get('content-type')).toBeNull();
  });

  it('to an unforeseen error tells nothing of it', async () => {
    expect(await send('GET', '/api/v1/things/500/')).toMatchObject({
      status: 500,
      body: { detail: 'Internal server error.' },
    });
    expect(answered.at(-1)?.error).toEqual(new TypeError('secret internals'));
  });

  it('is not waited for by a handler whose peer has gone', async () => {
    const leaving = new AbortController();
    const request = fetch(`${origin}/api/v1/slow/`, {
      headers: { authorization: 'owner' },
      signal: leaving.signal,
    });
    await expect.poll(() => seen).toEqual(['waiting']);
    leaving.abort();
    await expect(request).rejects.toThrow();
    await expect.poll(() => answered.at(-1)).toMatchObject({ status: 499, operationId: 'waitForever' });
  });

  it('of a list is an envelope, or under the older path the bare array', async () => {
    expect((await send('GET', '/api/v1/things/?limit=2&page=2')).body).toEqual({
      count: 3,
      page: 2,
      next: null,
      previous: 1,
      results: ['c'],
    });
    expect((await send('GET', '/api/things/')).body).toEqual(['a', 'b', 'c']);
    expect((await send('GET', '/api/things/?limit=2')).body).toMatchObject({ next: 2, results: ['a', 'b'] });
    expect((await send('GET', '/api/v1/things/?limit=2&page=3')).status).toBe(404);
  });
});

function chunked(path: string, body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(origin + path, {
      method: 'PUT',
      headers: { ...asJson, authorization: 'owner', 'transfer-encoding': 'chunked' },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.end(body);
  });
}
