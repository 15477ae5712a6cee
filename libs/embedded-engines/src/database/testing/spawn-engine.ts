import { type ChildProcess, fork, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** From the sources or compiled, like this file. */
const extension = path.extname(import.meta.filename);
const childFile = path.join(import.meta.dirname, `child-process${extension}`);
const execArgv = extension === '.ts' ? ['--conditions=touchline-source'] : [];

export interface SpawnedEngine {
  readonly url: string;
  /** Ends the process at once, as a crash would. */
  kill(): Promise<void>;
  /** Lets the engine close its file first. */
  close(): Promise<void>;
}

/** Throws with the engine's own words when it cannot start. */
export async function spawnEngine(
  dataDir: string,
  options: Pick<ForkOptions, 'uid' | 'gid'> = {},
): Promise<SpawnedEngine> {
  const child = fork(childFile, [dataDir], { ...options, execArgv });
  const [said] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [unknown];
  if (typeof said === 'object' && said !== null && 'url' in said)
    return {
      url: String(said.url),
      kill: () => ended(child, () => child.kill('SIGKILL')),
      close: () => ended(child, () => child.disconnect()),
    };
  const failed = typeof said === 'object' && said !== null && 'failed' in said;
  throw new Error(failed ? String(said.failed) : `the engine ended with ${String(said)}`);
}

async function ended(child: ChildProcess, end: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  end();
  await exit;
}
