import { create, type DescMethod, type Message, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerWritableStream,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import { CallsService, type TogetherRequest } from '@touchline/contracts/common/v1/calls';
import type { CallContext } from './call-context.ts';
import { serverOptions } from './channel-options.ts';
import { unavailableEngine } from './engine-errors.ts';
import { healthCheck, type HealthRequest } from './health.ts';
import type { Implementation } from './implement.ts';
import { answerTogether, type ServedMethod } from './joint-calls-service.ts';
import { type RpcLogger, silentLogger } from './logger.ts';
import { methodDefinition } from './method-definition.ts';
import type { RpcError } from './rpc-error.ts';
import { type AnyServerCall, type CallGuard, failureOf, type OpenCall, openCall } from './server-call.ts';
import type { TokenVerifier } from './tokens.ts';

export interface ServeOptions {
  host: string;
  /** 0: a free one. */
  port: number;
  services: readonly Implementation[];
  verifier: TokenVerifier;
  /** What `grpc.health.v1.Health/Check` answers; serving when left out. */
  health?: () => boolean;
  /** Whether bearer tokens that are no JWTs pass as `ingest-token` callers; the handlers must then verify them. */
  acceptIngestTokens?: boolean;
  logger?: RpcLogger;
  /** What an error that is no `RpcError` means; undefined: what it means by default. */
  toRpcError?: (error: unknown) => RpcError | undefined;
}

export interface RpcServer {
  readonly port: number;
  /** Takes no new calls, waits for those under way and cancels what is left after `graceMs` (5000). */
  close(graceMs?: number): Promise<void>;
}

/** @throws Error that names the address when it cannot be listened on */
export async function serve(options: ServeOptions): Promise<RpcServer> {
  const guard: CallGuard = {
    verifier: options.verifier,
    acceptIngestTokens: options.acceptIngestTokens ?? false,
    logger: options.logger ?? silentLogger,
    toRpcError: (error) => options.toRpcError?.(error) ?? unavailableEngine(error),
  };
  const server = new Server(serverOptions);
  const unary = new Map<string, ServedMethod>();
  for (const { service, handlers } of options.services) {
    for (const method of service.methods) {
      const handler = handlers[method.localName];
      if (!handler) throw new Error(`${service.typeName}.${method.name} has no handler.`);
      const definition = methodDefinition(method);
      if (method.methodKind === 'unary')
        unary.set(definition.path, { method, handle: handler as unknown as ServedMethod['handle'] });
      server.addService(
        { [method.localName]: definition },
        { [method.localName]: adapt(method, handler, guard) },
      );
    }
  }
  const { together } = CallsService.method;
  const answerCalls = (request: TogetherRequest, context: CallContext) =>
    answerTogether(request, context, unary, guard);
  server.addService(
    { together: methodDefinition(together) },
    { together: adapt(together, answerCalls, guard) },
  );
  const health = options.health ?? (() => true);
  server.addService(
    { check: healthCheck },
    {
      check: ((_call, callback) => callback(null, health())) satisfies handleUnaryCall<
        HealthRequest,
        boolean
      >,
    },
  );
  const port = await bind(server, options.host, options.port);
  return { port, close: (graceMs = 5000) => close(server, graceMs) };
}

type AnyHandler = (...args: never[]) => unknown;

function adapt(method: DescMethod, handler: AnyHandler, guard: CallGuard): UntypedHandleCall {
  // `implement` checked the handler against the method; from here on messages are of the method's types.
  const answer = (made: unknown): Message =>
    create(method.output, made as MessageInitShape<typeof method.output>);
  const call = handler as unknown as (request: unknown, context: CallContext) => unknown;
  const { methodKind } = method;
  switch (methodKind) {
    case 'unary': {
      const unary: handleUnaryCall<Message, Message> = (served, callback) => {
        run(served, guard, async ({ context }) => answer(await call(served.request, context))).then(
          ([message, trailer]) => callback(null, message, trailer),
          (failure) => callback(failure),
        );
      };
      return unary;
    }
    case 'client_streaming': {
      const clientStreaming: handleClientStreamingCall<Message, Message> = (served, callback) => {
        run(served, guard, async ({ context }) => answer(await call(served, context))).then(
          ([message, trailer]) => callback(null, message, trailer),
          (failure) => callback(failure),
        );
      };
      return clientStreaming;
    }
    case 'server_streaming': {
      const serverStreaming: handleServerStreamingCall<Message, Message> = (served) => {
        stream(served, guard, (context) => call(served.request, context) as AsyncIterable<unknown>, answer);
      };
      return serverStreaming;
    }
    case 'bidi_streaming': {
      const bidi: handleBidiStreamingCall<Message, Message> = (served) => {
        stream(served, guard, (context) => call(served, context) as AsyncIterable<unknown>, answer);
      };
      return bidi;
    }
    default:
      return methodKind satisfies never;
  }
}

/** The handler's value with the trailing metadata; rejects with what is to be sent of the error. */
async function run<Value>(
  call: AnyServerCall,
  guard: CallGuard,
  handle: (open: OpenCall) => Promise<Value>,
): Promise<readonly [Value, Metadata]> {
  try {
    const open = await openCall(call, guard);
    return [await handle(open), open.trailer()] as const;
  } catch (error) {
    throw failureOf(error, call, guard);
  }
}

function stream(
  call: ServerWritableStream<Message, Message> | ServerDuplexStream<Message, Message>,
  guard: CallGuard,
  messages: (context: CallContext) => AsyncIterable<unknown>,
  answer: (made: unknown) => Message,
): void {
  run(call, guard, async ({ context }) => {
    const iterator = messages(context)[Symbol.asyncIterator]();
    try {
      const cancelled = whenAborted(context.signal);
      for (;;) {
        const next = await Promise.race([iterator.next(), cancelled]);
        if (next.done) return;
        if (!call.write(answer(next.value))) await Promise.race([drained(call), cancelled]);
      }
    } finally {
      // A handler that waits for something slow must not keep the call; it sees the signal, and its end is its own.
      void Promise.resolve(iterator.return?.()).catch(() => undefined);
    }
  }).then(
    ([, trailer]) => call.end(trailer),
    (failure) => call.emit('error', failure),
  );
}

function drained(
  call: ServerWritableStream<Message, Message> | ServerDuplexStream<Message, Message>,
): Promise<void> {
  return new Promise((resolve) => call.once('drain', resolve));
}

function whenAborted(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  return aborted;
}

function bind(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(new Error(`Cannot listen on ${host}:${port}: ${error.message}`, { cause: error }));
      else resolve(bound);
    });
  });
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.forceShutdown(), graceMs);
    server.tryShutdown(() => {
      clearTimeout(force);
      resolve();
    });
  });
}
