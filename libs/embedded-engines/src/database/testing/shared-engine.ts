import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll } from 'vitest';
import type { PlanReport } from '../commands/context.ts';
import { startDatabaseEngine } from '../engine.ts';

/** An engine for all tests of a file. */
export interface SharedEngine {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly client: MongoClient;
  /** How queries were served since it was last emptied. */
  readonly plans: PlanReport[];
  readonly faults: unknown[];
}

/** Starts it before the tests of this file and takes it away after them. The object is filled by then. */
export function sharedEngine(): SharedEngine {
  const shared = { plans: [], faults: [] } as unknown as {
    -readonly [K in keyof SharedEngine]: SharedEngine[K];
  };
  let stop = (): Promise<void> => Promise.resolve();
  beforeAll(async () => {
    shared.dataDir = await mkdtemp(path.join(tmpdir(), 'touchline-database-'));
    const engine = await startDatabaseEngine({
      dataDir: shared.dataDir,
      onPlan: (report) => shared.plans.push(report),
      onFault: (text, error) => shared.faults.push({ text, error }),
    });
    shared.url = engine.url;
    shared.port = engine.port;
    shared.client = await MongoClient.connect(engine.url);
    stop = async () => {
      await shared.client.close();
      await engine.close();
      await rm(shared.dataDir, { recursive: true });
    };
  });
  afterAll(() => stop());
  return shared;
}
