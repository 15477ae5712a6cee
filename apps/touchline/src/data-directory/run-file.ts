import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { writePrivateJson } from './private-file.ts';

/** How other commands find a running system. It may be stale: whoever reads it asks the url. */
export interface RunFile {
  url: string;
  /** The supervisor. */
  pid: number;
  eventstore_url: string;
  mongodb_url: string;
  /** host:port of each context's gRPC server */
  services: Record<string, string>;
  /** Process ids of the children at the time of the start, by name. */
  pids: Record<string, number>;
}

const fileIn = (dataDir: string): string => path.join(dataDir, 'run.json');

export function writeRunFile(dataDir: string, content: RunFile): void {
  writePrivateJson(fileIn(dataDir), content);
}

/** @returns undefined when there is none, or none that can be read */
export function readRunFile(dataDir: string): RunFile | undefined {
  try {
    return JSON.parse(readFileSync(fileIn(dataDir), 'utf8')) as RunFile;
  } catch {
    return undefined;
  }
}

export function removeRunFile(dataDir: string): void {
  rmSync(fileIn(dataDir), { force: true });
}
