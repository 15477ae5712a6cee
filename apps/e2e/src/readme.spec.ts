import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, inject, it } from 'vitest';
import { root } from './system.ts';

it('the walk of the README, pasted as it stands, goes from a token to computed data', () => {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  const [, walk] = /```bash\n([\s\S]*?)```/.exec(readme) ?? [];
  if (!walk) throw new Error('The README has no block to paste.');
  const folder = mkdtempSync(path.join(tmpdir(), 'touchline-readme-'));
  try {
    const { status, stdout, stderr } = spawnSync('bash', ['-eo', 'pipefail', '-c', walk], {
      cwd: folder,
      encoding: 'utf8',
      env: {
        ...process.env,
        BASE: inject('url'),
        CREDENTIALS: path.join(inject('dataDir'), 'credentials.json'),
      },
      timeout: 60_000,
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const [ingested = '', computed = ''] = stdout
      .split('}{')
      .map((part, i) => (i === 0 ? `${part}}` : `{${part}`));
    expect(JSON.parse(ingested)).toEqual({ accepted: 5, duplicates: 0, rejected: [] });
    expect(JSON.parse(computed)).toMatchObject({
      // (2.1 + 2.8) / 2 + (2.8 + 3.9) / 2 + (3.9 + 4.4) / 2
      total_distance: 9.95,
      max_speed: 4.4,
      hr_max: 128,
      extensions: { status: 'up-to-date' },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
