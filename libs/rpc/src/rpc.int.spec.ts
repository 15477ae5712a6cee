import { createFileRegistry, type DescMethod, type DescService, fromJson } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { ReadModelsService } from '@touchline/contracts/common/v1/read_models';
import { IdentityService } from '@touchline/contracts/identity/v1/service';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type CallContext,
  checkHealth,
  createClient,
  generateDeploymentKeys,
  type Handlers,
  implement,
  type Implementation,
  readModelsService,
  RpcError,
  type RpcServer,
  serve,
  type ServeOptions,
  serviceToken,
  TokenSigner,
  TokenVerifier,
} from './index.ts';

const keys = generateDeploymentKeys();
const verifier = TokenVerifier.fromJwks(keys.verifyKeys);
const asService = serviceToken(TokenSigner.fromPrivateJwk(keys.serviceKey), 'activity');
let asUser: string;
const open: { close(): unknown }[] = [];

beforeAll(async () => {
  const signer = TokenSigner.fromPrivateJwk(keys.tokenKey);
  ({ token: asUser } = await signer.signUser({
    userId: 12,
    role: 'MANAGER',
    scope: 'read',
    clientId: 'app',
  }));
});

afterEach(async () => {
  for (const it of open.splice(0).reverse()) await it.close();
});

async function serving(services: Implementation[], options: Partial<ServeOptions> = {}): Promise<RpcServer> {
  const server = await serve({ host: '127.0.0.1', port: 0, services, verifier, ...options });
  open.push({ close: () => server.close(0) });
  return server;
}

function clientOf<Service extends DescService>(service: Service, { port }: { port: number }) {
  const client = createClient(service, `127.0.0.1:${port}`, { token: asService });
  open.push(client);
  return client;
}

type WaitFor = Handlers<typeof ReadModelsService>['waitFor'];
const waitFor = (handler: WaitFor) => only(ReadModelsService, { waitFor: handler });

/** A service of which a test needs some methods; the others refuse. */
function only<Service extends DescService>(service: Service, handlers: Partial<Handlers<Service>>) {
  const refused = () => {
    throw new RpcError('unimplemented', 'Not here.');
  };
  const others = service.methods.map(({ localName }) => [localName, refused] as const);
  return implement(service, { ...Object.fromEntries(others), ...handlers } as unknown as Handlers<Service>);
}

describe('a unary call', () => {
  it('tells the handler who calls and all that came along, and the caller what was written', async () => {
    let seen: CallContext | undefined;
    const server = await serving([
      waitFor(({ positions }, context) => {
        seen = context;
        context.written(positions.map(({ eventType, position }) => ({ eventType, position })));
        return {};
      }),
    ]);
    const deadlineMs = Date.now() + 7000;
    const { message, written } = await clientOf(ReadModelsService, server).waitFor(
      {
        positions: [
          { eventType: 'a.v1.A', position: '2' },
          { eventType: 'a.v1.A', position: '1' },
          { eventType: 'a.v1.B', position: '3' },
        ],
      },
      {
        token: asUser,
        requestId: 'req-1',
        commandId: 'cmd-1',
        fieldErrors: { name: ['Too long.'] },
        deadlineMs,
      },
    );
    expect(message.$typeName).toBe('common.v1.WaitForResponse');
    expect(written).toEqual([
      { eventType: 'a.v1.A', position: '2' },
      { eventType: 'a.v1.B', position: '3' },
    ]);
    expect(seen).toMatchObject({
      caller: { kind: 'user', id: 12, role: 'MANAGER', clientId: 'app' },
      requestId: 'req-1',
      commandId: 'cmd-1',
      fieldErrors: { name: ['Too long.'] },
    });
    expect(Math.abs((seen?.deadlineMs ?? 0) - deadlineMs)).toBeLessThan(1000);
    expect(seen?.commandContext(5)).toEqual({
      commandId: 'cmd-1',
      correlationId: 'req-1',
      actor: 'user:12',
      at: 5,
    });
  });

  it('is the client’s own when it is given no token', async () => {
    const callers: unknown[] = [];
    const server = await serving([waitFor((_request, { caller }) => (callers.push(caller), {}))]);
    await clientOf(ReadModelsService, server).waitFor({});
    expect(callers).toEqual([{ kind: 'service', name: 'activity' }]);
  });

  it('without a caller, with a wrong and with an expired token is refused before the handler', async () => {
    const handler = vi.fn(() => ({}));
    const server = await serving([waitFor(handler)]);
    const anonymous = createClient(ReadModelsService, `127.0.0.1:${server.port}`);
    open.push(anonymous);
    await expect(anonymous.waitFor({})).rejects.toMatchObject({
      status: 'unauthenticated',
      code: 'no_caller',
    });
    const foreign = TokenSigner.fromPrivateJwk(generateDeploymentKeys().serviceKey);
    const old = TokenSigner.fromPrivateJwk(keys.serviceKey, { now: () => Date.now() - 3_600_000 });
    await expect(
      anonymous.waitFor({}, { token: (await foreign.signService('x')).token }),
    ).rejects.toMatchObject({ status: 'unauthenticated', code: 'token_invalid' });
    await expect(anonymous.waitFor({}, { token: (await old.signService('x')).token })).rejects.toMatchObject({
      status: 'unauthenticated',
      code: 'token_expired',
    });
    expect(handler).not.toHaveBeenCalled();
  });

  it('lets a device’s ingest token through only where it is accepted', async () => {
    const callers: unknown[] = [];
    const service = waitFor((_request, { caller }) => (callers.push(caller), {}));
    const strict = clientOf(ReadModelsService, await serving([service]));
    await expect(strict.waitFor({}, { token: 'opaque-ingest-token' })).rejects.toMatchObject({
      code: 'token_invalid',
    });
    const telemetry = clientOf(ReadModelsService, await serving([service], { acceptIngestTokens: true }));
    await telemetry.waitFor({}, { token: 'opaque-ingest-token' });
    expect(callers).toEqual([{ kind: 'ingest-token', token: 'opaque-ingest-token' }]);
    await expect(telemetry.waitFor({}, { token: 'a.b.c' })).rejects.toMatchObject({ code: 'token_invalid' });
  });

  it('fails with the handler’s error, whole', async () => {
    const server = await serving([
      waitFor(() => {
        throw new RpcError('conflict', 'Schon vergeben – „größer“.', {
          code: 'username_taken',
          fields: { username: ['Taken.'] },
          retryAfterS: 3,
        });
      }),
    ]);
    await expect(clientOf(ReadModelsService, server).waitFor({})).rejects.toMatchObject({
      status: 'conflict',
      detail: 'Schon vergeben – „größer“.',
      code: 'username_taken',
      fields: { username: ['Taken.'] },
      retryAfterS: 3,
    });
  });

  it('that fails for an internal reason tells it to the log only', async () => {
    const error = vi.fn<(fields: object, message: string) => void>();
    const server = await serving(
      [
        waitFor(() => {
          throw new Error('password=hunter2');
        }),
      ],
      { logger: { error, warn: () => undefined, debug: () => undefined } },
    );
    const failure = await clientOf(ReadModelsService, server)
      .waitFor({}, { requestId: 'req-9' })
      .catch((reason: RpcError) => reason);
    expect(failure).toMatchObject({ status: 'internal' });
    expect(String((failure as RpcError).detail)).not.toContain('hunter2');
    expect(error.mock.calls[0]?.[0]).toMatchObject({
      request_id: 'req-9',
      err: { message: 'password=hunter2' },
      rpc: '/common.v1.ReadModelsService/WaitFor',
    });
  });

  it('ends at its deadline and tells the handler', async () => {
    const aborted = Promise.withResolvers<void>();
    const server = await serving([
      waitFor((_request, { signal }) => {
        signal.addEventListener('abort', () => aborted.resolve());
        return new Promise(() => undefined);
      }),
    ]);
    await expect(clientOf(ReadModelsService, server).waitFor({}, { timeoutMs: 200 })).rejects.toMatchObject({
      status: 'timeout',
    });
    await aborted.promise;
  });

  it('can be cancelled, before and while it runs', async () => {
    const aborted = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const server = await serving([
      waitFor((_request, { signal }) => {
        signal.addEventListener('abort', () => aborted.resolve());
        begun.resolve();
        return new Promise(() => undefined);
      }),
    ]);
    const client = clientOf(ReadModelsService, server);
    await expect(client.waitFor({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      status: 'cancelled',
    });
    const cancelling = new AbortController();
    const call = client.waitFor({}, { signal: cancelling.signal });
    await begun.promise;
    cancelling.abort();
    await expect(call).rejects.toMatchObject({ status: 'cancelled' });
    await aborted.promise;
  });

  it('refuses a duration where an instant is meant', async () => {
    const client = clientOf(ReadModelsService, { port: 9 });
    await expect(client.waitFor({}, { deadlineMs: 5000 })).rejects.toThrow('a duration is timeoutMs');
  });

  it('carries messages of many megabytes', async () => {
    const server = await serving([
      waitFor(({ positions }) => (positions.length === 1 ? {} : Promise.reject())),
    ]);
    const position = 'x'.repeat(20 * 1024 * 1024);
    await clientOf(ReadModelsService, server).waitFor({ positions: [{ position }] });
  });
});

describe('a peer of several instances', () => {
  it('is asked in turn, and goes on when one is away and when it is back', async () => {
    const asked: string[] = [];
    const named = (name: string) => [waitFor(() => (asked.push(name), {}))];
    const first = await serving(named('first'));
    const second = await serving(named('second'));
    const address = `127.0.0.1:${first.port},127.0.0.1:${second.port}`;
    const client = createClient(ReadModelsService, address, { token: asService });
    open.push(client);
    await vi.waitUntil(async () => {
      await client.waitFor({});
      return new Set(asked).size === 2;
    });
    expect(await checkHealth(address)).toBe(true);
    await first.close(0);
    asked.length = 0;
    for (let i = 0; i < 10; i += 1) await client.waitFor({});
    expect(new Set(asked)).toEqual(new Set(['second']));
    await serving(named('first, again'), { port: first.port });
    await vi.waitUntil(
      async () => {
        await client.waitFor({});
        return asked.includes('first, again');
      },
      { timeout: 5000 },
    );
  });
});

describe('a peer that is away', () => {
  it('is waited for until it comes', async () => {
    const { port, close } = await serve({ host: '127.0.0.1', port: 0, services: [], verifier });
    await close(0);
    const call = clientOf(ReadModelsService, { port }).waitFor({});
    await serving([waitFor(() => ({}))], { port });
    await call;
  });

  it('is waited for no longer than the deadline', async () => {
    const { port, close } = await serve({ host: '127.0.0.1', port: 0, services: [], verifier });
    await close(0);
    await expect(clientOf(ReadModelsService, { port }).waitFor({}, { timeoutMs: 300 })).rejects.toMatchObject(
      {
        status: 'unavailable',
      },
    );
  });

  it('is found again on its port soon after it comes back', async () => {
    const services = [waitFor(() => ({}))];
    const first = await serve({ host: '127.0.0.1', port: 0, services, verifier });
    const client = clientOf(ReadModelsService, first);
    await client.waitFor({});
    await first.close(0);
    // Long enough for several attempts, so that the back-off has grown.
    await expect(client.waitFor({}, { timeoutMs: 3000 })).rejects.toMatchObject({ status: 'unavailable' });
    await serving(services, { port: first.port });
    const startMs = performance.now();
    await client.waitFor({});
    expect(performance.now() - startMs).toBeLessThan(3000);
  });

  it('says which address is taken', async () => {
    const { port } = await serving([]);
    await expect(serving([], { port })).rejects.toThrow(`Cannot listen on 127.0.0.1:${port}`);
  });
});

describe('a server stream', () => {
  type List = Handlers<typeof IdentityService>['listAthletes'];
  const listing = (listAthletes: List) => only(IdentityService, { listAthletes });
  const big = new Uint8Array(64 * 1024);

  it('brings all messages in order', async () => {
    const server = await serving([
      listing(async function* () {
        for (const count of [1, 2, 3]) yield { count };
      }),
    ]);
    const seen = [];
    for await (const { count } of clientOf(IdentityService, server).listAthletes({})) seen.push(count);
    expect(seen).toEqual([1, 2, 3]);
  });

  it('is made no faster than it is read, and its handler ends when the reader leaves', async () => {
    let made = 0;
    const ended = Promise.withResolvers<void>();
    const server = await serving([
      listing(async function* () {
        try {
          for (; made < 10_000; made += 1) yield { rows: [big] };
        } finally {
          ended.resolve();
        }
      }),
    ]);
    let read = 0;
    for await (const _message of clientOf(IdentityService, server).listAthletes({})) {
      read += 1;
      if (read === 3) break;
    }
    await ended.promise;
    expect(made).toBeLessThan(1000);
  });

  it('ends its handler when it waits for something at the deadline', async () => {
    const returned = Promise.withResolvers<void>();
    const server = await serving([
      listing(async function* (_request, { signal }) {
        yield { count: 1 };
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        returned.resolve();
      }),
    ]);
    const read = async () => {
      for await (const _message of clientOf(IdentityService, server).listAthletes({}, { timeoutMs: 300 }));
    };
    await expect(read()).rejects.toMatchObject({ status: 'timeout' });
    await returned.promise;
  });

  it('fails after the messages that came before the error', async () => {
    const server = await serving([
      listing(async function* () {
        yield { count: 2 };
        throw new RpcError('forbidden', 'No further.', { code: 'no_grant' });
      }),
    ]);
    let read = 0;
    const readAll = async () => {
      for await (const _message of clientOf(IdentityService, server).listAthletes({})) read += 1;
    };
    await expect(readAll()).rejects.toMatchObject({
      status: 'forbidden',
      detail: 'No further.',
      code: 'no_grant',
    });
    expect(read).toBe(1);
  });

  it('without a caller is refused', async () => {
    const server = await serving([listing(async function* () {})]);
    const client = createClient(IdentityService, `127.0.0.1:${server.port}`);
    open.push(client);
    const read = async () => {
      for await (const _message of client.listAthletes({}));
    };
    await expect(read()).rejects.toMatchObject({ status: 'unauthenticated', code: 'no_caller' });
  });
});

describe('client and bidirectional streams', () => {
  // No contract has such a method, so one is described here: its types are known at run time only.
  const file = fromJson(FileDescriptorProtoSchema, {
    name: 'streams.proto',
    package: 'test.v1',
    syntax: 'proto3',
    messageType: [
      { name: 'Number', field: [{ name: 'value', number: 1, type: 'TYPE_INT32', label: 'LABEL_OPTIONAL' }] },
    ],
    service: [
      {
        name: 'StreamsService',
        method: [
          { name: 'Sum', inputType: '.test.v1.Number', outputType: '.test.v1.Number', clientStreaming: true },
          {
            name: 'Double',
            inputType: '.test.v1.Number',
            outputType: '.test.v1.Number',
            clientStreaming: true,
            serverStreaming: true,
          },
        ],
      },
    ],
  });
  const service = createFileRegistry(file, () => undefined).getService(
    'test.v1.StreamsService',
  ) as DescService & {
    method: Record<string, DescMethod>;
  };
  interface Numbered {
    value: number;
  }
  interface Streams {
    sum(requests: AsyncIterable<Numbered>, context: CallContext): Promise<Numbered>;
    double(requests: AsyncIterable<Numbered>, context: CallContext): AsyncIterable<Numbered>;
  }
  interface StreamsClient {
    sum(requests: Iterable<Numbered> | AsyncIterable<Numbered>): Promise<{ message: Numbered }>;
    double(requests: Iterable<Numbered> | AsyncIterable<Numbered>): AsyncIterable<Numbered>;
  }
  const handlers: Streams = {
    async sum(requests) {
      let sum = 0;
      for await (const { value } of requests) {
        if (value < 0) throw new RpcError('invalid', 'Negative.');
        sum += value;
      }
      return { value: sum };
    },
    async *double(requests) {
      for await (const { value } of requests) yield { value: 2 * value };
    },
  };
  const connect = async () => {
    const server = await serving([implement(service, handlers as unknown as Handlers<typeof service>)]);
    return clientOf(service, server) as unknown as StreamsClient;
  };

  it('take as many messages as are sent', async () => {
    const values = Array.from({ length: 5000 }, (_, value) => ({ value }));
    const client = await connect();
    expect((await client.sum(values)).message.value).toBe((4999 * 5000) / 2);
  });

  it('end at once when the handler refuses, however much is still to be sent', async () => {
    const client = await connect();
    async function* endless() {
      for (;;) yield { value: -1 };
    }
    await expect(client.sum(endless())).rejects.toMatchObject({ status: 'invalid', detail: 'Negative.' });
  });

  it('fail with the error of what is to be sent', async () => {
    const client = await connect();
    async function* broken(): AsyncGenerator<Numbered> {
      throw new Error('The source broke.');
    }
    await expect(client.sum(broken())).rejects.toThrow('The source broke.');
    const read = async () => {
      for await (const _message of client.double(broken()));
    };
    await expect(read()).rejects.toThrow('The source broke.');
  });

  it('answer while they listen', async () => {
    const client = await connect();
    const seen: number[] = [];
    for await (const { value } of client.double([{ value: 1 }, { value: 2 }])) seen.push(value);
    expect(seen).toEqual([2, 4]);
  });
});

describe('WaitFor', () => {
  it('hands positions to the projections, waits for them and says what they consume', async () => {
    const asked: unknown[] = [];
    const server = await serving([
      readModelsService({
        consumedTypes: new Set(['a.v1.A', 'a.v1.B']),
        rebuildRefusal: undefined,
        async *rebuild() {},
        async waitFor(positions, signal) {
          asked.push(positions, signal.aborted);
        },
      }),
    ]);
    const { message } = await clientOf(ReadModelsService, server).waitFor({
      positions: [{ eventType: 'a.v1.A', position: '7' }],
    });
    expect(message.consumedTypes).toEqual(['a.v1.A', 'a.v1.B']);
    expect(asked).toEqual([[{ eventType: 'a.v1.A', position: '7' }], false]);
  });
});

describe('health', () => {
  it('is told to whoever asks, without a token', async () => {
    let isHealthy = true;
    const { port } = await serving([], { health: () => isHealthy });
    expect(await checkHealth(`127.0.0.1:${port}`)).toBe(true);
    isHealthy = false;
    expect(await checkHealth(`127.0.0.1:${port}`)).toBe(false);
  });

  it('is bad where nobody answers', async () => {
    const { port, close } = await serve({ host: '127.0.0.1', port: 0, services: [], verifier });
    await close(0);
    expect(await checkHealth(`127.0.0.1:${port}`, { timeoutMs: 300 })).toBe(false);
  });
});

describe('closing', () => {
  it('lets calls under way end', async () => {
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const server = await serving([
      waitFor(async () => {
        begun.resolve();
        await release.promise;
        return {};
      }),
    ]);
    const call = clientOf(ReadModelsService, server).waitFor({});
    await begun.promise;
    const closed = server.close();
    release.resolve();
    await call;
    await closed;
  });

  it('cancels what is left when its time is over', async () => {
    const begun = Promise.withResolvers<void>();
    const server = await serving([
      waitFor(() => {
        begun.resolve();
        return new Promise(() => undefined);
      }),
    ]);
    const call = clientOf(ReadModelsService, server).waitFor({});
    const failed = expect(call).rejects.toMatchObject({
      status: expect.stringMatching(/unavailable|cancelled/),
    });
    await begun.promise;
    await server.close(100);
    await failed;
  });
});
