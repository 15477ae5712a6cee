import { readFileSync } from 'node:fs';
import path from 'node:path';
import { EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { MongoClient } from 'mongodb';

export interface Running {
  readonly pid: number;
  readonly eventstore_url: string;
  readonly mongodb_url: string;
  readonly services: Readonly<Record<string, string>>;
  readonly pids: Readonly<Record<string, number>>;
}

/** What the system says of itself in its data directory. */
export const runFile = (dataDir: string): Running =>
  JSON.parse(readFileSync(path.join(dataDir, 'run.json'), 'utf8')) as Running;

/** The types of all events in the log, with how many there are. */
export async function eventTypes({ eventstore_url: url }: Running): Promise<Map<string, number>> {
  const client = EventStoreDBClient.connectionString(url);
  const types = new Map<string, number>();
  try {
    for await (const { event } of client.readAll()) {
      if (event && !event.type.startsWith('$')) types.set(event.type, (types.get(event.type) ?? 0) + 1);
    }
  } finally {
    await client.dispose();
  }
  return types;
}

/** Makes the first append to a stream, which somebody reserved something for, impossible. */
export async function abandonReservation({ eventstore_url: url }: Running, stream: string): Promise<void> {
  const client = EventStoreDBClient.connectionString(url);
  const at = new Date().toISOString();
  const event = jsonEvent({
    type: 'log.v1.ReservationAbandoned',
    data: { reservation: 'unique-username-of-nobody' },
    metadata: { correlation_id: 'history', actor: 'service:identity', at },
  });
  try {
    await client.appendToStream(stream, event, { expectedRevision: NO_STREAM });
  } finally {
    await client.dispose();
  }
}

/** All but the mark of how far computation has looked, which lies beside its documents. */
const told = { _id: { $ne: -1 as never } };

/** Of one context, or of all: live collections by `<context>.<name>`, each with its documents' bytes in hex, by id. */
export async function readModels(
  { mongodb_url: url, services }: Running,
  contexts: readonly string[] = Object.keys(services),
): Promise<Record<string, string[]>> {
  const client = new MongoClient(url);
  try {
    const found: Record<string, string[]> = {};
    for (const context of contexts) {
      const db = client.db(context);
      const live = await db.collection<{ _id: string; set: number }>('sets').findOne({ _id: 'live' });
      for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray()) {
        const [model, set] = name.split('.');
        // The set's own bookkeeping: how far it is, not what it says.
        if (Number(set) !== live?.set || model === 'checkpoint') continue;
        const raw = await db
          .collection(name)
          .find(told, { raw: true, sort: { _id: 1 } })
          .toArray();
        found[`${context}.${model}`] = raw.map((bytes) => (bytes as unknown as Buffer).toString('hex'));
      }
    }
    return found;
  } finally {
    await client.close();
  }
}

/** The numbers of the sets that have collections. */
export async function setsOf({ mongodb_url: url }: Running, context: string): Promise<number[]> {
  const client = new MongoClient(url);
  try {
    const names = await client.db(context).listCollections({}, { nameOnly: true }).toArray();
    return [...new Set(names.flatMap(({ name }) => name.split('.')[1] ?? []).map(Number))].sort();
  } finally {
    await client.close();
  }
}

/** Resolves as soon as a set has a collection. */
export async function setMade({ mongodb_url: url }: Running, context: string, set: number): Promise<void> {
  const client = new MongoClient(url);
  const made = { name: { $regex: `[.]${set}$` } };
  try {
    while ((await client.db(context).listCollections(made, { nameOnly: true }).toArray()).length === 0);
  } finally {
    await client.close();
  }
}
