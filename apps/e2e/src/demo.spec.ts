import { spawnSync } from 'node:child_process';
import { expect, inject, it } from 'vitest';
import { command, root } from './system.ts';

const demo = (...args: string[]) =>
  spawnSync(process.execPath, command('demo', '--data-dir', inject('dataDir'), ...args), {
    cwd: root,
    encoding: 'utf8',
  });
const rows = (stdout: string) => stdout.split('\n').filter((line) => /(Nord|Süd) +\d/.test(line));

it('the demo shows a line of computed data for each of 22 players, the same in every run', () => {
  const first = demo('--minutes', '1');
  expect(first.status).toBe(0);
  expect(rows(first.stdout)).toHaveLength(22);
  expect(first.stdout).toMatch(/^Webhook: callback after \d+ ms, signature verified: .*"activity-updated"/m);
  for (const row of rows(first.stdout)) {
    const distance = Number(/(?:Nord|Süd) +([\d.]+)/.exec(row)?.[1]);
    expect(distance).toBeGreaterThan(20);
    expect(distance).toBeLessThan(400);
  }
  expect(rows(demo('--minutes', '1').stdout)).toEqual(rows(first.stdout));
});

it('the demo refuses an impossible length with what would be right', () => {
  const { status, stderr } = demo('--minutes', '0');
  expect(status).not.toBe(0);
  expect(stderr).toContain('--minutes is a whole number from 1 to 120, not "0".');
});
