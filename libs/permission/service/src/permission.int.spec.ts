import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { ReadModelsService } from '@touchline/contracts/common/v1/read_models';
import {
  AdminCreatedSchema,
  AthleteCreatedSchema,
  ManagerCreatedSchema,
} from '@touchline/contracts/identity/v1/events';
import { Kind } from '@touchline/contracts/permission/v1/events';
import { PermissionSchema, PermissionService, UserRole } from '@touchline/contracts/permission/v1/service';
import { encodePayload, EventLog, IdSequence, type WrittenPosition } from '@touchline/event-log';
import {
  type CallOptions,
  type Client,
  createClient,
  generateDeploymentKeys,
  type Role,
  RpcError,
  serviceToken,
  silentLogger,
  TokenSigner,
} from '@touchline/rpc';
import { type Engines, startEngines } from '@touchline/testing/engines';
import { type RunningService, startPermissionService } from './start.ts';

const keys = generateDeploymentKeys();
const userSigner = TokenSigner.fromPrivateJwk(keys.tokenKey);
const serviceSigner = TokenSigner.fromPrivateJwk(keys.serviceKey);
const day = 86_400_000;

let engines: Engines;
let log: EventLog;
let service: RunningService;
let permission: Client<typeof PermissionService>;
let readModels: Client<typeof ReadModelsService>;
let users: IdSequence;

beforeAll(async () => {
  engines = await startEngines();
  log = EventLog.connect({ url: engines.eventstoreUrl });
  users = new IdSequence(log, 'user');
  service = await startPermissionService({
    ...engines,
    listen: { host: '127.0.0.1', port: 0 },
    instance: `permission-${randomUUID()}`,
    verifyKeys: keys.verifyKeys,
    logger: { ...silentLogger, info: () => {} },
  });
  const address = `127.0.0.1:${service.port}`;
  permission = createClient(PermissionService, address, { token: serviceToken(serviceSigner, 'activity') });
  readModels = createClient(ReadModelsService, address, { token: serviceToken(serviceSigner, 'gateway') });
  await service.ready;
});

afterAll(async () => {
  permission?.close();
  readModels?.close();
  await service?.stop();
  await log?.close();
  await engines?.close();
});

/** A user as identity writes him; nothing here reads what is sealed. */
async function newUser(role: Role, managedBy?: number): Promise<number> {
  const userId = await users.next();
  const payloads = {
    ADMIN: () => encodePayload(AdminCreatedSchema, { userId }),
    MANAGER: () => encodePayload(ManagerCreatedSchema, { userId }),
    ATHLETE: () => encodePayload(AthleteCreatedSchema, { userId, managedBy }),
  };
  const id = randomUUID();
  const metadata = { correlation_id: id, actor: 'service:identity', at: new Date().toISOString() };
  const event = { ...payloads[role](), id, metadata };
  const { position } = await log.append(`user-${userId}`, [event], 'no_stream');
  await readModels.waitFor({ positions: [{ eventType: event.type, position }] });
  return userId;
}

async function as(userId: number, role: Role): Promise<CallOptions> {
  const { token } = await userSigner.signUser({ userId, role, scope: 'all', clientId: 'tests' });
  return { token };
}

async function visible<Shape>(
  answer: Promise<{ message: Shape; written: WrittenPosition[] }>,
): Promise<Shape> {
  const { message, written } = await answer;
  await readModels.waitFor({ positions: written });
  return message;
}

async function listed(request: Parameters<typeof permission.listPermissions>[0], options: CallOptions) {
  const permissions = [];
  for await (const { rows } of permission.listPermissions(request, options)) {
    permissions.push(...rows.map((row) => fromBinary(PermissionSchema, row)));
  }
  return permissions;
}

async function status(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (error instanceof RpcError) return error.status;
    throw error;
  }
}

async function covers(
  manager: number,
  athlete: number,
  kind: Kind,
  startMs: number,
  endMs: number,
): Promise<boolean> {
  const window = { athlete, startTime: timestampFromMs(startMs), endTime: timestampFromMs(endMs) };
  const { message } = await permission.check({ manager, kind, windows: [window] });
  return message.covered[0] ?? false;
}

describe('a managed athlete', () => {
  it('comes with READ, WRITE and SHARE for his manager', async () => {
    const manager = await newUser('MANAGER');
    const athlete = await newUser('ATHLETE', manager);
    const permissions = await listed({ athlete }, await as(athlete, 'ATHLETE'));
    expect(permissions.map(({ id, kind, isActive }) => [id, kind, isActive])).toEqual([
      [4 * athlete + 1, Kind.READ, true],
      [4 * athlete + 2, Kind.WRITE, true],
      [4 * athlete + 3, Kind.SHARE, true],
    ]);
    expect(await covers(manager, athlete, Kind.WRITE, 0, Date.UTC(2199, 11, 31))).toBe(true);
    expect(await covers(manager, athlete, Kind.WRITE, 0, Date.UTC(2199, 11, 31) + 1)).toBe(false);
  });

  it('can take one of them back', async () => {
    const manager = await newUser('MANAGER');
    const athlete = await newUser('ATHLETE', manager);
    await visible(
      permission.revoke({ athlete, manager, permission: 4 * athlete + 2 }, await as(athlete, 'ATHLETE')),
    );
    expect(await covers(manager, athlete, Kind.READ, 0, day)).toBe(true);
    expect(await covers(manager, athlete, Kind.WRITE, 0, day)).toBe(false);
  });
});

describe('granting and revoking', () => {
  it('covers what was granted until it is revoked, and revoking again changes nothing', async () => {
    const manager = await newUser('MANAGER');
    const athlete = await newUser('ATHLETE');
    const himself = await as(athlete, 'ATHLETE');
    const grant = (startMs: number, endMs: number) =>
      visible(
        permission.grant(
          {
            athlete,
            manager,
            kind: Kind.READ,
            startTime: timestampFromMs(startMs),
            expirationTime: timestampFromMs(endMs),
          },
          himself,
        ),
      );
    const first = await grant(0, day);
    await grant(day, 2 * day);
    await grant(2 * day + 1, 3 * day);
    expect(first.permission).toMatchObject({ athlete, manager, kind: Kind.READ, isActive: false });
    expect((first.permission?.id ?? 1) % 4).toBe(0);
    expect(await covers(manager, athlete, Kind.READ, 0, 2 * day)).toBe(true);
    expect(await covers(manager, athlete, Kind.READ, 0, 3 * day)).toBe(false);
    expect(await covers(manager, athlete, Kind.SHARE, 0, day)).toBe(false);
    await visible(permission.revoke({ athlete, manager }, himself));
    expect(await covers(manager, athlete, Kind.READ, 0, day)).toBe(false);
    await visible(permission.revoke({ athlete, manager }, himself));
    expect(await listed({ athlete, manager }, himself)).toHaveLength(3);
  });

  it('starts now and lasts to the end of 2199 by default', async () => {
    const manager = await newUser('MANAGER');
    const athlete = await newUser('ATHLETE');
    const { message } = await permission.grant(
      { athlete, manager, kind: Kind.SHARE },
      await as(athlete, 'ATHLETE'),
    );
    expect(message.permission?.isActive).toBe(true);
    expect(message.permission?.expirationTime).toMatchObject(timestampFromMs(Date.UTC(2199, 11, 31)));
  });

  it('writes one grant when the same command is sent again', async () => {
    const manager = await newUser('MANAGER');
    const athlete = await newUser('ATHLETE');
    const himself = { ...(await as(athlete, 'ATHLETE')), commandId: randomUUID() };
    const [first, second] = [
      await visible(permission.grant({ athlete, manager, kind: Kind.READ }, himself)),
      await visible(permission.grant({ athlete, manager, kind: Kind.READ }, himself)),
    ];
    expect(second).toEqual(first);
    expect(await listed({ athlete }, himself)).toHaveLength(1);
  });

  it('loses no grant when many are given at once', async () => {
    const manager = await newUser('MANAGER');
    const athlete = await newUser('ATHLETE');
    const himself = await as(athlete, 'ATHLETE');
    const wanted = Array.from({ length: 4 }, () =>
      visible(permission.grant({ athlete, manager, kind: Kind.READ }, himself)),
    );
    await Promise.all(wanted);
    const ids = (await listed({ athlete }, himself)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
  });
});

describe('refusals come in the order of the API', () => {
  it('first what does not exist, then the right, then the fields', async () => {
    const manager = await newUser('MANAGER');
    const athlete = await newUser('ATHLETE');
    const himself = await as(athlete, 'ATHLETE');
    const stranger = await as(manager, 'MANAGER');
    const kind = Kind.READ;
    expect(await status(permission.grant({ athlete: 4_000_000_000, manager }, stranger))).toBe('not_found');
    expect(await status(permission.grant({ athlete: manager, manager }, stranger))).toBe('not_found');
    expect(await status(permission.grant({ athlete, manager: athlete }, stranger))).toBe('not_found');
    expect(await status(permission.grant({ athlete, manager }, stranger))).toBe('forbidden');
    expect(await status(permission.grant({ athlete, manager }, himself))).toBe('invalid');
    const backwards = { startTime: timestampFromMs(2), expirationTime: timestampFromMs(2) };
    expect(await status(permission.grant({ athlete, manager, kind, ...backwards }, himself))).toBe('invalid');
    expect(await status(permission.revoke({ athlete, manager, permission: 3 }, stranger))).toBe('not_found');
    expect(await status(permission.revoke({ athlete, manager, permission: 3 }, himself))).toBe('not_found');
    expect(await status(permission.revoke({ athlete, manager }, stranger))).toBe('forbidden');
    expect(await status(listed({ athlete }, stranger))).toBe('forbidden');
    expect(await status(listed({ athlete: manager }, stranger))).toBe('not_found');
    const anonymous = { token: await serviceToken(serviceSigner, 'gateway')() };
    expect(await status(permission.grant({ athlete, manager, kind }, anonymous))).toBe('unauthenticated');
    expect(await listed({ athlete }, himself)).toEqual([]);
  });

  it('adds to what the caller found wrong already', async () => {
    const manager = await newUser('MANAGER');
    const athlete = await newUser('ATHLETE');
    const fieldErrors = { start_time: ['A date-time has an offset.'] };
    const call = permission.grant({ athlete, manager }, { ...(await as(athlete, 'ATHLETE')), fieldErrors });
    await expect(call).rejects.toMatchObject({
      status: 'invalid',
      fields: { start_time: ['A date-time has an offset.'], permission: ['This field is required.'] },
    });
  });

  it('keeps the questions of services from users and from the gateway', async () => {
    const admin = await as(await newUser('ADMIN'), 'ADMIN');
    const gateway = { token: await serviceToken(serviceSigner, 'gateway')() };
    for (const options of [admin, gateway]) {
      expect(await status(permission.getUsers({ users: [1] }, options))).toBe('forbidden');
      expect(await status(permission.check({ kind: Kind.READ }, options))).toBe('forbidden');
    }
  });
});

describe('who is what', () => {
  it('is told for those who exist', async () => {
    const manager = await newUser('MANAGER');
    const athlete = await newUser('ATHLETE', manager);
    const { message } = await permission.getUsers({ users: [athlete, manager, 4_000_000_000] });
    expect(message.users).toMatchObject([
      { id: manager, role: UserRole.MANAGER },
      { id: athlete, role: UserRole.ATHLETE, managedBy: manager },
    ]);
  });
});
