import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describeShared, repositoryRoot } from '@touchline/testing/shared';
import { describe, expect, it } from 'vitest';
import { startDatabaseEngine } from './engine.ts';

const run = promisify(execFile);

describeShared(describe, "MongoDB's own published cases", ['engines', 'play-mongo.mjs'], (player) => {
  it('pass, as far as they lie in the subset of read models', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'touchline-database-'));
    const engine = await startDatabaseEngine({ dataDir });
    try {
      // The player takes the driver from its working directory. It prints what differs and fails when something does.
      const { stdout } = await run(process.execPath, [player, engine.url], { cwd: repositoryRoot() }).catch(
        (failed: { stdout?: string; stderr?: string }) => ({
          stdout: `${failed.stdout ?? ''}${failed.stderr ?? ''}`,
        }),
      );
      expect(stdout).toBe('453 passed, 0 failed, 78 skipped\n');
    } finally {
      await engine.close();
      await rm(dataDir, { recursive: true });
    }
  }, 180_000);
});
