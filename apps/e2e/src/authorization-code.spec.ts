import { createHash, randomBytes } from 'node:crypto';
import { expect, inject, it } from 'vitest';
import { type Answer, Api, newManager } from './api.ts';
import { redirectUri } from './system.ts';

const [url, credentials] = [inject('url'), inject('credentials')];
const { client_id, client_secret } = credentials;
const nobody = new Api(url);
const verifier = randomBytes(32).toString('base64url');
const request = {
  response_type: 'code',
  client_id,
  redirect_uri: redirectUri,
  scope: 'all',
  state: 'some "state" & more',
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
};

type Parameters = Readonly<Record<string, string>>;
const endpoint = '/oauth2/authorize/';
const open = (change: Parameters = {}) =>
  nobody.call('GET', `${endpoint}?${new URLSearchParams({ ...request, ...change }).toString()}`);
const post = (path: string, form: Parameters, headers: Parameters = {}): Promise<Answer> =>
  nobody.call('POST', path, {
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    raw: new URLSearchParams(form).toString(),
  });

/** What a browser sends when the page's form is filled in. */
function filledIn(page: string, fields: Parameters): Parameters {
  const unescaped = (text: string) =>
    text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&amp;', '&');
  const hidden = [...page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
  return {
    ...Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, unescaped(value)])),
    ...fields,
  };
}

const sentTo = ({ status, headers }: Answer): URL => {
  expect(status).toBe(303);
  return new URL(headers.get('location') ?? '');
};
const exchange = (code: string, change: Parameters = {}) => {
  const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
  return post('/oauth2/token/', { ...form, client_id, client_secret, ...change });
};

it('signs a user in for a client, which gets tokens for the code, once', async () => {
  const { id, username, password } = await newManager(url, credentials);
  const page = await open();
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(page.headers.get('x-frame-options')).toBe('DENY');
  expect(page.headers.get('cache-control')).toBe('no-store');

  const wrong = filledIn(page.body, { username, password: 'wrong', decision: 'allow' });
  const again = await post(endpoint, wrong);
  expect(again.status).toBe(400);
  expect(again.body).toContain('The username or the password is wrong.');

  const right = filledIn(again.body, { username, password, decision: 'allow' });
  const back = sentTo(await post(endpoint, right, { 'sec-fetch-site': 'same-origin' }));
  expect(back.href.startsWith(redirectUri)).toBe(true);
  expect(back.searchParams.get('state')).toBe(request.state);
  expect(back.searchParams.get('of')).toBe('app');
  const code = back.searchParams.get('code') ?? '';

  const { status, body: token } = await exchange(code);
  expect(status).toBe(200);
  expect(token).toMatchObject({ expires_in: 36000, token_type: 'Bearer', scope: 'all' });
  const api = new Api(url, token.access_token);
  expect(await api.ok('GET', '/api/v1/account/')).toMatchObject({ id, username, role: 'MANAGER' });
  const refresh = { grant_type: 'refresh_token', refresh_token: token.refresh_token };
  const refreshed = await post('/oauth2/token/', { ...refresh, client_id, client_secret });
  expect(refreshed.status).toBe(200);

  const twice = await exchange(code);
  expect(twice).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect((await api.call('GET', '/api/v1/account/')).status).toBe(401);
  const stolen = { ...refresh, refresh_token: refreshed.body.refresh_token };
  expect((await post('/oauth2/token/', { ...stolen, client_id, client_secret })).status).toBe(400);
});

it('gives no token for the code without its verifier', async () => {
  const { username, password } = await newManager(url, credentials);
  const form = filledIn((await open()).body, { username, password, decision: 'allow' });
  const code = sentTo(await post(endpoint, form)).searchParams.get('code') ?? '';
  const stolen = await exchange(code, { code_verifier: randomBytes(32).toString('base64url') });
  expect(stolen).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
});

it('sends the user back with the error of a request that cannot be, and when he denies it', async () => {
  const errorOf = (answer: Answer) => {
    const { searchParams } = sentTo(answer);
    expect(searchParams.get('state')).toBe(request.state);
    return searchParams.get('error');
  };
  expect(errorOf(await open({ response_type: 'token' }))).toBe('unsupported_response_type');
  expect(errorOf(await open({ code_challenge_method: 'plain' }))).toBe('invalid_request');
  expect(errorOf(await open({ code_challenge: '' }))).toBe('invalid_request');
  expect(errorOf(await open({ scope: 'everything' }))).toBe('invalid_scope');
  expect(errorOf(await post(endpoint, { ...request, decision: 'deny' }))).toBe('access_denied');
});

it('sends nobody to an address that is not exactly one of the client, nor from the form of another site', async () => {
  for (const change of [
    { client_id: 'nobody' },
    { redirect_uri: 'https://evil.example/' },
    { redirect_uri: `${redirectUri}&more=1` },
  ]) {
    for (const answer of [await open(change), await post(endpoint, { ...request, ...change })]) {
      expect(answer.status).toBe(400);
      expect(answer.headers.get('location')).toBeNull();
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    }
  }
  const foreign = await post(endpoint, { ...request, decision: 'deny' }, { 'sec-fetch-site': 'cross-site' });
  expect(foreign.status).toBe(403);
});
