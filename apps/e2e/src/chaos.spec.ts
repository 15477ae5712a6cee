import { expect, it } from 'vitest';
import { runCommand } from './commands.ts';

interface Row {
  readonly fault: string;
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
  readonly longest_refusal_s: number;
}

it(
  'no fault of the quick chaos loses or doubles a write, and writes are taken again soon',
  { timeout: 600_000 },
  async () => {
    const { code, out, err } = await runCommand('chaos', '--quick', '--json').ended;
    const rows = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
    expect(rows.map(({ fault }) => fault)).toEqual(
      expect.arrayContaining(['kill -9 engines', 'kill -9 gateway', 'kill -9 all, the supervisor, too']),
    );
    for (const row of rows) {
      expect(row.acknowledged).toBeGreaterThan(0);
      expect(row).toMatchObject({ lost: 0, doubled: 0 });
    }
    // It ends so only when reserved names can be used, log and read models agree, and refusals ended within ten
    // seconds, unless the machine had other work, of which it tells.
    expect([code, err]).toEqual([0, expect.stringContaining('writes that had failed were sent again.')]);
    if (err.includes('not judged')) console.log(err);
  },
);
