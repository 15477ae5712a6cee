import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';

const planted: string[] = [];
afterEach(() => planted.splice(0).forEach((file) => rmSync(file, { force: true })));

/** ESLint's findings about a file that holds `source`, with the Nx graph built first. */
function lint(file: string, source: string): { status: number | null; output: string } {
  planted.push(file);
  writeFileSync(file, source);
  const { status, stdout, stderr } = spawnSync('node', ['tools/lint.ts', file], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

it('lets no context import another', () => {
  const { status, output } = lint(
    'libs/identity/service/src/planted-import.ts',
    "import * as other from '@touchline/permission-service';\nexport { other };\n",
  );
  expect(output).toContain('@nx/enforce-module-boundaries');
  expect(status).not.toBe(0);
});

it('lets the gateway import no service', () => {
  const { output } = lint(
    'apps/gateway/src/planted-import.ts',
    "import * as service from '@touchline/identity-service';\nexport { service };\n",
  );
  expect(output).toContain('@nx/enforce-module-boundaries');
});

it('keeps packages, the clock and chance out of the domain', () => {
  const { output } = lint(
    'libs/activity/domain/src/planted-import.ts',
    "import { readFileSync } from 'node:fs';\nexport const now = (): unknown => [readFileSync, Date.now(), Math.random(), new Date()];\n",
  );
  expect(output).toContain('no-restricted-imports');
  expect(output.match(/no-restricted-properties/g)).toHaveLength(2);
  expect(output).toContain('no-restricted-syntax');
});

it('passes a file without a forbidden import', () => {
  const { status, output } = lint('libs/activity/domain/src/planted-import.ts', 'export const one = 1;\n');
  expect(output).toBe('');
  expect(status).toBe(0);
});
