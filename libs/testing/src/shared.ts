import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder with `nx.json`, above this file. */
export function repositoryRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'nx.json'))) folder = dirname(folder);
  return folder;
}

/** Where the given material is looked for: `TOUCHLINE_SHARED`, else `../shared` beside the repository. */
export function sharedRoot(): string {
  return process.env['TOUCHLINE_SHARED'] ?? join(dirname(repositoryRoot()), 'shared');
}

/** A file or folder of the given material (recordings, expected results), undefined when it is not there. */
export function sharedPath(...segments: string[]): string | undefined {
  const path = join(sharedRoot(), ...segments);
  return existsSync(path) ? path : undefined;
}

interface SuiteApi {
  (name: string, tests: () => void): unknown;
  readonly skip: (name: string, tests?: () => void) => unknown;
}

/**
 * Declares a suite over given material: `describeShared(describe, 'run.json', ['data'], (path) => …)`. Without the
 * material the suite is skipped, and its name and a printed line say why.
 */
export function describeShared(
  describe: SuiteApi,
  name: string,
  segments: readonly string[],
  tests: (path: string) => void,
): void {
  const path = sharedPath(...segments);
  if (path !== undefined) {
    describe(name, () => tests(path));
    return;
  }
  const reason = `skipped: ${join(sharedRoot(), ...segments)} is not there (set TOUCHLINE_SHARED to its folder)`;
  console.log(`${name}: ${reason}`);
  describe.skip(`${name} (${reason})`, () => undefined);
}
