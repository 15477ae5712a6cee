import type { ApiClient } from './api.ts';
import { CommandError } from '../command-error.ts';

interface Effort {
  readonly distance: number;
}

interface Efforts {
  readonly [threshold: string]: { readonly threshold: number; readonly values: readonly Effort[] };
}

/** The parts of a computed document that the command prints; metres, m/s, bpm. */
export interface Computed {
  readonly total_distance: number;
  readonly average_speed: number;
  readonly max_speed: number;
  readonly hid: Efforts;
  readonly sprint: Efforts;
  readonly accelerations: Efforts;
  readonly hr_avg: number;
  readonly hr_max: number;
  readonly extensions: { readonly status: string };
}

const POLL_MS = 200;

/** The computed data of a time frame, once everything that was acknowledged before is in it. */
export async function upToDate(api: ApiClient, timeFrame: number, patienceMs = 120_000): Promise<Computed> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const document = await api.get<Computed>(`/timeframes/${timeFrame}/computed/`);
    if (document.extensions.status === 'up-to-date') return document;
    if (Date.now() > until) {
      throw new CommandError(
        `The computed data of time frame ${timeFrame} is still ${document.extensions.status}.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

const kmh = (mps: number): string => (mps * 3.6).toFixed(1);
const count = (efforts: Efforts): number =>
  Object.values(efforts).reduce((sum, { values }) => sum + values.length, 0);
const lowest = (efforts: Efforts): readonly Effort[] => efforts['threshold_1']?.values ?? [];

/** A table with a line for each name, its numbers from the computed documents. */
export function table(rows: readonly { readonly name: string; readonly computed: Computed }[]): string {
  const header = [
    '',
    'distance m',
    'average km/h',
    'max km/h',
    'high intensity m',
    'sprints',
    'accelerations',
    'HR mean',
    'HR max',
  ];
  const lines = rows.map(({ name, computed: c }) => [
    name,
    c.total_distance.toFixed(1),
    kmh(c.average_speed),
    kmh(c.max_speed),
    lowest(c.hid)
      .reduce((sum, { distance }) => sum + distance, 0)
      .toFixed(1),
    String(lowest(c.sprint).length),
    String(count(c.accelerations)),
    c.hr_avg ? c.hr_avg.toFixed(0) : '–',
    c.hr_max ? c.hr_max.toFixed(0) : '–',
  ]);
  const widths = header.map((title, i) =>
    Math.max(title.length, ...lines.map((line) => line[i]?.length ?? 0)),
  );
  return [header, ...lines]
    .map((line) =>
      line
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('  '),
    )
    .join('\n');
}
