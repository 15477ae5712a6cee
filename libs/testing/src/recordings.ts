import { existsSync, readFileSync } from 'node:fs';
import type { Columns } from '@touchline/metrics';

/** Thrown for a file that is no recording; the message is `file:line: what was wrong, what would be right`. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

/** A cell of an API frame: null for missing. */
export type FrameColumn = (number | null)[];

/** A device's frame as the API takes it; a channel without samples is absent. */
export interface Frame {
  gnss?: Record<'timestamp' | 'latitude' | 'longitude' | 'speed' | 'altitude', FrameColumn>;
  ecg?: Record<'timestamp' | 'hr', FrameColumn>;
  pwr?: Record<'timestamp' | 'pwr_cadence' | 'pwr_instantpower', FrameColumn>;
}

/** Names of the columns of a channel's file, in the order of its frame; the first is required. */
const CHANNELS = {
  gnss: ['timestamp', 'latitude', 'longitude', 'speed', 'altitude'],
  ecg: ['timestamp', 'hr'],
  pwr: ['timestamp', 'pwr_cadence', 'pwr_instantpower'],
} as const;

type Channel = keyof typeof CHANNELS;

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Reads the CSV text of one channel. The header line decides the order of the columns; a column that it does not name
 * and an empty cell are missing (NaN). Rows may come in any order.
 * @throws RecordingError
 */
export function parseChannel(channel: Channel, text: string, file: string): Record<string, Float64Array> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  while (lines.length > 0 && lines.at(-1)!.trim() === '') lines.pop();
  const expected = CHANNELS[channel];
  const header = lines[0]?.split(',').map((name) => name.trim()) ?? [];
  const fail = (line: number, problem: string): never => {
    throw new RecordingError(`${file}:${line}: ${problem}`);
  };
  const listed = expected.join(',');
  for (const [i, name] of header.entries()) {
    if (!(expected as readonly string[]).includes(name)) {
      fail(1, `unknown column "${name}", known are ${listed}`);
    }
    if (header.indexOf(name) !== i)
      fail(1, `column "${name}" appears twice, each of ${listed} may appear once`);
  }
  if (!header.includes('timestamp')) fail(1, `no column "timestamp" in the header, it would be ${listed}`);

  const columns = Object.fromEntries(
    expected.map((name) => [name, new Float64Array(lines.length - 1).fill(Number.NaN)]),
  );
  for (let row = 1; row < lines.length; row++) {
    const cells = lines[row]!.split(',');
    if (cells.length !== header.length) {
      fail(
        row + 1,
        `${cells.length} cells, it would be ${header.length} as in the header (${header.join(',')})`,
      );
    }
    for (const [i, cell] of cells.entries())
      columns[header[i]!]![row - 1] = number(cell.trim(), header[i]!, row + 1);
  }
  return columns;

  function number(cell: string, name: string, line: number): number {
    if (name === 'timestamp') {
      const timestamp = Number(cell);
      if (/^\d+$/.test(cell) && Number.isSafeInteger(timestamp)) return timestamp;
      return fail(
        line,
        `timestamp "${cell}" is not whole milliseconds since 1970, it would be like 1637341832600`,
      );
    }
    if (cell === '') return Number.NaN;
    if (NUMBER.test(cell) && Number.isFinite(Number(cell))) return Number(cell);
    return fail(line, `${name} "${cell}" is not a number, it would be like 4.25 or empty when missing`);
  }
}

/**
 * Reads a recording: a `.gnss.csv` file with the `.ecg.csv` and `.pwr.csv` beside it, where they are.
 * @throws RecordingError for a name that does not end in `.gnss.csv`, a file that is not there, and broken lines
 */
export function readRecording(gnssPath: string): Columns {
  if (!gnssPath.endsWith('.gnss.csv')) {
    throw new RecordingError(`${gnssPath}: not the name of a recording, it would end in .gnss.csv`);
  }
  if (!existsSync(gnssPath)) {
    throw new RecordingError(`${gnssPath}: no such file, it would be the .gnss.csv of a recording`);
  }
  const read = (channel: Channel): Record<string, Float64Array> => {
    const path = gnssPath.replace(/gnss\.csv$/, `${channel}.csv`);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : CHANNELS[channel].join(',');
    return parseChannel(channel, text, path);
  };
  return toColumns(read('gnss'), read('ecg'), read('pwr'));
}

function toColumns(
  gnss: Record<string, Float64Array>,
  ecg: Record<string, Float64Array>,
  pwr: Record<string, Float64Array>,
): Columns {
  return {
    gnss: {
      t: gnss['timestamp']!,
      latitude: gnss['latitude']!,
      longitude: gnss['longitude']!,
      speed: gnss['speed']!,
      altitude: gnss['altitude']!,
    },
    ecg: { t: ecg['timestamp']!, hr: ecg['hr']! },
    pwr: { t: pwr['timestamp']!, power: pwr['pwr_instantpower']!, cadence: pwr['pwr_cadence']! },
  };
}

/** The samples as API frames, one for each second that has any, in time order; missing values are null. */
export function toFrames(columns: Columns): Frame[] {
  const frames = new Map<number, Frame>();
  const { gnss, ecg, pwr } = columns;
  put('gnss', [gnss.t, gnss.latitude, gnss.longitude, gnss.speed, gnss.altitude]);
  put('ecg', [ecg.t, ecg.hr]);
  put('pwr', [pwr.t, pwr.cadence, pwr.power]);
  return [...frames.entries()].sort(([a], [b]) => a - b).map(([, frame]) => frame);

  function put(channel: Channel, values: readonly Float64Array[]): void {
    const names = CHANNELS[channel];
    const t = values[0]!;
    for (let i = 0; i < t.length; i++) {
      const second = Math.floor(t[i]! / 1000);
      let frame = frames.get(second);
      if (!frame) frames.set(second, (frame = {}));
      const part = ((frame as Record<Channel, Record<string, FrameColumn>>)[channel] ??= Object.fromEntries(
        names.map((name) => [name, []]),
      ));
      for (const [c, name] of names.entries()) {
        const value = values[c]![i]!;
        part[name]!.push(Number.isNaN(value) ? null : value);
      }
    }
  }
}

/** The samples of API frames as columns; the inverse of {@link toFrames}. */
export function fromFrames(frames: readonly Frame[]): Columns {
  const channel = (name: Channel): Record<string, Float64Array> =>
    Object.fromEntries(
      CHANNELS[name].map((column) => [
        column,
        Float64Array.from(
          frames.flatMap((frame) => (frame[name] as Record<string, FrameColumn> | undefined)?.[column] ?? []),
          (value) => value ?? Number.NaN,
        ),
      ]),
    );
  return toColumns(channel('gnss'), channel('ecg'), channel('pwr'));
}
