import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EventLog, eventId, type EncodedEvent, type StoredEvent } from '@touchline/event-log';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningEngines, startEngines } from '../engines/start-engines.ts';
import { eventstoreUrl, mongodbUrl } from '../engines/workers.ts';
import { loadCredentials } from '../start/credentials.ts';
import { loadSecrets } from '../start/secrets.ts';
import { backup } from './command.ts';
import { restore } from './restore.ts';

interface KeyDocument {
  _id: string;
  destroyed?: true;
}

/** Clients of two engines. */
class Clients {
  readonly log: EventLog;
  readonly mongo: MongoClient;
  readonly #engines: RunningEngines;

  static async start(dataDir: string): Promise<Clients> {
    return new Clients(await startEngines(dataDir, { log: 0, database: 0 }));
  }

  private constructor(engines: RunningEngines) {
    const { log = 0, database = 0 } = engines.ports;
    this.#engines = engines;
    this.log = EventLog.connect({ url: eventstoreUrl(log) });
    this.mongo = new MongoClient(mongodbUrl(database));
  }

  get keys() {
    return this.mongo.db('owner-state').collection<KeyDocument>('keys');
  }

  async events(): Promise<StoredEvent[]> {
    const events: StoredEvent[] = [];
    for await (const event of this.log.readAll()) events.push(event);
    return events;
  }

  async close(): Promise<void> {
    await this.log.close();
    await this.mongo.close();
    await this.#engines.close();
  }
}

const metadata = { correlation_id: 'c', actor: 'user:1', at: '2021-11-19T10:00:00.000Z' };
const sealed = (stream: string, key: string): EncodedEvent => ({
  type: 'owner.v1.Sealed',
  id: eventId(key, stream, 0),
  data: { key, filling: 'x'.repeat(500) },
  metadata,
});

let root: string;
let [dataDir, target, restored] = ['', '', ''];
const open: Clients[] = [];
async function clientsOf(directory: string): Promise<Clients> {
  mkdirSync(directory, { recursive: true });
  const clients = await Clients.start(directory);
  open.push(clients);
  return clients;
}

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'touchline-backup-'));
  [dataDir, target, restored] = ['data', 'backup', 'restored'].map((name) => path.join(root, name)) as [
    string,
    string,
    string,
  ];
});
afterEach(async () => {
  for (const clients of open.splice(0)) await clients.close();
  rmSync(root, { recursive: true, force: true });
});

describe('a backup', () => {
  it('taken under load holds all that was acknowledged before, no event without its key, and no key destroyed early', async () => {
    const clients = await clientsOf(dataDir);
    loadSecrets(dataDir);
    loadCredentials(dataDir, {});
    const acknowledged: string[] = [];
    let writing = true;
    /** Seals under a key, seals anew under another, destroys the first: each step after the one before is acknowledged. */
    const write = async (writer: number) => {
      for (let round = 0; writing; round++) {
        const stream = `owner-${writer}-${round}`;
        for (const generation of ['old', 'new']) {
          const key = `${stream}-${generation}`;
          await clients.keys.insertOne({ _id: key });
          await clients.log.append(stream, [sealed(stream, key)], 'any');
          acknowledged.push(key);
        }
        await clients.keys.updateOne({ _id: `${stream}-old` }, { $set: { destroyed: true } });
      }
    };
    const writers = [1, 2, 3, 4, 5, 6].map(write);
    while (acknowledged.length < 100) await new Promise(setImmediate);
    const before = [...acknowledged];
    await backup([target, '--data-dir', dataDir]);
    writing = false;
    await Promise.all(writers);
    expect(acknowledged.length).toBeGreaterThan(before.length);

    await restore([target, '--data-dir', restored]);
    const copy = await clientsOf(restored);
    const events = (await copy.events()).map(({ data }) => (data as { key: string }).key);
    const keys = new Map((await copy.keys.find().toArray()).map((key) => [key._id, key]));
    expect(events).toEqual(expect.arrayContaining(before));
    expect(new Set(events).size).toBe(events.length);
    for (const key of events) expect(keys.has(key)).toBe(true);
    for (const { _id, destroyed } of keys.values())
      if (destroyed) expect(events).toContain(_id.replace(/old$/, 'new'));
    const { position } = await copy.log.append('owner-after', [sealed('owner-after', 'k')], 'no_stream');
    expect(position > (await clients.log.readAll({ limit: 1 }).next()).value!.position).toBe(true);
  });

  it('of a stopped deployment is readable by its owner only, and leaves the read models out', async () => {
    const clients = await clientsOf(dataDir);
    loadSecrets(dataDir);
    loadCredentials(dataDir, {});
    await clients.keys.createIndex({ destroyed: 1 });
    await clients.keys.insertOne({ _id: 'k' });
    await clients.mongo.db('owner').collection<KeyDocument>('names.1').insertOne({ _id: 'n' });
    await open.pop()!.close();
    await backup([target, '--data-dir', dataDir]);
    for (const file of readdirSync(target)) expect(statSync(path.join(target, file)).mode & 0o077).toBe(0);
    await restore([target, '--data-dir', restored]);
    expect(loadSecrets(restored)).toEqual(loadSecrets(dataDir));
    const copy = await clientsOf(restored);
    expect(await copy.keys.find().toArray()).toEqual([{ _id: 'k' }]);
    expect((await copy.keys.indexes()).map(({ key }) => key)).toEqual([{ _id: 1 }, { destroyed: 1 }]);
    expect(await copy.mongo.db('owner').listCollections().toArray()).toEqual([]);
  });

  it('is refused where something lies already, or where there is no deployment', async () => {
    await expect(backup([target, '--data-dir', dataDir])).rejects.toThrow('There is no deployment in');
    await clientsOf(dataDir);
    loadSecrets(dataDir);
    await expect(backup([root, '--data-dir', dataDir])).rejects.toThrow('is not empty');
    await expect(backup(['--data-dir', dataDir])).rejects.toThrow('Name the one directory');
  });
});

describe('restoring', () => {
  it('takes complete backups only, and only into a new directory', async () => {
    await expect(restore([root, '--data-dir', restored])).rejects.toThrow('no complete backup');
    const manifest = { format: '1', started_at: '2024-01-01T00:00:00.000Z', log_position: '3' };
    writeFileSync(path.join(root, 'backup.json'), JSON.stringify({ ...manifest, format: '9' }));
    await expect(restore([root, '--data-dir', restored])).rejects.toThrow('has format 9');
    writeFileSync(path.join(root, 'backup.json'), JSON.stringify(manifest));
    await expect(restore([root, '--data-dir', restored])).rejects.toThrow(
      'lacks log.sqlite, database.sqlite',
    );
    for (const file of ['log.sqlite', 'database.sqlite', 'secrets.json', 'credentials.json'])
      writeFileSync(path.join(root, file), '');
    await expect(restore([root, '--data-dir', root])).rejects.toThrow('is not empty');
  });
});
