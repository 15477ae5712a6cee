import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { describeShared, repositoryRoot } from '@touchline/testing/shared';
import { describe, expect, it } from 'vitest';

import { startLogEngine } from './engine.ts';

const run = promisify(execFile);

describeShared(describe, 'what a real EventStoreDB was seen to answer', ['engines', 'play.mjs'], (player) => {
  it('is what the embedded log answers, in every case and through both ways to append', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'touchline-log-'));
    const engine = await startLogEngine({ dataDir });
    try {
      // The player takes the client from its working directory. It prints what differs and fails when something does.
      const { stdout } = await run(process.execPath, [player, engine.url], { cwd: repositoryRoot() }).catch(
        (failed: { stdout?: string; stderr?: string }) => ({
          stdout: `${failed.stdout ?? ''}${failed.stderr ?? ''}`,
        }),
      );
      expect(stdout).toMatch(/^[1-9]\d* passed, 0 failed\n$/);
    } finally {
      await engine.close();
      await rm(dataDir, { recursive: true });
    }
  }, 180_000);
});
