import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';

const rotateAtBytes = 10 * 1024 * 1024;
const lastWordsBytes = 4096;
const lastWordsLines = 10;

/**
 * `<dir>/logs/<name>.log`. The child writes to it by itself, so nothing is lost when the supervisor dies; a file that
 * has grown large is put aside when the child starts.
 */
export class ChildLog {
  readonly descriptor: number;
  readonly #startOffset: number;
  readonly file: string;

  private constructor(file: string) {
    this.file = file;
    this.descriptor = openSync(file, 'a+', 0o600);
    this.#startOffset = fstatSync(this.descriptor).size;
  }

  static open(dataDir: string, name: string): ChildLog {
    const directory = path.join(dataDir, 'logs');
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const file = path.join(directory, `${name}.log`);
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > rotateAtBytes) renameSync(file, `${file}.1`);
    return new ChildLog(file);
  }

  /** The last lines written since the child started. */
  lastWords(): string[] {
    const { size } = fstatSync(this.descriptor);
    const from = Math.max(this.#startOffset, size - lastWordsBytes);
    const bytes = Buffer.alloc(size - from);
    readSync(this.descriptor, bytes, 0, bytes.length, from);
    return bytes
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-lastWordsLines);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
