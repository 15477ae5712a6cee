import { type ChildProcess, fork, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** From the sources or compiled, like this file. */
const EXTENSION = path.extname(import.meta.filename);
const CHILD = path.join(import.meta.dirname, `child-process${EXTENSION}`);
const EXEC_ARGV = EXTENSION === '.ts' ? ['--conditions=touchline-source'] : [];

/** A running log in a process of its own. */
export interface SpawnedEngine {
  readonly url: string;
  /** Ends the process at once, as a crash would. */
  kill(): Promise<void>;
  /** Lets the log close its database first. */
  close(): Promise<void>;
}

/** @throws Error with the engine's own words when it cannot start. */
export async function spawnEngine(
  dataDir: string,
  options: Pick<ForkOptions, 'uid' | 'gid'> = {},
): Promise<SpawnedEngine> {
  const child = fork(CHILD, [dataDir], {
    ...options,
    execArgv: EXEC_ARGV,
  });
  const [said] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [unknown];
  if (typeof said === 'object' && said !== null && 'url' in said && typeof said.url === 'string') {
    return {
      url: said.url,
      kill: () => ended(child, () => child.kill('SIGKILL')),
      close: () => ended(child, () => child.disconnect()),
    };
  }
  throw new Error(
    typeof said === 'object' && said !== null && 'failed' in said
      ? String(said.failed)
      : `The engine ended with ${String(said)}.`,
  );
}

async function ended(child: ChildProcess, end: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  end();
  await exit;
}
