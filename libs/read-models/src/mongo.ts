import { MongoClient, type Db } from 'mongodb';
import { BackOff, pause } from '@touchline/event-log';

/** One client for a process, and the two databases of each context. */
export class Mongo {
  readonly client: MongoClient;
  readonly #closing = new AbortController();

  constructor(client: MongoClient) {
    this.client = client;
    void this.#connect();
  }

  /** Read models: what is lost can be made again from the log. */
  readModels(context: string): Db {
    return this.client.db(context);
  }

  /** What is not in the log (keys, leases): acknowledged by the majority of a replica set. */
  state(context: string): Db {
    return this.client.db(`${context}-state`, { writeConcern: { w: 'majority' } });
  }

  /** Resolves when the server answers. @throws MongoError */
  async ping(): Promise<void> {
    await this.client.db('admin').command({ ping: 1 });
  }

  close(): Promise<void> {
    this.#closing.abort();
    return this.client.close();
  }

  /**
   * The driver connects by itself with the first operation, but once only: when no server answers within the time for
   * selecting one, every later operation fails for ever with "Topology is closed". Connecting explicitly begins anew.
   */
  async #connect(): Promise<void> {
    const { signal } = this.#closing;
    const backOff = new BackOff(50, 500);
    while (!signal.aborted) {
      try {
        await this.client.connect();
        return;
      } catch {
        // Whoever needs the server is told by his own operation.
        await pause(backOff.next(), signal);
      }
    }
  }
}

/** Connects in the background, and waits for a server that is not there yet. @throws MongoParseError when the URL is malformed */
export function connectMongo(url: string, options: { serverSelectionTimeoutMs?: number } = {}): Mongo {
  return new Mongo(
    new MongoClient(url, {
      ignoreUndefined: true,
      serverSelectionTimeoutMS: options.serverSelectionTimeoutMs ?? 5_000,
      connectTimeoutMS: 5_000,
      // A stalled server must not hold an operation for ever.
      socketTimeoutMS: 20_000,
    }),
  );
}
