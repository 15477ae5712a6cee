import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const secrets = (): Map<string, string> => {
  const { stdout } = spawnSync(
    process.execPath,
    ['--conditions=touchline-source', path.join(import.meta.dirname, 'main.ts'), 'secrets'],
    { encoding: 'utf8' },
  );
  return new Map(
    [...stdout.matchAll(/^([A-Z_]+)='([^']*)'$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
};

it('prints every secret that the compose file asks for, new ones at each call', () => {
  const compose = readFileSync(path.join(root, 'deploy/compose.yaml'), 'utf8');
  const wanted = new Set([...compose.matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name]) => name));
  const [first, second] = [secrets(), secrets()];
  expect(new Set(first.keys())).toEqual(wanted);
  for (const [name, value] of first) {
    expect(value).not.toBe('');
    if (!name.endsWith('USERNAME')) expect(second.get(name)).not.toBe(value);
  }
  expect(Buffer.from(first.get('TOUCHLINE_MASTER_KEY') ?? '', 'base64')).toHaveLength(32);
});
