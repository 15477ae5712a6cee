import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, it } from 'vitest';
import { mongoDbContract } from './contract.ts';
import { type DatabaseEngine, startDatabaseEngine } from './engine.ts';

describe('the embedded database, as a MongoDB', () => {
  let started: Promise<{ engine: DatabaseEngine; dataDir: string }> | undefined;
  afterAll(async () => {
    const { engine, dataDir } = (await started) ?? {};
    await engine?.close();
    if (dataDir !== undefined) await rm(dataDir, { recursive: true });
  });
  mongoDbContract(async () => {
    started ??= (async () => {
      const dataDir = await mkdtemp(path.join(tmpdir(), 'touchline-database-'));
      return { dataDir, engine: await startDatabaseEngine({ dataDir }) };
    })();
    return (await started).engine.url;
  });
});

describe('the MongoDB of MONGODB_URL', () => {
  const url = process.env['MONGODB_URL'];
  if (url === undefined || url === '') {
    it.skip('is not tested: MONGODB_URL is not set');
    console.log('MONGODB_URL is not set: the contract was checked against the embedded database only.');
    return;
  }
  mongoDbContract(() => Promise.resolve(url));
});
