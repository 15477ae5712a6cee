import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  batchAccumulator,
  type Columns,
  compute,
  liveAccumulator,
  type MetricsDocument,
  restoreAccumulator,
  type Sport,
  type SportParams,
} from '@touchline/metrics';
import { describe, expect, it } from 'vitest';
import { type Frame, fromFrames, readRecording, toFrames } from './recordings.ts';
import { describeShared } from './shared.ts';

interface ExpectedCase extends Frame {
  readonly recording?: string;
  readonly name?: string;
  readonly sport: Sport;
  readonly start_time: number;
  readonly end_time: number;
  readonly params: Partial<SportParams>;
  readonly birth_date: string | null;
  readonly computed: MetricsDocument;
}

interface VendorTotals {
  readonly total_distance: number | null;
  readonly enhanced_max_speed: number | null;
  readonly avg_heart_rate: number | null;
  readonly max_heart_rate: number | null;
  readonly avg_power: number | null;
  readonly max_power: number | null;
  readonly normalized_power: number | null;
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

function casesOf(expected: string, file: string): ExpectedCase[] {
  const content = readJson(join(expected, file)) as ExpectedCase | ExpectedCase[];
  return Array.isArray(content) ? content : [content];
}

function columnsOf(expected: string, { recording, gnss, ecg, pwr }: ExpectedCase): Columns {
  if (recording !== undefined) return readRecording(join(dirname(expected), `${recording}.gnss.csv`));
  return fromFrames([{ ...(gnss ? { gnss } : {}), ...(ecg ? { ecg } : {}), ...(pwr ? { pwr } : {}) }]);
}

const inputOf = ({ sport, start_time, end_time, params, birth_date }: ExpectedCase) => ({
  sport,
  window: { startMs: start_time, endMs: end_time },
  params,
  birthDate: birth_date,
});

/** The definition lets the sum of 4th powers differ by 1e-6; everything else has to be equal to the last bit. */
function expectEqual(actual: MetricsDocument, expected: MetricsDocument): void {
  const [got, wanted] = [structuredClone(actual), structuredClone(expected)];
  const [power, wantedPower] = [got.extensions.power, wanted.extensions.power];
  if (typeof power?.normalized === 'number' && typeof wantedPower?.normalized === 'number') {
    expect(Math.abs(power.normalized / wantedPower.normalized - 1)).toBeLessThan(1e-6);
    power.normalized = wantedPower.normalized;
  }
  expect(got).toEqual(wanted);
}

/** Frames in an order that depends on nothing but their number: every 7th, from each start. */
function shuffled(frames: readonly Frame[]): Frame[] {
  return Array.from({ length: 7 }, (_, start) => frames.filter((_frame, i) => i % 7 === 6 - start)).flat();
}

describeShared(describe, 'the expected documents', ['data', 'expected'], (expected) => {
  const files = readdirSync(expected).filter(
    (file) => file.endsWith('.json') && !file.endsWith('.vendor.json'),
  );
  const cases = files.flatMap((file) =>
    casesOf(expected, file).map((entry) => ({ ...entry, title: entry.name ?? file })),
  );

  it.each(cases)('$title: the batch gives it exactly', (entry) => {
    expectEqual(compute({ ...inputOf(entry), columns: columnsOf(expected, entry) }), entry.computed);
  });

  it.each(cases)('$title: so it does when the frames come shuffled and twice', (entry) => {
    const frames = toFrames(columnsOf(expected, entry));
    const accumulator = batchAccumulator(inputOf(entry));
    for (const frame of [...shuffled(frames), ...frames]) accumulator.add(fromFrames([frame]));
    expectEqual(accumulator.snapshot(), entry.computed);
  });

  it.each(cases)('$title: live gives it exactly, saved and restored half-way', (entry) => {
    const input = inputOf(entry);
    const frames = toFrames(columnsOf(expected, entry));
    let live = liveAccumulator(input);
    for (const [i, frame] of frames.entries()) {
      if (i === frames.length >> 1) live = restoreAccumulator(input, live.save())!;
      live.add(fromFrames([frame]));
    }
    expectEqual(live.snapshot(), entry.computed);
  });

  it.each(['run', 'ride-power'])(
    '%s: the totals are those that the recording device reported',
    (recording) => {
      const [entry] = casesOf(expected, `${recording}.json`);
      const [vendor] = readJson(join(expected, `${recording}.vendor.json`)) as [VendorTotals];
      const document = compute({ ...inputOf(entry!), columns: columnsOf(expected, entry!) });
      const within = (actual: number | undefined, reported: number | null, tolerance: number): void => {
        if (reported !== null) expect(Math.abs(actual! - reported)).toBeLessThanOrEqual(tolerance);
      };
      within(document.total_distance, vendor.total_distance, 0.005 * vendor.total_distance!);
      within(document.max_speed, vendor.enhanced_max_speed, 0);
      within(document.hr_max, vendor.max_heart_rate, 0);
      within(document.hr_avg, vendor.avg_heart_rate, 1);
      within(document.extensions.power?.max, vendor.max_power, 0);
      within(document.extensions.power?.average, vendor.avg_power, 1);
      within(document.extensions.power?.normalized ?? undefined, vendor.normalized_power, 1);
    },
  );
});
