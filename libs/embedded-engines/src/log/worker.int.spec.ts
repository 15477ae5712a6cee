import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';

import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { LogWorkerData, LogWorkerMessage } from './worker.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'touchline-log-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function start(dataDir: string): Promise<{ worker: Worker; said: LogWorkerMessage }> {
  const workerData: LogWorkerData = { kind: 'log', dataDir, port: 0 };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData,
    execArgv: ['--conditions=touchline-source'],
  });
  const [said] = (await once(worker, 'message')) as [LogWorkerMessage];
  return { worker, said };
}

describe('the log in a worker thread', () => {
  it('says on which port it is ready, serves, and ends after the message close', async () => {
    const { worker, said } = await start(folder);
    if (!('ready' in said)) throw new Error(JSON.stringify(said));
    const client = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${said.port}?tls=false`);
    const { success } = await client.appendToStream('s', jsonEvent({ type: 'Happened', data: {} }));
    expect(success).toBe(true);
    // A client that listens does not hold it up, and is told.
    const subscription = client.subscribeToStream('s');
    await once(subscription, 'confirmation');
    const told = once(subscription, 'error');
    worker.postMessage('close');
    expect(await once(worker, 'exit')).toEqual([0]);
    expect(await told).toMatchObject([{ type: 'unavailable' }]);
    void client.dispose();
  });

  it('says why it cannot start, and ends', async () => {
    await writeFile(path.join(folder, 'log.sqlite'), 'no database at all'.repeat(1000));
    const { worker, said } = await start(folder);
    expect(said).toMatchObject({
      failed: true,
      message: expect.stringContaining('is damaged: file is not a database'),
    });
    await once(worker, 'exit');
  });
});
