import { Kind } from '@touchline/contracts/permission/v1/events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { asked, calls } from './testing/recorded.ts';
import { TestSystem } from './testing/system.ts';

const system = new TestSystem();
const send: TestSystem['send'] = (...sent) => system.send(...sent);
let manager = '';

beforeAll(async () => {
  await system.start();
  manager = await system.tokenOf(1);
});
afterAll(() => system.stop());
beforeEach(() => system.reset());

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
    const readable = Promise.withResolvers<void>();
    system.readableAfter(readable.promise);
    let answered = false;
    const answer = send('POST', '/api/athletes/', { json: created }).finally(() => (answered = true));
    await expect.poll(() => asked('waitFor').length).toBe(5);
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
    const greedy = await system.tokenOf(99);
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
