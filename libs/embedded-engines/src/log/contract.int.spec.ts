import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, describe, it } from 'vitest';

import { eventStoreContract } from './contract.ts';
import { type LogEngine, startLogEngine } from './engine.ts';

describe('the embedded log, as an EventStoreDB', () => {
  let started: Promise<{ engine: LogEngine; dataDir: string }> | undefined;
  afterAll(async () => {
    const { engine, dataDir } = (await started) ?? {};
    await engine?.close();
    if (dataDir !== undefined) await rm(dataDir, { recursive: true });
  });
  eventStoreContract(async () => {
    started ??= (async () => {
      const dataDir = await mkdtemp(path.join(tmpdir(), 'touchline-log-'));
      return { dataDir, engine: await startLogEngine({ dataDir }) };
    })();
    return (await started).engine.url;
  });
});

describe('the EventStoreDB of EVENTSTORE_URL', () => {
  const url = process.env['EVENTSTORE_URL'];
  if (url === undefined || url === '') {
    it.skip('is not tested: EVENTSTORE_URL is not set');
    console.log('EVENTSTORE_URL is not set: the contract was checked against the embedded log only.');
    return;
  }
  eventStoreContract(() => Promise.resolve(url));
});
