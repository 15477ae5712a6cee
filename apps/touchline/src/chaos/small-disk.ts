import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

const SIZE_MB = 512;
const CHUNK_BYTES = 64 * 1024;

/** A file system of its own in memory, which can be filled. */
export class SmallDisk {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** @returns undefined where none can be mounted, as without the rights of root */
  static mount(directory: string): SmallDisk | undefined {
    mkdirSync(directory);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m,mode=0700`, 'tmpfs', directory], {
        stdio: 'ignore',
      });
      return new SmallDisk(directory);
    } catch {
      return undefined;
    }
  }

  /** Until nothing goes in any more. */
  fill(): void {
    const descriptor = openSync(this.#filler, 'w');
    try {
      for (let chunk = Buffer.alloc(CHUNK_BYTES); chunk.length > 0;) {
        try {
          writeSync(descriptor, chunk);
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
          chunk = chunk.subarray(0, Math.floor(chunk.length / 2));
        }
      }
    } finally {
      closeSync(descriptor);
    }
  }

  free(): void {
    rmSync(this.#filler, { force: true });
  }

  unmount(): void {
    execFileSync('umount', [this.directory], { stdio: 'ignore' });
  }

  get #filler(): string {
    return path.join(this.directory, 'filler');
  }
}
