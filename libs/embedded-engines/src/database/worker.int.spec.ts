import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DatabaseWorkerData, DatabaseWorkerMessage } from './worker.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'touchline-database-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function start(
  data: Partial<DatabaseWorkerData> = {},
): Promise<{ worker: Worker; said: DatabaseWorkerMessage }> {
  const workerData: DatabaseWorkerData = { kind: 'database', dataDir: folder, ...data };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData,
    execArgv: ['--conditions=touchline-source'],
    stderr: true,
  });
  const [said] = (await once(worker, 'message')) as [DatabaseWorkerMessage];
  return { worker, said };
}

describe('the database in a worker thread', () => {
  it('says on which port it is ready, reports scans, and ends after the message close', async () => {
    const { worker, said } = await start({ logSlowPlans: true });
    if (!('ready' in said)) throw new Error(JSON.stringify(said));
    const client = await MongoClient.connect(said.url);
    await client.db('d').collection('c').insertOne({ a: 1 });
    let errors = '';
    worker.stderr.on('data', (chunk) => (errors += String(chunk)));
    await client.db('d').collection('c').findOne({ a: 1 });
    await vi.waitFor(() => expect(errors).toContain('"plan":"COLLSCAN"'));
    worker.postMessage('close');
    expect(await once(worker, 'exit')).toEqual([0]);
    await client.close();
  });

  it('says why it cannot start', async () => {
    await writeFile(path.join(folder, 'database.sqlite'), 'no database'.repeat(1000));
    const { said } = await start();
    expect(said).toEqual({
      failed: true,
      message: expect.stringContaining('database.sqlite: the database file is damaged'),
    });
  });

  it('leaves nothing of a deleted document in its files after a quiet moment', async () => {
    const { worker, said } = await start();
    if (!('ready' in said)) throw new Error(JSON.stringify(said));
    const client = await MongoClient.connect(said.url);
    const marker = 'a secret that must go';
    const secrets = client.db('d').collection<{ _id: number; secret: string }>('secrets');
    await secrets.createIndex({ secret: 1 });
    await secrets.insertOne({ _id: 1, secret: marker });
    const files = () =>
      Promise.all(['', '-wal'].map((end) => readFile(path.join(folder, `database.sqlite${end}`), 'latin1')));
    expect((await files()).join('')).toContain(marker);
    await secrets.deleteOne({ _id: 1 });
    await vi.waitFor(async () => expect((await files()).join('')).not.toContain(marker), { timeout: 10_000 });
    worker.postMessage('close');
    await once(worker, 'exit');
    await client.close();
  });
});
