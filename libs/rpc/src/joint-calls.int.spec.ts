import { PermissionService } from '@touchline/contracts/permission/v1/service';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  type CallContext,
  createClient,
  generateDeploymentKeys,
  type Handlers,
  implement,
  RpcError,
  type RpcServer,
  serve,
  serviceToken,
  TokenSigner,
  TokenVerifier,
} from './index.ts';

const keys = generateDeploymentKeys();
const signer = TokenSigner.fromPrivateJwk(keys.serviceKey);
const users = TokenSigner.fromPrivateJwk(keys.tokenKey);
const seen: { athlete: number; context: CallContext }[] = [];
/** How many calls were opened on the connection. */
let opened = 0;
let server: RpcServer;

const granting: Partial<Handlers<typeof PermissionService>> = {
  grant({ athlete }, context) {
    seen.push({ athlete, context });
    if (athlete === 400)
      throw new RpcError('invalid', 'The request is invalid.', { fields: { athlete: ['No such athlete.'] } });
    if (athlete === 500) throw new TypeError('secret');
    context.written([{ eventType: 'permission.v1.PermissionGranted', position: String(athlete) }]);
    return { permission: { id: athlete + 1, athlete } };
  },
};

beforeAll(async () => {
  const others = PermissionService.methods.map(({ localName }) => [localName, () => ({})] as const);
  const handlers = { ...Object.fromEntries(others), ...granting };
  const verifier = TokenVerifier.fromJwks(keys.verifyKeys);
  server = await serve({
    host: '127.0.0.1',
    port: 0,
    services: [implement(PermissionService, handlers as unknown as Handlers<typeof PermissionService>)],
    verifier: {
      verify(token: string) {
        opened += 1;
        return verifier.verify(token);
      },
    } as TokenVerifier,
  });
});
afterAll(() => server.close(0));
beforeEach(() => {
  seen.splice(0);
  opened = 0;
});

function client() {
  return createClient(PermissionService, `127.0.0.1:${server.port}`, {
    token: serviceToken(signer, 'activity'),
    together: ['grant'],
  });
}

const tokenOf = async (userId: number) =>
  (await users.signUser({ userId, role: 'MANAGER', scope: 'all', clientId: 'app' })).token;

it('answers calls that went together each for itself', async () => {
  const permission = client();
  const token = await tokenOf(7);
  const answers = await Promise.allSettled(
    [1, 400, 500, 2].map((athlete) =>
      permission.grant(
        { athlete },
        {
          token,
          requestId: `request-${athlete}`,
          commandId: `command-${athlete}`,
          fieldErrors: athlete === 2 ? { name: ['Too long.'] } : {},
        },
      ),
    ),
  );
  permission.close();
  expect(opened).toBe(1);
  expect(answers).toMatchObject([
    {
      value: {
        message: { permission: { id: 2, athlete: 1 } },
        written: [{ eventType: 'permission.v1.PermissionGranted', position: '1' }],
      },
    },
    { reason: { status: 'invalid', fields: { athlete: ['No such athlete.'] } } },
    { reason: { status: 'internal', detail: expect.not.stringContaining('secret') } },
    { value: { message: { permission: { id: 3, athlete: 2 } } } },
  ]);
  expect(seen.map(({ context }) => [context.requestId, context.commandId])).toEqual(
    [1, 400, 500, 2].map((athlete) => [`request-${athlete}`, `command-${athlete}`]),
  );
  expect(seen[3]?.context).toMatchObject({
    caller: { kind: 'user', id: 7 },
    fieldErrors: { name: ['Too long.'] },
  });
});

it('keeps apart the calls of different callers, and those that can be cancelled', async () => {
  const permission = client();
  const [a, b] = [await tokenOf(7), await tokenOf(8)];
  const { signal } = new AbortController();
  await Promise.all([
    permission.grant({ athlete: 1 }, { token: a }),
    permission.grant({ athlete: 2 }, { token: b }),
    permission.grant({ athlete: 3 }, { token: a }),
    permission.grant({ athlete: 4 }, { token: a, signal }),
    permission.grant({ athlete: 5 }),
  ]);
  permission.close();
  const callers = seen.map(({ athlete, context: { caller } }) => [
    athlete,
    caller.kind === 'user' ? caller.id : caller.kind,
  ]);
  expect(new Map(callers as [number, unknown][])).toEqual(
    new Map<number, unknown>([
      [1, 7],
      [2, 8],
      [3, 7],
      [4, 7],
      [5, 'service'],
    ]),
  );
  expect(opened).toBe(4);
});

it('sends more calls than one message should answer in several', async () => {
  const permission = client();
  const token = await tokenOf(7);
  const ids = Array.from({ length: 70 }, (_, i) => i + 1);
  const answers = await Promise.all(ids.map((athlete) => permission.grant({ athlete }, { token })));
  permission.close();
  expect(answers.map(({ message }) => message.permission?.athlete)).toEqual(ids);
  expect(opened).toBe(3);
});

it('gathers what comes while four messages are under way, until one of them is answered', async () => {
  const permission = client();
  const token = await tokenOf(7);
  const arrived = () => new Promise((resolve) => setImmediate(resolve));
  const first: Promise<unknown>[] = [];
  for (let i = 1; i <= 4; i += 1) {
    first.push(permission.grant({ athlete: i }, { token }));
    await arrived();
  }
  const later: Promise<unknown>[] = [];
  for (let i = 5; i <= 9; i += 1) {
    later.push(permission.grant({ athlete: i }, { token }));
  }
  await Promise.all([...first, ...later]);
  permission.close();
  expect(seen.map(({ athlete }) => athlete).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(opened).toBe(5);
});

it('fails all that went together when the server is away', async () => {
  const permission = createClient(PermissionService, '127.0.0.1:9', {
    token: serviceToken(signer, 'activity'),
    together: ['grant'],
    timeoutMs: 300,
  });
  const answers = await Promise.allSettled([1, 2].map((athlete) => permission.grant({ athlete })));
  permission.close();
  expect(answers).toMatchObject([
    { reason: { status: 'unavailable' } },
    { reason: { status: 'unavailable' } },
  ]);
});
