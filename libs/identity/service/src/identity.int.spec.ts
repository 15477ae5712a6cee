import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyState } from '@touchline/contracts/common/v1/common';
import { ReadModelsService } from '@touchline/contracts/common/v1/read_models';
import { AthleteDeletedSchema } from '@touchline/contracts/identity/v1/events';
import { AthleteSchema, IdentityService, Role } from '@touchline/contracts/identity/v1/service';
import { fromBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  Kind,
  PermissionGrantedSchema,
  PermissionsRevokedSchema,
} from '@touchline/contracts/permission/v1/events';
import { encodePayload, EventLog } from '@touchline/event-log';
import {
  type Client,
  createClient,
  generateDeploymentKeys,
  RpcError,
  serviceToken,
  silentLogger,
  TokenSigner,
  TokenVerifier,
  type WrittenPosition,
} from '@touchline/rpc';
import { type Engines, startEngines } from '@touchline/testing/engines';
import { type IdentityServiceOptions, type RunningService, startIdentityService } from './start.ts';

const keys = generateDeploymentKeys();
const nameSecret = Buffer.from(keys.nameSecret, 'base64');
const logger = { ...silentLogger, info: () => {} };
// Given engines are shared: names of this run are its own.
const run = randomUUID().slice(0, 8);
const admin = { username: `admin-${run}`, password: 'correct horse battery' };
const oauthClient = { id: `client-${run}`, secret: randomBytes(20).toString('hex') };
const password = 'SuperPassword$$123';
const mailDirectory = mkdtempSync(join(tmpdir(), 'touchline-mails-'));

let engines: Engines;
let service: RunningService;
let identity: Client<typeof IdentityService>;
let readModels: Client<typeof ReadModelsService>;

function options(): IdentityServiceOptions {
  return {
    eventstoreUrl: engines.eventstoreUrl,
    mongodbUrl: engines.mongodbUrl,
    listen: { host: '127.0.0.1', port: 0 },
    instance: `identity-${run}`,
    verifyKeys: keys.verifyKeys,
    tokenKey: keys.tokenKey,
    masterKey: Buffer.from(keys.masterKey, 'base64'),
    nameSecret,
    firstUsers: { admin, client: oauthClient },
    mail: { directory: mailDirectory },
    logger,
  };
}

const gatewayToken = serviceToken(TokenSigner.fromPrivateJwk(keys.serviceKey), 'gateway');
const activityToken = serviceToken(TokenSigner.fromPrivateJwk(keys.serviceKey), 'activity');

beforeAll(async () => {
  engines = await startEngines();
  service = await startIdentityService(options());
  const address = `127.0.0.1:${service.port}`;
  identity = createClient(IdentityService, address, { token: gatewayToken });
  readModels = createClient(ReadModelsService, address, { token: gatewayToken });
  await service.ready;
});

afterAll(async () => {
  identity?.close();
  readModels?.close();
  await service?.stop();
  await engines?.close();
  rmSync(mailDirectory, { recursive: true, force: true });
});

/** The message, once every read model has it. */
async function visible<Shape>(
  answer: Promise<{ message: Shape; written: WrittenPosition[] }>,
): Promise<Shape> {
  const { message, written } = await answer;
  await readModels.waitFor({ positions: written });
  return message;
}

async function signIn(username: string, secret: string): Promise<string> {
  const { message } = await identity.issueToken({
    clientId: oauthClient.id,
    clientSecret: oauthClient.secret,
    grant: { case: 'password', value: { username, password: secret, scope: 'all' } },
  });
  return message.accessToken;
}

async function newManager(
  name: string,
  extraPermissions: string[] = [],
): Promise<{ id: number; token: string }> {
  const username = `${name}-${run}@example.com`;
  const { manager } = await visible(
    identity.createManager({
      username,
      email: username,
      password,
      profile: { firstName: name, lastName: 'Manager' },
    }),
  );
  const id = manager?.id ?? 0;
  if (extraPermissions.length > 0) {
    const token = await signIn(admin.username, admin.password);
    await visible(identity.setExtraPermissions({ manager: id, extraPermissions }, { token }));
  }
  return { id, token: await signIn(username, password) };
}

async function listed(token: string, request: Parameters<typeof identity.listAthletes>[0] = {}) {
  let count: number | undefined;
  const athletes = [];
  for await (const message of identity.listAthletes(request, { token })) {
    count = message.count;
    athletes.push(...message.rows.map((row) => fromBinary(AthleteSchema, row)));
  }
  return { count, athletes };
}

async function failure(call: Promise<unknown>): Promise<RpcError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RpcError))
    throw new Error(`The call did not fail with an RpcError but: ${String(error)}`);
  return error;
}

describe('from a manager to his athletes', () => {
  it('creates a manager, signs him in, creates a managed athlete and lists him', async () => {
    const manager = await newManager('walk', ['can_create_managed_athletes']);
    const { athlete } = await visible(
      identity.createManagedAthlete(
        {
          managedBy: manager.id,
          externalId: '0123456789',
          profile: {
            firstName: 'Usain',
            lastName: 'Bolt',
            gender: 'M',
            heightM: 195,
            birthDate: '1986-08-21',
          },
        },
        { token: manager.token },
      ),
    );
    expect(athlete).toMatchObject({ managedBy: manager.id, email: '', externalId: '0123456789' });
    expect(athlete?.username).toMatch(/^MANAGED-[0-9a-f-]{36}$/);
    expect(athlete?.profile).toMatchObject({ firstName: 'Usain', heightM: 1.95 });
    expect(await listed(manager.token)).toEqual({ count: 1, athletes: [athlete] });
    const { message } = await identity.getAthlete({ athlete: athlete?.id ?? 0 }, { token: manager.token });
    expect(message.athlete).toEqual(athlete);
    const account = await identity.getAccount({}, { token: manager.token });
    expect(account.message.account).toMatchObject({ extraPermissions: ['can_create_managed_athletes'] });
  });
});

describe('signing in', () => {
  const client = { clientId: oauthClient.id, clientSecret: oauthClient.secret };

  function passwordGrant(username: string, secret: string, scope = '') {
    return { ...client, grant: { case: 'password' as const, value: { username, password: secret, scope } } };
  }

  function refreshGrant(refreshToken: string) {
    return { ...client, grant: { case: 'refresh' as const, value: { refreshToken } } };
  }

  it('gives a token of ten hours that names the user, his role and the client', async () => {
    const { message } = await identity.issueToken(
      passwordGrant(admin.username.toUpperCase(), admin.password),
    );
    expect(message).toMatchObject({ expiresInS: 36_000, scope: 'all' });
    const { caller } = await TokenVerifier.fromJwks(keys.verifyKeys).verify(message.accessToken);
    expect(caller).toMatchObject({ kind: 'user', role: 'ADMIN', clientId: oauthClient.id });
    const account = await identity.getAccount({}, { token: message.accessToken });
    expect(account.message.account).toMatchObject({ username: admin.username, role: Role.ADMIN });
  });

  it.each([
    ['invalid_client', 'an unknown client', () => ({ ...passwordGrant('a', 'b'), clientId: 'nobody' })],
    ['invalid_client', 'a wrong client secret', () => ({ ...passwordGrant('a', 'b'), clientSecret: 'x' })],
    ['unsupported_grant_type', 'no known grant', () => client],
    ['invalid_request', 'no password', () => passwordGrant(admin.username, '')],
    ['invalid_scope', 'another scope', () => passwordGrant(admin.username, admin.password, 'some')],
    ['invalid_grant', 'a wrong password', () => passwordGrant(admin.username, `${admin.password}!`)],
    ['invalid_grant', 'an unknown user', () => passwordGrant('nobody', admin.password)],
    ['invalid_request', 'an empty refresh token', () => refreshGrant('')],
    ['invalid_grant', 'an unknown refresh token', () => refreshGrant('x'.repeat(66))],
  ])('answers %s to %s', async (oauthError, _what, request) => {
    const error = await failure(identity.issueToken(request()));
    expect({ status: error.status, oauthError: error.oauthError }).toEqual({ status: 'oauth', oauthError });
  });

  it('goes on with a refresh token, each good once; using an old one ends the family', async () => {
    const first = (await identity.issueToken(passwordGrant(admin.username, admin.password))).message;
    const second = (await identity.issueToken(refreshGrant(first.refreshToken))).message;
    expect(second.refreshToken).not.toBe(first.refreshToken);
    const third = (await identity.issueToken(refreshGrant(second.refreshToken))).message;
    expect(third).toMatchObject({ expiresInS: 36_000, scope: 'all' });
    expect((await failure(identity.issueToken(refreshGrant(first.refreshToken)))).detail).toContain(
      'used before',
    );
    expect((await failure(identity.issueToken(refreshGrant(third.refreshToken)))).oauthError).toBe(
      'invalid_grant',
    );
  });

  it('gives the next of two who refresh at once to one of them', async () => {
    const { refreshToken } = (await identity.issueToken(passwordGrant(admin.username, admin.password)))
      .message;
    const tries = [1, 2].map(() => identity.issueToken(refreshGrant(refreshToken)));
    const settled = await Promise.allSettled(tries);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is not for managed athletes, who have no password', async () => {
    const manager = await newManager('nologin', ['can_create_managed_athletes']);
    const profile = { firstName: 'Usain', lastName: 'Bolt' };
    const create = identity.createManagedAthlete(
      { managedBy: manager.id, profile },
      { token: manager.token },
    );
    const { athlete } = await visible(create);
    const error = await failure(identity.issueToken(passwordGrant(athlete?.username ?? '', password)));
    expect(error.oauthError).toBe('invalid_grant');
  });
});

describe('creating accounts', () => {
  const profile = { firstName: 'Jon', lastName: 'Doe' };

  it('answers every wrong field at once, with those that the caller found', async () => {
    const error = await failure(
      identity.createAthlete(
        {
          username: '',
          email: 'nobody',
          password: 'password12',
          profile: { firstName: 'Jon', weightKg: 0.5 },
        },
        {
          fieldErrors: {
            'athlete_profile.height': ['A valid number is required.'],
            username: ['Not a valid string.'],
          },
        },
      ),
    );
    expect(error.status).toBe('invalid');
    expect(error.fields).toEqual({
      'athlete_profile.height': ['A valid number is required.'],
      username: ['Not a valid string.'],
      email: ['Enter a valid email address.'],
      password: ['This password is too common.'],
      'athlete_profile.last_name': ['This field is required.'],
      'athlete_profile.weight': ['A weight is 1 to 500 kg.'],
    });
  });

  it('does not complain about the fields of an object that came wrong as a whole', async () => {
    const fieldErrors = { manager_profile: ['Invalid data.'] };
    const email = `whole-${run}@example.com`;
    const error = await failure(identity.createManager({ username: email, email }, { fieldErrors }));
    expect(error.fields).toEqual(fieldErrors);
  });

  it('mails the password that it made, which is good', async () => {
    const email = `mailed-${run}@example.com`;
    await visible(identity.createAthlete({ username: email, email, profile }));
    const mails = () =>
      readdirSync(mailDirectory)
        .map((name) => readFileSync(join(mailDirectory, name), 'utf8'))
        .filter((text) => text.includes(`To: ${email}`));
    await expect.poll(mails).toHaveLength(1);
    const [, made = ''] = /^Password: (\S+)$/m.exec(mails()[0] ?? '') ?? [];
    expect(await signIn(email, made)).not.toBe('');
  });

  it('names the fields that somebody else holds', async () => {
    const email = `held-${run}@example.com`;
    await identity.createAthlete({ username: email, email, profile });
    const error = await failure(identity.createManager({ username: email.toUpperCase(), email, profile }));
    expect(error.fields).toEqual({
      username: ['A user with that username already exists.'],
      email: ['A user with that email already exists.'],
    });
  });

  it('keeps a picture byte for byte', async () => {
    const picture = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), randomBytes(256 * 1024 - 3)]);
    const email = `picture-${run}@example.com`;
    const withPicture = { ...profile, profilePicture: new Uint8Array(picture) };
    const { athlete } = await visible(
      identity.createAthlete({ username: email, email, password, profile: withPicture }),
    );
    const token = await signIn(email, password);
    const { message } = await identity.getAthlete({ athlete: athlete?.id ?? 0 }, { token });
    expect(Buffer.from(message.athlete?.profile?.profilePicture ?? []).equals(picture)).toBe(true);
  });

  it('of a managed athlete is refused without the extra permission and for another manager', async () => {
    const without = await newManager('without');
    const manager = await newManager('with', ['can_create_managed_athletes']);
    const create = (managedBy: number, token: string) =>
      failure(identity.createManagedAthlete({ managedBy, profile }, { token }));
    expect((await create(without.id, without.token)).status).toBe('forbidden');
    expect((await create(without.id, manager.token)).status).toBe('forbidden');
    expect((await create(0, manager.token)).fields).toEqual({ managed_by: ['This field is required.'] });
    expect((await create(4_000_000_000, manager.token)).fields).toHaveProperty('managed_by');
    const adminToken = await signIn(admin.username, admin.password);
    const { message } = await identity.createManagedAthlete(
      { managedBy: without.id, profile },
      { token: adminToken },
    );
    expect(message.athlete?.managedBy).toBe(without.id);
  });

  it('writes one managed athlete when the same command is sent again', async () => {
    const { id, token } = await newManager('repeat', ['can_create_managed_athletes']);
    const options = { token, commandId: randomUUID() };
    const first = await visible(
      identity.createManagedAthlete({ managedBy: id, externalId: '1', profile }, options),
    );
    const second = await visible(
      identity.createManagedAthlete({ managedBy: id, externalId: '1', profile }, options),
    );
    expect(second).toEqual(first);
    expect((await listed(token)).count).toBe(1);
  });

  it('lets two managers use the same external id, each once', async () => {
    const managers = [
      await newManager('ext-a', ['can_create_managed_athletes']),
      await newManager('ext-b', ['can_create_managed_athletes']),
    ];
    const externalId = `x-${run}`;
    for (const { id, token } of managers) {
      await identity.createManagedAthlete({ managedBy: id, externalId, profile }, { token });
      const again = identity.createManagedAthlete(
        { managedBy: id, externalId: externalId.toUpperCase(), profile },
        { token },
      );
      expect((await failure(again)).fields).toEqual({
        external_id: ['A user with that external_id already exists.'],
      });
    }
  });
});

describe('extra permissions', () => {
  it('are given by an admin to a manager, and nobody else', async () => {
    const manager = await newManager('extra');
    const token = await signIn(admin.username, admin.password);
    const set = (id: number, names: string[], as: string) =>
      identity.setExtraPermissions({ manager: id, extraPermissions: names }, { token: as });
    const given = await visible(set(manager.id, ['can_create_managed_athletes'], token));
    expect(given.manager).toMatchObject({
      id: manager.id,
      extraPermissions: ['can_create_managed_athletes'],
    });
    expect((await failure(set(manager.id, [], manager.token))).status).toBe('forbidden');
    expect((await failure(set(4_000_000_000, [], manager.token))).status).toBe('not_found');
    expect((await failure(set(manager.id, ['can_fly'], token))).fields).toEqual({
      extra_permissions: ['"can_fly" is not a valid choice.'],
    });
    expect((await visible(set(manager.id, [], token))).manager?.extraPermissions).toEqual([]);
  });
});

describe('a manager’s list', () => {
  let manager: { id: number; token: string };

  beforeAll(async () => {
    manager = await newManager('lists', ['can_create_managed_athletes']);
    const people = [
      { firstName: 'Éric', lastName: 'Zola', gender: 'M', birthDate: '1990-05-01' },
      { firstName: 'Anna', lastName: 'Bolt', gender: 'F', birthDate: '2001-01-31' },
      { firstName: 'eva', lastName: 'B.lt (the fast)', gender: 'F' },
    ];
    for (const [index, profile] of people.entries()) {
      await visible(
        identity.createManagedAthlete(
          { managedBy: manager.id, externalId: `L${index}`, profile },
          { token: manager.token },
        ),
      );
    }
  });

  it.each([
    ['nothing', {}, ['Éric', 'Anna', 'eva']],
    ['a folded first name', { filter: { firstName: 'é' } }, ['Éric']],
    ['text that would be a pattern', { filter: { lastName: 'b.lt' } }, ['eva']],
    ['a parenthesis', { filter: { lastName: '(' } }, ['eva']],
    ['gender', { filter: { gender: 'F' } }, ['Anna', 'eva']],
    ['the first birth date', { filter: { birthdateFrom: '1990-05-01' } }, ['Éric', 'Anna']],
    ['the last birth date', { filter: { birthdateTo: '1990-05-01' } }, ['Éric']],
    ['external id', { filter: { externalId: 'l1' } }, ['Anna']],
    ['who is managed', { filter: { isManaged: true } }, ['Éric', 'Anna', 'eva']],
    ['who is not managed', { filter: { isManaged: false } }, []],
    ['another manager', { filter: { managedBy: 4_000_000_000 } }, []],
    ['several terms', { options: { search: 'bolt  ANN' } }, ['Anna']],
    ['a term of another athlete', { options: { search: 'bolt éric' } }, []],
  ])('by %s', async (_what, request, names) => {
    const { athletes, count } = await listed(manager.token, request);
    expect(athletes.map(({ profile }) => profile?.firstName)).toEqual(names);
    expect(count).toBe(names.length);
  });

  it.each([
    ['first_name', ['Anna', 'eva', 'Éric']],
    ['-first_name', ['Éric', 'eva', 'Anna']],
    ['birthdate', ['eva', 'Éric', 'Anna']],
    ['-gender', ['Éric', 'Anna', 'eva']],
    ['external_id', ['Éric', 'Anna', 'eva']],
  ])('ordered by %s', async (ordering, names) => {
    const { athletes } = await listed(manager.token, { options: { ordering: [ordering] } });
    expect(athletes.map(({ profile }) => profile?.firstName)).toEqual(names);
  });

  it('comes in pages', async () => {
    const page = async (number: number) => {
      const options = { page: number, limit: 2, ordering: ['last_name'] };
      const { athletes, count } = await listed(manager.token, { options });
      return [count, athletes.map(({ profile }) => profile?.firstName)];
    };
    expect(await page(1)).toEqual([3, ['eva', 'Anna']]);
    expect(await page(2)).toEqual([3, ['Éric']]);
    expect(await page(3)).toEqual([3, []]);
  });

  it('refuses an ordering that it does not know', async () => {
    const error = await failure(listed(manager.token, { options: { ordering: ['password'] } }));
    expect(error.fields).toHaveProperty('ordering');
  });

  it('shows an athlete only to those who may see him', async () => {
    const { athletes } = await listed(manager.token);
    const athlete = athletes[0]?.id ?? 0;
    const other = await newManager('other');
    const get = (id: number, token: string, filter = {}) =>
      identity.getAthlete({ athlete: id, filter }, { token });
    expect((await failure(get(athlete, other.token))).status).toBe('forbidden');
    expect((await failure(get(manager.id, other.token))).status).toBe('not_found');
    expect((await failure(get(athlete, manager.token, { gender: 'F' }))).status).toBe('not_found');
    expect((await get(athlete, manager.token, { gender: 'M' })).message.athlete?.id).toBe(athlete);
    expect((await listed(other.token)).count).toBe(0);
    const anonymous = await failure(identity.getAthlete({ athlete }));
    expect(anonymous.status).toBe('unauthenticated');
  });

  it('gains and loses those on whom READ is granted and revoked', async () => {
    const { athletes } = await listed(manager.token);
    const athlete = athletes[1]?.id ?? 0;
    const other = await newManager('reader');
    const log = EventLog.connect({ url: engines.eventstoreUrl });
    const append = async (payload: ReturnType<typeof encodePayload>) => {
      const id = randomUUID();
      const metadata = { correlation_id: id, actor: `user:${athlete}`, at: new Date().toISOString() };
      const { position } = await log.append(`permissions-${athlete}`, [{ ...payload, id, metadata }], 'any');
      await readModels.waitFor({ positions: [{ eventType: payload.type, position }] });
    };
    const grant = (permissionId: number, startMs: number, endMs: number) =>
      append(
        encodePayload(PermissionGrantedSchema, {
          permissionId,
          athlete,
          manager: other.id,
          kind: Kind.READ,
          startTime: timestampFromMs(startMs),
          expirationTime: timestampFromMs(endMs),
        }),
      );
    const now = Date.now();
    await grant(4, now - 2000, now - 1000);
    await grant(8, now + 3_600_000, now + 7_200_000);
    expect((await listed(other.token)).count).toBe(0);
    await grant(12, now - 1000, now + 3_600_000);
    expect((await listed(other.token)).athletes.map(({ id }) => id)).toEqual([athlete]);
    await append(
      encodePayload(PermissionsRevokedSchema, { athlete, manager: other.id, permissionIds: [12] }),
    );
    expect((await listed(other.token)).count).toBe(0);
    await log.close();
  });

  it('is told to services as a manager sees it', async () => {
    const ids = (await listed(manager.token)).athletes.map(({ id }) => id);
    const token = await activityToken();
    const ask = async (reader: number) =>
      (await identity.getAthletes({ athletes: [...ids, 4_000_000_000], reader }, { token })).message.athletes;
    expect((await ask(0)).map(({ id }) => id)).toEqual(ids);
    expect((await ask(manager.id)).map(({ id }) => id)).toEqual(ids);
    expect(await ask(manager.id + 1_000_000)).toEqual([]);
    expect((await failure(identity.getAthletes({ athletes: ids }))).status).toBe('forbidden');
  });

  it('has its keys for services only', async () => {
    const [athlete] = (await listed(manager.token)).athletes;
    const keyIds = [`user-${athlete?.id}`, 'user-4000000000'];
    const { message } = await identity.keys({ keyIds }, { token: await activityToken() });
    expect(message.keys.map(({ state, key }) => [state, key.length])).toEqual([
      [KeyState.PRESENT, 32],
      [KeyState.UNKNOWN, 0],
    ]);
    expect((await failure(identity.keys({ keyIds }, { token: manager.token }))).status).toBe('forbidden');
    expect((await failure(identity.keys({ keyIds }))).status).toBe('forbidden');
  });
});

describe('a deleted person', () => {
  const profile = { firstName: 'Jon', lastName: 'Doe' };
  const newAthlete = async (name: string) => {
    const email = `${name}-${run}@example.com`;
    const { athlete } = await visible(identity.createAthlete({ username: email, email, password, profile }));
    return { id: athlete?.id ?? 0, email, token: await signIn(email, password) };
  };
  const keyState = async (id: number) => {
    const { message } = await identity.keys({ keyIds: [`user-${id}`] }, { token: await activityToken() });
    return message.keys[0]?.state;
  };

  it('has no key any more when the answer comes', async () => {
    const { id, token } = await newAthlete('erased');
    expect(await keyState(id)).toBe(KeyState.PRESENT);
    await visible(identity.deleteAthlete({ athlete: id }, { token }));
    expect(await keyState(id)).toBe(KeyState.DESTROYED);
    expect((await failure(identity.getAccount({}, { token }))).status).toBe('unauthenticated');
  });

  it('loses his key, too, when only the deletion came into the log', async () => {
    const { id } = await newAthlete('half-erased');
    const log = EventLog.connect({ url: engines.eventstoreUrl });
    const metadata = { correlation_id: run, actor: `user:${id}`, at: new Date().toISOString() };
    const payload = encodePayload(AthleteDeletedSchema, { userId: id });
    await log.append(`user-${id}`, [{ ...payload, id: randomUUID(), metadata }], 0);
    await log.close();
    await expect.poll(() => keyState(id), { timeout: 20_000 }).toBe(KeyState.DESTROYED);
  });
});

describe('a command that names a revision', () => {
  it('is refused when it has passed, after existence and rights and before fields', async () => {
    const email = `revised-${run}@example.com`;
    const profile = { firstName: 'Jon', lastName: 'Doe' };
    const { athlete } = await visible(identity.createAthlete({ username: email, email, password, profile }));
    const [id, ifRevision] = [athlete?.id ?? 0, athlete?.revision ?? 0];
    const token = await signIn(email, password);
    const stranger = (await newManager('stranger')).token;
    const stale = { athlete: id, ifRevision: ifRevision + 1 };
    const update = (request: object, as = token) => identity.updateAthlete(request, { token: as });
    expect((await failure(update({ ...stale, athlete: 4_000_000_000 }))).status).toBe('not_found');
    expect((await failure(update(stale, stranger))).status).toBe('forbidden');
    expect((await failure(update(stale))).status).toBe('precondition');
    expect((await failure(identity.deleteAthlete(stale, { token }))).status).toBe('precondition');
    const { message } = await update({
      athlete: id,
      ifRevision,
      username: email,
      email,
      profile: { ...profile, weightKg: 70 },
    });
    expect(message.athlete).toMatchObject({ revision: ifRevision + 1, profile: { weightKg: 70 } });
    expect((await failure(update({ athlete: id, ifRevision, username: email, email }))).status).toBe(
      'precondition',
    );
  });

  it('is carried out for one of several who name the same', async () => {
    const { id, token } = await newManager('raced');
    const email = `raced-${run}@example.com`;
    const companies = ['a', 'b', 'c', 'd'];
    const settled = await Promise.allSettled(
      companies.map((company) =>
        identity.updateManager(
          {
            manager: id,
            ifRevision: 0,
            username: email,
            email,
            profile: { firstName: 'raced', lastName: 'M', company },
          },
          { token },
        ),
      ),
    );
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('starting again', () => {
  it('finds the admin and the client, and makes no second one', async () => {
    const countAdmins = async () => {
      const log = EventLog.connect({ url: engines.eventstoreUrl });
      let admins = 0;
      for await (const { type } of log.readAll()) if (type === 'identity.v1.AdminCreated') admins++;
      await log.close();
      return admins;
    };
    const before = await countAdmins();
    const second = await startIdentityService({ ...options(), instance: `second-${run}` });
    await second.ready;
    await second.stop();
    expect(await countAdmins()).toBe(before);
    expect(await signIn(admin.username, admin.password)).not.toBe('');
  });

  it('warns of a weak password of the first admin, whom it makes as the operator wishes', async () => {
    const warnings: object[] = [];
    const firstUsers = { admin: { username: `weak-${run}`, password: '12345' }, client: undefined };
    const second = await startIdentityService({
      ...options(),
      instance: `weak-${run}`,
      firstUsers,
      logger: { ...logger, warn: (fields) => warnings.push(fields) },
    });
    await second.ready;
    await second.stop();
    expect(warnings).toContainEqual({
      weaknesses: [expect.stringContaining('too short'), expect.stringContaining('too common')],
    });
    expect(await signIn(`weak-${run}`, '12345')).not.toBe('');
  });

  it('refuses a first admin whose name belongs to somebody else', async () => {
    const email = `not-admin-${run}@example.com`;
    await identity.createAthlete({ username: email, email, profile: { firstName: 'Jon', lastName: 'Doe' } });
    const firstUsers = { admin: { username: email, password }, client: undefined };
    const second = await startIdentityService({ ...options(), instance: `third-${run}`, firstUsers });
    await expect(second.ready).rejects.toThrow(`The username ${email} of the first ADMIN`);
    await second.stop();
  });
});
