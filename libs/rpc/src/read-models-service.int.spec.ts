import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateDeploymentKeys } from './keys.ts';
import {
  operator,
  readModelsClient,
  readModelsService,
  RebuildPhase,
  type RebuildReport,
  type ServedReadModels,
} from './read-models-service.ts';
import { type RpcServer, serve } from './server.ts';
import { serviceToken, TokenSigner, TokenVerifier } from './tokens.ts';

const keys = generateDeploymentKeys();
const report: RebuildReport = {
  phase: 'projecting',
  events: 5,
  expectedEvents: 9,
  elapsedMs: 10,
  position: 'p',
  set: 2,
};

class ReadModels implements ServedReadModels {
  readonly consumedTypes = new Set(['a.v1.A']);
  rebuildRefusal: string | undefined;
  failure: Error | undefined;
  cancelled = Promise.withResolvers<void>();
  waitFor = () => Promise.resolve();
  async *rebuild(signal: AbortSignal) {
    signal.addEventListener('abort', () => this.cancelled.resolve(), { once: true });
    yield report;
    if (this.failure) throw this.failure;
    yield { ...report, phase: 'done' as const };
  }
}

const readModels = new ReadModels();
let server: RpcServer;
beforeAll(async () => {
  const verifier = TokenVerifier.fromJwks(keys.verifyKeys);
  server = await serve({ host: '127.0.0.1', port: 0, services: [readModelsService(readModels)], verifier });
});
afterAll(() => server.close());

const clientOf = (name: string) =>
  readModelsClient(
    `127.0.0.1:${server.port}`,
    serviceToken(TokenSigner.fromPrivateJwk(keys.serviceKey), name),
  );

async function reports(name: string): Promise<{ phase: RebuildPhase; events: bigint }[]> {
  const client = clientOf(name);
  const seen = [];
  try {
    for await (const { phase, events } of client.rebuild({})) seen.push({ phase, events });
  } finally {
    client.close();
  }
  return seen;
}

describe('the call that rebuilds', () => {
  it('tells the operator how far it is, to the end', async () => {
    expect(await reports(operator)).toEqual([
      { phase: RebuildPhase.PROJECTING, events: 5n },
      { phase: RebuildPhase.DONE, events: 5n },
    ]);
  });

  it('is refused to every other service', async () => {
    await expect(reports('gateway')).rejects.toMatchObject({ status: 'forbidden' });
  });

  it('says why it cannot begin, and why it failed', async () => {
    readModels.rebuildRefusal = 'One is under way.';
    await expect(reports(operator)).rejects.toMatchObject({
      status: 'precondition',
      detail: 'One is under way.',
    });
    readModels.rebuildRefusal = undefined;
    readModels.failure = new Error('the lease was lost');
    await expect(reports(operator)).rejects.toMatchObject({
      status: 'unavailable',
      detail: 'The rebuild failed: the lease was lost',
    });
    readModels.failure = undefined;
  });

  it('is given up when the operator goes away', async () => {
    readModels.cancelled = Promise.withResolvers();
    const client = clientOf(operator);
    for await (const { phase } of client.rebuild({})) {
      expect(phase).toBe(RebuildPhase.PROJECTING);
      break;
    }
    await readModels.cancelled.promise;
    client.close();
  });
});
