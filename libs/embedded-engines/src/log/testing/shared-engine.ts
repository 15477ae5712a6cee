import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll } from 'vitest';

import { startLogEngine } from '../engine.ts';
import { RawClient } from './raw-client.ts';

/** A log for all tests of a file, and a client without manners. */
export interface SharedEngine {
  readonly url: string;
  readonly port: number;
  readonly raw: RawClient;
}

/** Starts it before the tests of this file and takes it away after them. The object is filled by then. */
export function sharedEngine(): SharedEngine {
  const shared: { url: string; port: number; raw: RawClient } = {
    url: '',
    port: 0,
    raw: new RawClient('esdb://127.0.0.1:1'),
  };
  let stop = (): Promise<void> => Promise.resolve();
  beforeAll(async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'touchline-log-'));
    const engine = await startLogEngine({ dataDir });
    Object.assign(shared, { url: engine.url, port: engine.port, raw: new RawClient(engine.url) });
    stop = async () => {
      shared.raw.close();
      await engine.close();
      await rm(dataDir, { recursive: true });
    };
  });
  afterAll(() => stop());
  return shared;
}
