import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CommandError } from '../command-error.ts';
import { wholeSystem, withEnginesApart } from './scenes.ts';
import { printRows, type Row } from './table.ts';

const HELP = `Usage: npm run chaos -- [--quick] [--json] [--only <text>] [--seed <number>]

Runs a system of its own under a load of writes, harms it, and checks after each fault that every acknowledged write is
there once and no other twice or half; at the end, that names and times reserved for writes that failed can be used,
that log and read models agree, and that the read models equal a rebuild. Ends with 1 when something is lost or doubled,
or when writes are refused for more than 10 s after a fault, which is not judged on a machine that has other work to do.

  --quick   each process killed, some together, all, one paused: about a minute
  --json    one JSON object a line: fault, acknowledged, lost, doubled, longest_refusal_s
  --only    the faults whose names hold this text
  --seed    of what is done at random; else another each time
`;

const LONGEST_REFUSAL_S = 10;
/** Share of the processors beyond which the machine is not one that refusals can be measured on. */
const MOST_OTHER_WORK = 0.25;

/** `touchline chaos [--quick] [--json] [--only <text>] [--seed <number>]` */
export async function chaos(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return;
  }
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  const directory = await mkdtemp(path.join(tmpdir(), 'touchline-chaos-'));
  const rows: Row[] = [];
  const wrong: string[] = [];
  const options = {
    directory,
    quick: values.quick,
    only: values.only,
    seed: Number(values.seed),
    over(row: Row, otherWork: number) {
      rows.push(row);
      if (values.json) process.stdout.write(`${JSON.stringify(row)}\n`);
      else process.stderr.write(`${row.fault}: over\n`);
      const isLate = row.longest_refusal_s > LONGEST_REFUSAL_S;
      const isQuiet = otherWork <= MOST_OTHER_WORK;
      if (isLate && !isQuiet)
        process.stderr.write(
          `Other work takes ${(otherWork * 100).toFixed(0)} % of this machine: ` +
            `the refusals of ${row.longest_refusal_s} s are not judged.\n`,
        );
      if (row.lost > 0 || row.doubled > 0 || (isLate && isQuiet)) wrong.push(row.fault);
    },
    say: (line: string) => process.stderr.write(`${line}\n`),
  };
  try {
    const complaints = await wholeSystem(options);
    if (!values.quick) complaints.push(...(await withEnginesApart(options)));
    if (!values.json) printRows(rows);
    if (wrong.length > 0) complaints.push(`Not survived: ${wrong.join('; ')}.`);
    if (complaints.length > 0) throw new CommandError(complaints.join('\n'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
