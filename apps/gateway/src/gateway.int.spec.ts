import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startGateway } from './gateway.ts';
import { asked, calls } from './testing/recorded.ts';
import { TestSystem } from './testing/system.ts';

const system = new TestSystem();
const send: TestSystem['send'] = (...sent) => system.send(...sent);

beforeAll(() => system.start());
afterAll(() => system.stop());
beforeEach(() => system.reset());

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

describe('the process', () => {
  it('lives, and is ready when every context serves', async () => {
    expect((await send('GET', '/healthz')).body).toEqual({ status: 'ok' });
    expect(await send('GET', '/readyz')).toMatchObject({
      status: 200,
      body: { status: 'ready', waiting_for: [] },
    });
    system.telemetryServes = false;
    expect(await send('GET', '/readyz')).toMatchObject({ status: 503, body: { waiting_for: ['telemetry'] } });
  });

  it('describes itself', async () => {
    const { body } = await send('GET', '/api/v1/openapi.json');
    expect(body).toMatchObject({ openapi: '3.1.0' });
    expect(Object.keys(body.paths)).toContain('/timeframes/{timeFrame}/computed/');
  });

  it('answers what is under way before it ends, and does not wait for idle connections', async () => {
    const own = await startGateway(system.options());
    const held = Promise.withResolvers<void>();
    system.readableAfter(held.promise);
    const answer = fetch(`http://127.0.0.1:${own.port}/api/v1/athletes/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        username: 'a',
        email: 'a',
        athlete_profile: { first_name: 'a', last_name: 'b' },
      }),
    });
    await expect.poll(() => asked('waitFor').length).toBe(5);
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
      const own = await startGateway({ ...system.options(), rates, trustedProxies });
      const answers = [];
      for (const address of ['1.1.1.1', '2.2.2.2', '1.1.1.1']) answers.push(await signUp(own.port, address));
      expect(answers).toEqual(statuses);
      await own.stop();
    }
  });

  it('says which port is taken', async () => {
    await expect(startGateway({ ...system.options(), port: system.port })).rejects.toThrow(
      `Cannot listen on 127.0.0.1:${system.port}: another process listens there.`,
    );
  });
});
