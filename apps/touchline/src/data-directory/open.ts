import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandError } from '../command-error.ts';
import { type Lock, tryLock } from './lock.ts';
import { readRunFile } from './run-file.ts';

/**
 * Makes the data directory when it is missing and takes its lock.
 *
 * @throws CommandError when it cannot be written, or when another process runs on it
 */
export function openDataDirectory(dataDir: string): Lock {
  const probe = path.join(dataDir, `.writable-${process.pid}`);
  try {
    makeDirectory(dataDir);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (cause) {
    throw new CommandError(
      `The data directory ${dataDir} cannot be written: ${reason(cause)}. Choose another with --data-dir or TOUCHLINE_DATA_DIR.`,
      { cause },
    );
  }
  const lock = lockDirectory(dataDir);
  if (lock) return lock;
  const running = readRunFile(dataDir);
  const who = running ? ` (process ${running.pid}, ${running.url})` : '';
  throw new DirectoryInUse(
    `Touchline runs already on the data directory ${dataDir}${who}. Stop it first, or choose another with --data-dir.`,
  );
}

class DirectoryInUse extends CommandError {}

/** Longer than draining may take. */
const ENDS_WITHIN_MS = 12_000;
const LOOK_EVERY_MS = 50;

/**
 * As `openDataDirectory`, after waiting for a system on the directory that ends: one that has the lock and says nothing
 * of itself.
 *
 * @throws CommandError likewise
 */
export async function openDataDirectoryWhenFree(dataDir: string, isUnwanted: () => boolean): Promise<Lock> {
  const untilMs = performance.now() + ENDS_WITHIN_MS;
  for (;;) {
    try {
      return openDataDirectory(dataDir);
    } catch (error) {
      const mayEnd = error instanceof DirectoryInUse && readRunFile(dataDir) === undefined;
      if (!mayEnd || isUnwanted() || performance.now() > untilMs) throw error;
      await delay(LOOK_EVERY_MS);
    }
  }
}

/** Node's recursive mkdir never returns where the file system answers ENOENT for a parent that is there (/proc). */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  const parent = path.dirname(directory);
  if (!existsSync(parent)) makeDirectory(parent);
  mkdirSync(directory, { mode: 0o700 });
}

function lockDirectory(dataDir: string): Lock | undefined {
  try {
    return tryLock(dataDir, 'lock');
  } catch (cause) {
    const file = path.join(dataDir, 'lock.sqlite');
    throw new CommandError(
      `The lock ${file} cannot be taken: ${reason(cause)}. It holds nothing: remove the file.`,
      {
        cause,
      },
    );
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
