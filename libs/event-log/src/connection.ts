import { EventStoreDBClient } from '@eventstore/db-client';
import streams from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { type Append, AppendCall } from './append-call.ts';
import type { Appended } from './event.ts';
import { isUnreachable } from './translate-error.ts';

const { StreamsClient } = streams;

const KEEP_ALIVE_MS = 10_000;
const MIN_AGE_MS = 200;

type Streams = InstanceType<typeof StreamsClient>;

/** Methods of the client that its type declarations hide. */
interface ClientInternals {
  getChannel(): Promise<ReturnType<Streams['getChannel']>>;
  getGRPCClient(stub: typeof StreamsClient, what: string): Promise<Streams>;
  /** Credentials and the connection's name, as the client sends them itself. */
  callArguments(options: object, callOptions: { deadline: number }): Parameters<Streams['batchAppend']>;
}

const internals = (client: EventStoreDBClient): ClientInternals => client as unknown as ClientInternals;

/**
 * Hands out a client, and a fresh one after the server was unreachable.
 *
 * Appends go through a `BatchAppend` of our own over the client's channel. The client's would end the process: it throws
 * where nobody can catch it at a second answer, and at a connection that is lost while batches queue. `Append`, which it
 * takes instead when told to, costs a call for each.
 *
 * grpc-js keeps the back-off of a lost connection (up to 120 s) in a pool shared by channels with equal options. A
 * client whose keep-alive differs by a millisecond has a connection of its own and tries at once.
 */
export class Connection {
  readonly #url: string;
  #client: EventStoreDBClient;
  #appendCall: AppendCall | undefined;
  #opening: Promise<AppendCall> | undefined;
  #generation = 0;
  #bornMs = performance.now();

  /** @throws Error of the client when the URL is none of EventStoreDB's */
  constructor(url: string) {
    this.#url = url;
    this.#client = this.#create();
  }

  get client(): EventStoreDBClient {
    return this.#client;
  }

  /** @throws EventLogError, and what the client throws */
  async append(append: Append, timeoutMs: number): Promise<Appended> {
    let call = this.#appendCall;
    if (call?.isOver !== false)
      call = await (this.#opening ??= this.#openAppendCall().finally(() => (this.#opening = undefined)));
    return call.append(append, timeoutMs);
  }

  /** Called after a call on `client` failed; the next client is a fresh one when that may help. */
  failed(failed: EventStoreDBClient, error: unknown): void {
    if (!isUnreachable(error)) return;
    const ageMs = performance.now() - this.#bornMs;
    if (failed !== this.#client || ageMs < MIN_AGE_MS) return;
    this.#generation = (this.#generation + 1) % 1000;
    this.#bornMs = performance.now();
    this.#client = this.#create();
    this.#appendCall?.cancel();
  }

  async close(): Promise<void> {
    this.#appendCall?.cancel();
    const channel = await internals(this.#client)
      .getChannel()
      .catch(() => undefined);
    channel?.close();
  }

  async #openAppendCall(): Promise<AppendCall> {
    const { getGRPCClient, callArguments } = internals(this.#client);
    const stub = await getGRPCClient(StreamsClient, 'append');
    const call = stub.batchAppend(...callArguments({}, { deadline: Infinity }));
    return (this.#appendCall = new AppendCall(call));
  }

  #create(): EventStoreDBClient {
    const separator = this.#url.includes('?') ? '&' : '?';
    const ownKeepAlive = /[?&]keep-?_?alive-?_?interval=/i.test(this.#url);
    return EventStoreDBClient.connectionString(
      ownKeepAlive
        ? this.#url
        : `${this.#url.replace(/\/+$/, '')}${separator}keepAliveInterval=${KEEP_ALIVE_MS + this.#generation}`,
    );
  }
}
