import {
  create,
  type DescMethod,
  type DescMethodBiDiStreaming,
  type DescMethodClientStreaming,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type DescService,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import {
  type CallOptions as GrpcCallOptions,
  Client as GrpcClient,
  credentials,
  type Metadata,
} from '@grpc/grpc-js';
import { CallsService } from '@touchline/contracts/common/v1/calls';
import type { WrittenPosition } from './call-context.ts';
import { channelTarget, clientChannelOptions } from './channel-options.ts';
import { receive, send, single } from './client-call.ts';
import { JointCalls } from './joint-calls.ts';
import { encodeRequestHeaders, fieldMessages } from './metadata.ts';
import { methodDefinition } from './method-definition.ts';
import type { FieldMessages } from './rpc-error.ts';

export interface CallOptions {
  /** Whose call it is; the client's own token when left out. */
  token?: string | undefined;
  requestId?: string | undefined;
  /** Names the command over all its repetitions. */
  commandId?: string | undefined;
  fieldErrors?: FieldMessages | undefined;
  /** The instant (ms since the epoch) after which nobody waits, such as a served call's own `deadlineMs`. */
  deadlineMs?: number | undefined;
  /** How long to wait at most: 10 s when left out, 60 s for streams. The earlier of the two counts. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface Answer<Shape> {
  message: Shape;
  /** Of a command: the log positions of what it wrote, for `WaitFor`. */
  written: WrittenPosition[];
}

type AnyIterable<Value> = Iterable<Value> | AsyncIterable<Value>;

type Methods<Service extends DescService> = {
  [Name in keyof Service['method']]: Service['method'][Name] extends DescMethodUnary<infer In, infer Out>
    ? (request: MessageInitShape<In>, options?: CallOptions) => Promise<Answer<MessageShape<Out>>>
    : Service['method'][Name] extends DescMethodServerStreaming<infer In, infer Out>
      ? (request: MessageInitShape<In>, options?: CallOptions) => AsyncIterable<MessageShape<Out>>
      : Service['method'][Name] extends DescMethodClientStreaming<infer In, infer Out>
        ? (
            requests: AnyIterable<MessageInitShape<In>>,
            options?: CallOptions,
          ) => Promise<Answer<MessageShape<Out>>>
        : Service['method'][Name] extends DescMethodBiDiStreaming<infer In, infer Out>
          ? (
              requests: AnyIterable<MessageInitShape<In>>,
              options?: CallOptions,
            ) => AsyncIterable<MessageShape<Out>>
          : never;
};

/**
 * One function a method, named as in the proto (lower camel case); each fails with an `RpcError`. A stream's call
 * starts when it is read; leaving the loop cancels it.
 */
export type Client<Service extends DescService> = Methods<Service> & { close(): void };

export interface ClientOptions {
  /** The caller's own token, for calls that are given none. */
  token?: string | (() => Promise<string> | string);
  /** Default of the calls' `timeoutMs`. */
  timeoutMs?: number;
}

export interface ServiceClientOptions<Service extends DescService> extends ClientOptions {
  /**
   * Unary methods whose calls go together when they come at the same time, unless they can be cancelled by a signal. For
   * small and frequent ones of like cost: each is answered when all are.
   */
  together?: readonly (keyof Service['method'] & string)[];
}

const defaultTimeoutMs = { single: 10_000, stream: 60_000 };

/**
 * A client over one connection, made at the first call. Calls wait for a peer that is away until their deadline.
 *
 * @param address host:port, or several of IP addresses, with commas: calls go to them in turn
 */
export function createClient<Service extends DescService>(
  service: Service,
  address: string,
  options: ServiceClientOptions<Service> = {},
): Client<Service> {
  const grpc = new GrpcClient(channelTarget(address), credentials.createInsecure(), clientChannelOptions);
  const sendTogether = caller(grpc, CallsService.method.together, options) as Unary;
  const joint = new JointCalls(sendTogether);
  const together: readonly string[] = options.together ?? [];
  const methods = service.methods.map((method) => {
    const call = caller(grpc, method, options);
    const isJoint = together.includes(method.localName) && method.methodKind === 'unary';
    return [method.localName, isJoint ? jointly(method, call as Unary, joint, options) : call] as const;
  });
  return Object.assign(Object.fromEntries(methods), {
    close: () => grpc.close(),
  }) as unknown as Client<Service>;
}

type Unary = (request: unknown, options?: CallOptions) => Promise<Answer<Message>>;

/** Calls that may go with others; what can be cancelled goes alone. */
function jointly(method: DescMethod, single: Unary, joint: JointCalls, client: ClientOptions): Unary {
  const { path, requestSerialize, responseDeserialize } = methodDefinition(method);
  return async (request, options = {}) => {
    if (options.signal) return single(request, options);
    const token = options.token ?? (await ownToken(client.token));
    const { requestId = '', commandId = '', fieldErrors = {} } = options;
    const message = requestSerialize(create(method.input, request as MessageInitShape<typeof method.input>));
    return joint.make({
      token,
      deadlineMs: deadline(options, client.timeoutMs ?? defaultTimeoutMs.single),
      call: { method: path, requestId, commandId, fieldErrors: fieldMessages(fieldErrors), message },
      decode: (bytes) => responseDeserialize(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
      alone: () => single(request, { ...options, token }),
    });
  };
}

function caller(grpc: GrpcClient, method: DescMethod, client: ClientOptions) {
  const { path, requestSerialize, responseDeserialize } = methodDefinition(method);
  const input = (init: unknown): Message =>
    create(method.input, init as MessageInitShape<typeof method.input>);
  const opened = async (
    kind: 'single' | 'stream',
    options: CallOptions,
  ): Promise<[Metadata, GrpcCallOptions]> => [
    encodeRequestHeaders({
      token: options.token ?? (await ownToken(client.token)),
      requestId: options.requestId,
      commandId: options.commandId,
      fieldErrors: options.fieldErrors ?? {},
    }),
    { deadline: deadline(options, client.timeoutMs ?? defaultTimeoutMs[kind]) },
  ];
  const { methodKind } = method;
  switch (methodKind) {
    case 'unary':
      return async (request: unknown, options: CallOptions = {}) => {
        const [metadata, callOptions] = await opened('single', options);
        const message = input(request);
        return single(options.signal, (callback) =>
          withoutStack(() =>
            grpc.makeUnaryRequest(
              path,
              requestSerialize,
              responseDeserialize,
              message,
              metadata,
              callOptions,
              callback,
            ),
          ),
        );
      };
    case 'client_streaming':
      return async (requests: AnyIterable<unknown>, options: CallOptions = {}) => {
        const [metadata, callOptions] = await opened('stream', options);
        return single(options.signal, (callback, fail) => {
          const call = grpc.makeClientStreamRequest(
            path,
            requestSerialize,
            responseDeserialize,
            metadata,
            callOptions,
            callback,
          );
          send(call, requests, input, fail);
          return call;
        });
      };
    case 'server_streaming':
      return async function* (request: unknown, options: CallOptions = {}) {
        const [metadata, callOptions] = await opened('stream', options);
        yield* receive(options.signal, () =>
          grpc.makeServerStreamRequest(
            path,
            requestSerialize,
            responseDeserialize,
            input(request),
            metadata,
            callOptions,
          ),
        );
      };
    case 'bidi_streaming':
      return async function* (requests: AnyIterable<unknown>, options: CallOptions = {}) {
        const [metadata, callOptions] = await opened('stream', options);
        yield* receive(options.signal, () => {
          const call = grpc.makeBidiStreamRequest(
            path,
            requestSerialize,
            responseDeserialize,
            metadata,
            callOptions,
          );
          send(call, requests, input, (error) => call.destroy(error as Error));
          return call;
        });
      };
    default:
      return methodKind satisfies never;
  }
}

/**
 * grpc-js takes the stack of each call, for the error that may come of it: a tenth of what the call costs. Whoever awaits
 * the call is in the stack of our own error.
 */
function withoutStack<Call>(make: () => Call): Call {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

async function ownToken(token: ClientOptions['token']): Promise<string | undefined> {
  return typeof token === 'function' ? token() : token;
}

const year2001Ms = 1_000_000_000_000;

function deadline({ deadlineMs, timeoutMs }: CallOptions, defaultMs: number): number {
  if (deadlineMs !== undefined && deadlineMs < year2001Ms) {
    throw new TypeError(
      `deadlineMs is an instant in ms since the epoch, not ${deadlineMs}; a duration is timeoutMs.`,
    );
  }
  const latestMs = Date.now() + (timeoutMs ?? defaultMs);
  return deadlineMs === undefined
    ? latestMs
    : timeoutMs === undefined
      ? deadlineMs
      : Math.min(deadlineMs, latestMs);
}
