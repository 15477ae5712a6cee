import { parseArgs } from 'node:util';
import { CommandError } from '../command-error.ts';

/** One figure, beside the baseline that was measured in the same run. `ratio` is value / baseline. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: number | null;
  readonly ratio: number | null;
  readonly goal: string;
  readonly met: boolean | null;
}

type Bench = () => AsyncIterable<Figure>;

/** Each bench is loaded when it is named: it may load what no other needs. */
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  log: async () => (await import('@touchline/embedded-engines/log/bench')).benchLog,
  metrics: async () => (await import('@touchline/metrics/bench')).benchMetrics,
  replay: async () => (await import('./replay.ts')).benchReplay,
  rest: async () => (await import('./rest.ts')).benchRest,
  start: async () => (await import('./start.ts')).benchStart,
  webhooks: async () => (await import('./webhooks.ts')).benchWebhooks,
};

const number = (value: number | null): string =>
  value === null
    ? '–'
    : Math.abs(value) >= 100
      ? Math.round(value).toLocaleString('en')
      : value.toPrecision(3);

function print(figures: readonly Figure[]): void {
  const header = ['figure', 'value', 'unit', 'baseline', 'ratio', 'goal', 'met'];
  const lines = figures.map((f) => [
    f.name,
    number(f.value),
    f.unit,
    number(f.baseline),
    f.ratio === null ? '–' : f.ratio.toPrecision(3),
    f.goal,
    f.met === null ? '–' : f.met ? 'yes' : 'NO',
  ]);
  const widths = header.map((title, i) =>
    Math.max(title.length, ...lines.map((line) => line[i]?.length ?? 0)),
  );
  for (const line of [header, ...lines]) {
    process.stdout.write(
      `${line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
}

/** `touchline bench <name> [--json]`: a table of figures, or one JSON object a line. */
export async function bench(args: readonly string[]): Promise<void> {
  if (args.length === 0 || args.includes('--help')) {
    process.stdout.write(
      `Usage: npm run bench -- <name> [--json]\n\nBenches: ${Object.keys(BENCHES).join(', ')}\n`,
    );
    return;
  }
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false } },
  });
  const [name = ''] = positionals;
  const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (!load) throw new CommandError(`Name a bench: ${Object.keys(BENCHES).join(', ')}.`);
  const figures: Figure[] = [];
  for await (const figure of (await load())()) {
    if (values.json) process.stdout.write(`${JSON.stringify(figure)}\n`);
    else process.stderr.write(`measured ${figure.name}\n`);
    figures.push(figure);
  }
  if (!values.json) print(figures);
}
