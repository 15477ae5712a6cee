import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { type Answer, Api, newBench, newManager, signIn, signInAdmin } from './api.ts';

const [url, credentials] = [inject('url'), inject('credentials')];
const anyone = new Api(url);

interface Person {
  readonly id: number;
  readonly username: string;
  readonly password: string;
  readonly body: Record<string, unknown>;
  readonly api: Api;
}

/** An athlete with an account of his own. */
async function newAthlete(over: Record<string, unknown> = {}): Promise<Person> {
  const run = randomUUID();
  const password = `password-of-${run}`;
  const body = {
    username: `athlete-${run}`,
    email: `${run}@example.com`,
    external_id: `x-${run}`,
    athlete_profile: { first_name: 'Usain', last_name: 'Bolt', gender: 'M', weight: 94 },
    ...over,
  };
  const { id } = await anyone.ok('POST', '/api/v1/athletes/', { ...body, password });
  return {
    id,
    username: body.username,
    password,
    body,
    api: await signIn(url, credentials, body.username, password),
  };
}

async function newManagedAthlete(manager: { id: number; api: Api }, over: Record<string, unknown> = {}) {
  return manager.api.ok('POST', '/api/v1/athletes/create-managed/', {
    managed_by: manager.id,
    athlete_profile: { first_name: 'Ada', last_name: 'Athlete' },
    ...over,
  });
}

const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status).sort();

async function token(form: Record<string, string>, path = '/oauth2/token/'): Promise<Answer> {
  const { client_id, client_secret } = credentials;
  return anyone.call('POST', path, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    raw: new URLSearchParams({ client_id, client_secret, ...form }).toString(),
  });
}

describe('an athlete updates himself', () => {
  it('answers 201 with what he gave, keeps what he left out, and is read so', async () => {
    const { id, body, api } = await newAthlete();
    const username = `renamed-${randomUUID()}`;
    const changed = await api.call('PUT', `/api/v1/athletes/${id}/`, {
      body: {
        username,
        email: body['email'],
        athlete_profile: { first_name: 'Elaine', last_name: 'Thompson' },
      },
    });
    expect(changed).toMatchObject({
      status: 201,
      body: {
        id,
        username,
        email: body['email'],
        external_id: body['external_id'],
        managed_by: null,
        athlete_profile: { first_name: 'Elaine', last_name: 'Thompson', gender: 'M', weight: 94 },
      },
    });
    expect(await api.ok('GET', `/api/v1/athletes/${id}/`)).toEqual(changed.body);
    expect(await api.ok('GET', '/api/v1/account/')).toMatchObject({ username });
  });

  it('signs in with the new name only, and the old one is free for others', async () => {
    const { id, username, password, body, api } = await newAthlete();
    const renamed = `renamed-${randomUUID()}`;
    await api.ok('PUT', `/api/v1/athletes/${id}/`, { ...body, username: renamed });
    expect((await token({ grant_type: 'password', username, password })).status).toBe(400);
    expect((await token({ grant_type: 'password', username: renamed, password })).status).toBe(200);
    const successor = await newAthlete({ username });
    expect(successor.id).not.toBe(id);
    const back = await api.call('PUT', `/api/v1/athletes/${id}/`, { body });
    expect(back).toMatchObject({
      status: 400,
      body: { username: ['A user with that username already exists.'] },
    });
  });

  it('is refused other people’s names, and changes nothing then', async () => {
    const other = await newAthlete();
    const { id, body, api } = await newAthlete();
    const before = await api.ok('GET', `/api/v1/athletes/${id}/`);
    const names = {
      username: String(other.body['username']).toUpperCase(),
      email: other.body['email'],
      external_id: other.body['external_id'],
    };
    const answer = await api.call('PUT', `/api/v1/athletes/${id}/`, { body: { ...body, ...names } });
    expect(answer.status).toBe(400);
    expect(Object.keys(answer.body).sort()).toEqual(['email', 'external_id', 'username']);
    expect(await api.ok('GET', `/api/v1/athletes/${id}/`)).toEqual(before);
  });

  it('goes through the checks in their order', async () => {
    const { id, body, api } = await newAthlete();
    const path = `/api/v1/athletes/${id}/`;
    const manager = await newManager(url, credentials);
    expect((await anyone.call('PUT', path, { body })).status).toBe(401);
    expect((await manager.api.call('PUT', '/api/v1/athletes/999999/', { body: {} })).status).toBe(404);
    expect((await manager.api.call('PUT', path, { body: {} })).status).toBe(403);
    expect((await api.call('PUT', `${path}?gender=F`, { body: {} })).status).toBe(404);
    expect((await api.call('PUT', `${path}?search=nobody`, { body: {} })).status).toBe(404);
    const wrong = await api.call('PUT', `${path}?ordering=password`, {
      body: { username: '', athlete_profile: { first_name: 'A', weight: 'heavy' } },
    });
    expect(wrong.status).toBe(400);
    expect(Object.keys(wrong.body).sort()).toEqual([
      'athlete_profile.last_name',
      'athlete_profile.weight',
      'email',
      'ordering',
      'username',
    ]);
    expect((await api.call('PUT', `${path}?gender=M&search=bolt`, { body })).status).toBe(201);
  });

  it('loses nothing to somebody who updates at the same time', async () => {
    const { id, body, api } = await newAthlete();
    const profiles = [
      { weight: 80 },
      { height: 1.9 },
      { nationality: 'Jamaica' },
      { birth_date: '1986-08-21' },
    ];
    const put = (profile: object) =>
      api.call('PUT', `/api/v1/athletes/${id}/`, {
        body: { ...body, athlete_profile: { first_name: 'Usain', last_name: 'Bolt', ...profile } },
      });
    expect(statuses(await Promise.all(profiles.map(put)))).toEqual([201, 201, 201, 201]);
    const { athlete_profile } = await api.ok('GET', `/api/v1/athletes/${id}/`);
    expect(athlete_profile).toMatchObject(Object.assign({}, ...profiles));
  });
});

describe('a change that names the version that it is meant for', () => {
  it('is refused with 412 once that has passed, and is carried out before', async () => {
    const { id, body, api } = await newAthlete();
    const path = `/api/v1/athletes/${id}/`;
    const etag = (await api.call('GET', path)).headers.get('etag') ?? '';
    const put = (weight: number) =>
      api.call('PUT', path, {
        headers: { 'if-match': etag },
        body: { ...body, athlete_profile: { first_name: 'Usain', last_name: 'Bolt', weight } },
      });
    expect(statuses(await Promise.all([put(80), put(81), put(82)]))).toEqual([201, 412, 412]);
    expect((await api.call('DELETE', path, { headers: { 'if-match': etag } })).status).toBe(412);
    const stranger = await newAthlete();
    const headers = { 'if-match': etag };
    expect((await stranger.api.call('DELETE', path, { headers })).status).toBe(403);
    const current = (await api.call('GET', path)).headers.get('etag') ?? '';
    expect((await api.call('DELETE', path, { headers: { 'if-match': current } })).status).toBe(204);
  });
});

describe('of many who want one name at once', () => {
  it('exactly one gets it, by creation or by renaming', async () => {
    const people = await Promise.all([newAthlete(), newAthlete(), newAthlete()]);
    for (const field of ['username', 'email', 'external_id']) {
      const wanted = `wanted-${randomUUID()}${field === 'email' ? '@example.com' : ''}`;
      const renames = people.map(({ id, body, api }) =>
        api.call('PUT', `/api/v1/athletes/${id}/`, { body: { ...body, [field]: wanted } }),
      );
      const creations = [1, 2, 3].map(() => {
        const run = randomUUID();
        const body = {
          username: run,
          email: `${run}@example.com`,
          athlete_profile: { first_name: 'A', last_name: 'B' },
          [field]: wanted.toUpperCase(),
        };
        return anyone.call('POST', '/api/v1/athletes/', { body });
      });
      const answers = await Promise.all([...renames, ...creations]);
      expect(statuses(answers)).toEqual([201, 400, 400, 400, 400, 400]);
      for (const { status, body } of answers) if (status === 400) expect(Object.keys(body)).toEqual([field]);
    }
  });
});

describe('a manager updates an athlete whom he manages', () => {
  it('answers 201, keeps what is left out, and is held to his own athletes', async () => {
    const manager = await newManager(url, credentials);
    const other = await newManager(url, credentials);
    const athlete = await newManagedAthlete(manager, { external_id: 'shirt-7' });
    const path = `/api/v1/athletes/${athlete.id}/update-managed/`;
    const body = { managed_by: manager.id, athlete_profile: { first_name: 'Eve', last_name: 'Athlete' } };
    expect(await manager.api.call('PUT', path, { body })).toMatchObject({
      status: 201,
      body: { external_id: 'shirt-7', email: '', athlete_profile: { first_name: 'Eve' } },
    });
    expect((await other.api.call('PUT', path, { body })).status).toBe(403);
    expect((await manager.api.call('PUT', path, { body: {} })).body).toEqual({
      managed_by: ['This field is required.'],
    });
    expect((await manager.api.call('PUT', path, { body: { managed_by: other.id } })).status).toBe(403);
    expect((await manager.api.call('PUT', path, { body: { managed_by: 999_999 } })).status).toBe(400);
    const admin = await signInAdmin(url, credentials);
    await admin.ok('PUT', `/api/v1/managers/${manager.id}/extra-permissions/`, { extra_permissions: [] });
    expect((await manager.api.call('PUT', path, { body })).status).toBe(403);
    expect((await admin.call('PUT', path, { body })).status).toBe(201);
  });

  it('keeps external ids apart among his athletes', async () => {
    const manager = await newManager(url, credentials);
    await newManagedAthlete(manager, { external_id: 'a' });
    const { id } = await newManagedAthlete(manager, { external_id: 'b' });
    const path = `/api/v1/athletes/${id}/update-managed/`;
    const put = (external_id: string) =>
      manager.api.call('PUT', path, { body: { managed_by: manager.id, external_id } });
    expect(await put('A')).toMatchObject({
      status: 400,
      body: { external_id: ['A user with that external_id already exists.'] },
    });
    expect((await put('c')).status).toBe(201);
    await newManagedAthlete(manager, { external_id: 'b' });
  });
});

describe('a password', () => {
  it.each(['PUT', 'PATCH', 'POST'])('is changed by %s, and the old one is good no more', async (method) => {
    const { id, username, password, api } = await newAthlete();
    const changed = `changed-${randomUUID()}`;
    const answer = await api.call(method, `/api/v1/athletes/${id}/change-password/`, {
      body: { password: changed },
    });
    expect(answer).toMatchObject({ status: 204, body: '' });
    expect((await token({ grant_type: 'password', username, password })).status).toBe(400);
    expect((await token({ grant_type: 'password', username, password: changed })).status).toBe(200);
  });

  it('must be long, uncommon and not the username', async () => {
    const { id, username, api } = await newAthlete();
    const path = `/api/v1/athletes/${id}/change-password/`;
    for (const [password, message] of [
      [undefined, 'required'],
      [12345678901, 'string'],
      ['short', 'too short'],
      ['password123', 'too common'],
      [username.toUpperCase(), 'the username'],
    ]) {
      const { status, body } = await api.call('PUT', path, { body: { password } });
      expect({ status, message: String(body.password) }).toEqual({
        status: 400,
        message: expect.stringContaining(String(message)),
      });
    }
    const stranger = await newAthlete();
    expect((await stranger.api.call('PUT', path, { body: {} })).status).toBe(403);
    const manager = await newManager(url, credentials);
    expect(
      (await manager.api.call('PUT', '/api/v1/athletes/999999/change-password/', { body: {} })).status,
    ).toBe(404);
  });

  it('ends the other sessions and leaves the one that changed it', async () => {
    const { id, username, password } = await newAthlete();
    const own = (await token({ grant_type: 'password', username, password })).body;
    const other = (await token({ grant_type: 'password', username, password })).body;
    const api = new Api(url, own.access_token);
    await api.ok('PUT', `/api/v1/athletes/${id}/change-password/`, { password: `changed-${randomUUID()}` });
    const refresh = (refresh_token: string) => token({ grant_type: 'refresh_token', refresh_token });
    expect((await refresh(other.refresh_token)).body).toMatchObject({ error: 'invalid_grant' });
    expect((await refresh(own.refresh_token)).status).toBe(200);
  });

  it('of a manager is his own to change', async () => {
    const manager = await newManager(url, credentials);
    const other = await newManager(url, credentials);
    const path = `/api/v1/managers/${manager.id}/change-password/`;
    const password = `changed-${randomUUID()}`;
    expect((await other.api.call('PUT', path, { body: { password } })).status).toBe(403);
    expect((await manager.api.call('PUT', path, { body: { password } })).status).toBe(204);
    await signIn(url, credentials, manager.username, password);
  });
});

describe('by external id', () => {
  it('an athlete is found by those who may read him', async () => {
    const { id, body, api } = await newAthlete();
    const find = (by: Api, externalId: unknown) =>
      by.call(
        'GET',
        `/api/v1/athletes/by-external-id/?external-id=${encodeURIComponent(String(externalId))}`,
      );
    expect(await find(api, String(body['external_id']).toUpperCase())).toMatchObject({
      status: 200,
      body: { id },
    });
    const manager = await newManager(url, credentials);
    expect((await find(manager.api, body['external_id'])).status).toBe(403);
    expect((await find(manager.api, randomUUID())).status).toBe(404);
    expect(await find(manager.api, '')).toMatchObject({
      status: 400,
      body: { 'external-id': ['This field is required.'] },
    });
    expect((await find(anyone, body['external_id'])).status).toBe(401);
  });

  it('a manager’s own managed athlete goes before one who is nobody’s, and he before another’s', async () => {
    const [first, second] = [await newManager(url, credentials), await newManager(url, credentials)];
    const external_id = `shared-${randomUUID()}`;
    const find = async (by: Api) => {
      const { status, body } = await by.call(
        'GET',
        `/api/v1/athletes/by-external-id/?external-id=${external_id}`,
      );
      return status === 200 ? body.id : status;
    };
    const others = await newManagedAthlete(second, { external_id });
    expect(await find(first.api)).toBe(403);
    const admin = await signInAdmin(url, credentials);
    const read = (athlete: number) =>
      admin.ok('POST', `/api/v1/athletes/${athlete}/permissions/${first.id}/`, { permission: 'READ' });
    await read(others.id);
    expect(await find(first.api)).toBe(others.id);
    const nobodys = await newAthlete({ external_id });
    expect(await find(first.api)).toBe(others.id);
    await read(nobodys.id);
    expect(await find(first.api)).toBe(nobodys.id);
    const own = await newManagedAthlete(first, { external_id });
    expect(await find(first.api)).toBe(own.id);
    expect(await find(second.api)).toBe(others.id);
  });
});

describe('a manager', () => {
  it('reads and updates himself', async () => {
    const { id, username, api } = await newManager(url, credentials);
    const path = `/api/v1/managers/${id}/`;
    const read = await api.call('GET', path);
    expect(read).toMatchObject({
      status: 200,
      body: { id, username, extra_permissions: ['can_create_managed_athletes'] },
    });
    expect(JSON.stringify(read.body)).not.toContain('password');
    const body = {
      username,
      email: read.body.email,
      external_id: `coach-${randomUUID()}`,
      manager_profile: { first_name: 'Maria', last_name: 'Muster', company: 'FC Example' },
    };
    const updated = await api.call('PUT', path, { body });
    expect(updated).toMatchObject({
      status: 200,
      body: { ...body, id, manager_profile: { id, ...body.manager_profile } },
    });
    expect(updated.headers.get('etag')).not.toBe(read.headers.get('etag'));
    expect(await api.ok('GET', path)).toEqual(updated.body);
    const found = `/api/v1/managers/by-external-id/?external-id=${body.external_id}`;
    expect(await api.ok('GET', found)).toEqual(updated.body);
    const other = await newManager(url, credentials);
    expect((await other.api.call('GET', path)).status).toBe(403);
    expect((await other.api.call('PUT', path, { body })).status).toBe(403);
    expect((await other.api.call('GET', found)).status).toBe(403);
    expect((await other.api.call('GET', '/api/v1/managers/999999/')).status).toBe(404);
    expect((await other.api.call('GET', '/api/v1/managers/by-external-id/')).status).toBe(400);
  });
});

describe('an athlete who is deleted', () => {
  it('is gone for everybody, cannot sign in, and his names are free', async () => {
    const manager = await newManager(url, credentials);
    const { id, username, password, body, api } = await newAthlete();
    await api.ok('POST', `/api/v1/athletes/${id}/permissions/${manager.id}/`, { permission: 'READ' });
    const session = (await token({ grant_type: 'password', username, password })).body;
    expect((await manager.api.ok('GET', '/api/v1/athletes/')).count).toBe(1);
    expect((await manager.api.call('DELETE', `/api/v1/athletes/${id}/`)).status).toBe(403);
    expect((await api.call('DELETE', `/api/v1/athletes/${id}/?gender=F`)).status).toBe(404);
    expect(await api.call('DELETE', `/api/v1/athletes/${id}/`)).toMatchObject({ status: 204, body: '' });

    const admin = await signInAdmin(url, credentials);
    for (const by of [manager.api, admin])
      expect((await by.call('GET', `/api/v1/athletes/${id}/`)).status).toBe(404);
    expect((await api.call('GET', `/api/v1/athletes/${id}/`)).status).toBe(401);
    expect((await admin.call('GET', `/api/v1/athletes/${id}/permissions/`)).status).toBe(404);
    expect((await admin.call('DELETE', `/api/v1/athletes/${id}/`)).status).toBe(404);
    expect((await manager.api.ok('GET', '/api/v1/athletes/')).count).toBe(0);
    const found = `/api/v1/athletes/by-external-id/?external-id=${String(body['external_id'])}`;
    expect((await admin.call('GET', found)).status).toBe(404);
    expect((await api.call('GET', '/api/v1/account/')).status).toBe(401);
    expect((await token({ grant_type: 'password', username, password })).status).toBe(400);
    const { refresh_token } = session;
    expect((await token({ grant_type: 'refresh_token', refresh_token })).status).toBe(400);
    expect((await anyone.call('POST', '/api/v1/athletes/', { body })).status).toBe(201);
  });

  it('is deleted by his manager when he is managed, and by nobody else', async () => {
    const manager = await newManager(url, credentials);
    const other = await newManager(url, credentials);
    const { id } = await newManagedAthlete(manager, { external_id: 'shirt-7' });
    const path = `/api/v1/athletes/${id}/delete-managed/`;
    expect((await other.api.call('DELETE', path)).status).toBe(403);
    expect((await manager.api.call('DELETE', path)).status).toBe(204);
    expect((await manager.api.call('DELETE', path)).status).toBe(404);
    expect((await manager.api.ok('GET', '/api/v1/athletes/')).count).toBe(0);
    await newManagedAthlete(manager, { external_id: 'shirt-7' });
    const unmanaged = await newAthlete();
    expect(
      (await manager.api.call('DELETE', `/api/v1/athletes/${unmanaged.id}/delete-managed/`)).status,
    ).toBe(403);
  });
});

describe('a manager who is deleted', () => {
  it('must manage nobody, and takes his grants with him', async () => {
    const manager = await newManager(url, credentials);
    const path = `/api/v1/managers/${manager.id}/`;
    const managed = await newManagedAthlete(manager);
    expect(await manager.api.call('DELETE', path)).toMatchObject({
      status: 400,
      body: { non_field_errors: [expect.stringContaining('still manages athletes')] },
    });
    await manager.api.ok('DELETE', `/api/v1/athletes/${managed.id}/delete-managed/`);
    const athlete = await newAthlete();
    const permissions = `/api/v1/athletes/${athlete.id}/permissions/`;
    await athlete.api.ok('POST', `${permissions}${manager.id}/`, { permission: 'READ' });
    const other = await newManager(url, credentials);
    expect((await other.api.call('DELETE', path)).status).toBe(403);
    expect((await manager.api.call('DELETE', path)).status).toBe(204);
    expect((await athlete.api.ok('GET', permissions)).results).toEqual([]);
    expect((await athlete.api.call('GET', `${permissions}${manager.id}/`)).status).toBe(404);
    const admin = await signInAdmin(url, credentials);
    expect((await admin.call('GET', path)).status).toBe(404);
    expect((await manager.api.call('GET', '/api/v1/account/')).status).toBe(401);
    const { username, password } = manager;
    expect((await token({ grant_type: 'password', username, password })).status).toBe(400);
  });
});

describe('what a deleted manager owned', () => {
  it('ends: activities are deleted and devices are free for others', async () => {
    const bench = await newBench(url, credentials, { ownedFrom: '2024-06-01T12:00:00Z' });
    const { api, id } = bench.manager;
    const frame = await api.ok('POST', '/api/v1/timeframes/', {
      start_time: '2024-06-01T12:00:00Z',
      end_time: '2024-06-01T13:00:00Z',
      device: bench.device,
      activity: bench.activity,
      athlete: bench.athlete,
    });
    await api.ok('DELETE', `/api/v1/athletes/${bench.athlete}/delete-managed/`);
    await api.ok('DELETE', `/api/v1/managers/${id}/`);
    const admin = await signInAdmin(url, credentials);
    const gone = async (path: string) => (await admin.call('GET', path)).status;
    await expect.poll(() => gone(`/api/v1/activities/${bench.activity}/`)).toBe(404);
    await expect.poll(() => gone(`/api/v1/timeframes/${frame.id}/`)).toBe(404);
    const device = `/api/v1/devices/${bench.device}/`;
    await expect.poll(async () => (await admin.ok('GET', device)).owner).toBeNull();
    const next = await newManager(url, credentials);
    await next.api.ok('POST', `${device}take-ownership/`);
    expect((await next.api.ok('GET', device)).owner).toBe(next.id);
  });
});

describe('sharing an athlete', () => {
  it('gives another manager READ inside of the sharer’s own window', async () => {
    const [sharer, reader] = [await newManager(url, credentials), await newManager(url, credentials)];
    const athlete = await newAthlete();
    const path = `/api/v1/athletes/${athlete.id}/share/`;
    const body = { manager: reader.id };
    const permissions = `/api/v1/athletes/${athlete.id}/permissions/${sharer.id}/`;
    await athlete.api.ok('POST', permissions, { permission: 'READ' });
    expect((await sharer.api.call('POST', path, { body })).status).toBe(403);
    await athlete.api.ok('POST', permissions, {
      permission: 'SHARE',
      expiration_time: '2190-01-01T00:00:00Z',
    });
    expect((await reader.api.call('GET', `/api/v1/athletes/${athlete.id}/`)).status).toBe(403);
    expect(await sharer.api.call('POST', path, { body })).toMatchObject({
      status: 200,
      body: {
        manager: reader.id,
        athlete: athlete.id,
        permission: 'READ',
        expiration_time: '2190-01-01T00:00:00+0000',
        is_active: true,
      },
    });
    expect((await reader.api.call('GET', `/api/v1/athletes/${athlete.id}/`)).status).toBe(200);
    const beyond = { ...body, expiration_time: '2190-01-01T00:00:00.001Z' };
    expect((await sharer.api.call('POST', path, { body: beyond })).status).toBe(403);
    expect(
      (await sharer.api.call('POST', path, { body: { ...body, start_time: '2020-01-01T00:00:00Z' } })).status,
    ).toBe(403);
    for (const manager of [undefined, 999_999, sharer.id, athlete.id]) {
      const answer = await sharer.api.call('POST', path, { body: { manager } });
      expect({ status: answer.status, fields: Object.keys(answer.body) }).toEqual({
        status: 400,
        fields: ['manager'],
      });
    }
    expect((await reader.api.call('POST', path, { body })).status).toBe(403);
    expect((await athlete.api.call('POST', path, { body })).status).toBe(403);
    expect((await sharer.api.call('POST', '/api/v1/athletes/999999/share/', { body })).status).toBe(404);
  });
});

describe('the tokens of a sign-in', () => {
  const inspect = (one: string, client: Record<string, string> = {}) =>
    token({ token: one, ...client }, '/oauth2/introspect/');
  const revoke = (one: string) => token({ token: one }, '/oauth2/revoke_token/');

  it('are told to clients, and to nobody else', async () => {
    const { id, username, password } = await newAthlete();
    const signedIn = (await token({ grant_type: 'password', username, password })).body;
    const { client_id } = credentials;
    const known = { active: true, scope: 'all', client_id, username, sub: String(id) };
    const access = await inspect(signedIn.access_token);
    expect(access).toMatchObject({ status: 200, body: { ...known, token_type: 'Bearer' } });
    expect(access.body.exp).toBeGreaterThan(Date.now() / 1000 + 35_000);
    expect((await inspect(signedIn.refresh_token)).body).toMatchObject({
      ...known,
      token_type: 'refresh_token',
    });
    for (const none of ['nonsense', `${signedIn.access_token}x`])
      expect(await inspect(none)).toMatchObject({ status: 200, body: { active: false } });
    const wrong = await inspect(signedIn.access_token, { client_secret: 'wrong' });
    expect(wrong).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect((await token({}, '/oauth2/introspect/')).body).toMatchObject({ error: 'invalid_request' });
  });

  it('end when they are revoked', async () => {
    const { username, password } = await newAthlete();
    const { access_token, refresh_token } = (await token({ grant_type: 'password', username, password }))
      .body;
    const api = new Api(url, access_token);
    expect((await api.call('GET', '/api/v1/account/')).status).toBe(200);
    expect((await revoke(access_token)).status).toBe(200);
    expect(await api.call('GET', '/api/v1/account/')).toMatchObject({
      status: 401,
      body: { detail: 'Invalid token.' },
    });
    expect((await inspect(access_token)).body).toEqual({ active: false });
    const refreshed = (await token({ grant_type: 'refresh_token', refresh_token })).body;
    expect((await revoke(refreshed.refresh_token)).status).toBe(200);
    const again = { grant_type: 'refresh_token', refresh_token: refreshed.refresh_token };
    expect((await token(again)).body).toMatchObject({ error: 'invalid_grant' });
    expect((await revoke('nonsense')).status).toBe(200);
  });

  it('end everywhere when their user is deleted', async () => {
    const manager = await newManager(url, credentials);
    expect((await manager.api.call('GET', '/api/v1/activities/')).status).toBe(200);
    await manager.api.ok('DELETE', `/api/v1/managers/${manager.id}/`);
    expect((await manager.api.call('GET', '/api/v1/activities/')).status).toBe(401);
  });
});

describe('a manager who signs up with a default athlete', () => {
  const signUp = (query: string, over: object = {}) => {
    const run = randomUUID();
    const body = {
      username: run,
      email: `${run}@example.com`,
      password: `password-of-${run}`,
      manager_profile: { first_name: 'Maria', last_name: 'Manager' },
      ...over,
    };
    return { body, answer: anyone.call('POST', `/api/v1/managers/${query}`, { body }) };
  };
  const athlete_profile = { first_name: 'Mario', last_name: 'Athlete' };

  it('manages him from the start', async () => {
    const { body, answer } = signUp('?create_default_athlete=true', { athlete_profile });
    const { status, body: manager } = await answer;
    expect({ status, fields: Object.keys(manager) }).toMatchObject({ status: 201 });
    expect(manager).not.toHaveProperty('athlete_profile');
    const api = await signIn(url, credentials, body.username, body.password);
    const { results } = await api.ok('GET', '/api/v1/athletes/');
    expect(results).toMatchObject([{ managed_by: manager.id, athlete_profile }]);
    expect(results[0].username).toMatch(/^MANAGED-/);
  });

  it('names him, and has none without the wish', async () => {
    expect(await signUp('?create_default_athlete=true').answer).toMatchObject({
      status: 400,
      body: { athlete_profile: ['This field is required.'] },
    });
    const { body, answer } = signUp('', { athlete_profile });
    expect((await answer).status).toBe(201);
    const api = await signIn(url, credentials, body.username, body.password);
    expect((await api.ok('GET', '/api/v1/athletes/')).count).toBe(0);
  });
});
