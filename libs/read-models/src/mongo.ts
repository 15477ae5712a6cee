import { MongoClient, type Db } from 'mongodb';

/** One client for a process, and the two databases of each context. */
export class Mongo {
  readonly client: MongoClient;

  constructor(client: MongoClient) {
    this.client = client;
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
    return this.client.close();
  }
}

/** Connects with the first operation. @throws MongoParseError when the URL is malformed */
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
