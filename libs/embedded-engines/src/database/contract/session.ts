import { randomBytes } from 'node:crypto';
import { type Collection, type Db, type Document, MongoClient, MongoServerError } from 'mongodb';
import { afterAll, beforeAll, beforeEach } from 'vitest';

export type Connect = () => Promise<string>;
/** Documents whose `_id` may be of any type. */
export type AnyDocument = Document & { _id?: number | string | object };

export interface Session {
  readonly client: MongoClient;
  readonly db: Db;
  /** An empty collection, another one for each test. */
  readonly collection: Collection<AnyDocument>;
}

/** A database of the suite's own on the server; it is dropped in the end. The object is filled when tests run. */
export function session(connect: Connect): Session {
  const shared: { client: MongoClient; db: Db; collection: Collection<AnyDocument> } = {} as never; // filled before the first test
  let number = 0;
  beforeAll(async () => {
    shared.client = await MongoClient.connect(await connect());
    shared.db = shared.client.db(`contract_${randomBytes(6).toString('hex')}`);
  });
  beforeEach(() => {
    number += 1;
    shared.collection = shared.db.collection(`test_${number}`);
  });
  afterAll(async () => {
    await shared.db.dropDatabase();
    await shared.client.close();
  });
  return shared;
}

/** The server's error; fails when there is none. */
export async function errorOf(promise: Promise<unknown>): Promise<MongoServerError> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof MongoServerError) return outcome;
  throw new Error('the server was expected to refuse', { cause: outcome });
}

export async function ids(found: AsyncIterable<AnyDocument>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const { _id } of found) all.push(_id);
  return all;
}
