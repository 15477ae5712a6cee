import { EventStoreDBClient } from '@eventstore/db-client';
import { isUnreachable } from './translate-error.ts';

const KEEP_ALIVE_MS = 10_000;
const MIN_AGE_MS = 200;

/** Methods of the client that its type declarations hide. */
interface ClientInternals {
  supports: () => Promise<boolean>;
  getChannel: () => Promise<{ close(): void }>;
}

/**
 * Hands out a client, and a fresh one after the server was unreachable.
 *
 * Appends go through the `Append` call, never `BatchAppend`, which the client takes when the server offers it: a second
 * answer to a settled batch, or a connection lost while batches queue, throws where nobody can catch it and would end
 * the process. `supports` is the client's own question for the server's features.
 *
 * grpc-js keeps the back-off of a lost connection (up to 120 s) in a pool shared by channels with equal options. A
 * client whose keep-alive differs by a millisecond has a connection of its own and tries at once.
 */
export class Connection {
  readonly #url: string;
  #client: EventStoreDBClient;
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

  /** Called after a call on `client` failed; the next client is a fresh one when that may help. */
  failed(failed: EventStoreDBClient, error: unknown): void {
    if (!isUnreachable(error)) return;
    const ageMs = performance.now() - this.#bornMs;
    if (failed !== this.#client || ageMs < MIN_AGE_MS) return;
    this.#generation = (this.#generation + 1) % 1000;
    this.#bornMs = performance.now();
    this.#client = this.#create();
  }

  async close(): Promise<void> {
    const internals = this.#client as unknown as ClientInternals;
    const channel = await internals.getChannel().catch(() => undefined);
    channel?.close();
  }

  #create(): EventStoreDBClient {
    const separator = this.#url.includes('?') ? '&' : '?';
    const ownKeepAlive = /[?&]keep-?_?alive-?_?interval=/i.test(this.#url);
    const client = EventStoreDBClient.connectionString(
      ownKeepAlive
        ? this.#url
        : `${this.#url.replace(/\/+$/, '')}${separator}keepAliveInterval=${KEEP_ALIVE_MS + this.#generation}`,
    );
    (client as unknown as ClientInternals).supports = () => Promise.resolve(false);
    return client;
  }
}
