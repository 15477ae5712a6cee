import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { between, makeRecording, MATCH, type RecordingShape } from './fixtures/recording.ts';
import {
  type Columns,
  compute,
  JSON_SCHEMAS,
  type MetricsDocument,
  roundDocument,
  type Sport,
  type SportParams,
  SPORTS,
} from './index.ts';
import type { GnssColumns } from './columns.ts';

const GAP_MS = 60_001;

const shapes = fc.record({
  seed: fc.integer(),
  startMs: fc.constant(MATCH.startMs),
  durationS: fc.integer({ min: 10, max: 300 }),
  gnssHz: fc.constantFrom(1, 5, 10),
  missingSpeed: fc.constantFrom(0, 0.1, 1),
  glitches: fc.constantFrom(0, 0.01),
  lost: fc.constantFrom(0, 0.005, 0.05),
  paceChangeS: fc.constantFrom(1, 5),
  withHeartRate: fc.boolean(),
  withPower: fc.boolean(),
  withAltitude: fc.boolean(),
});
const sports = fc.constantFrom(...SPORTS);

const windowOf = ({ startMs, durationS }: RecordingShape) => ({
  startMs,
  endMs: startMs + 3 * durationS * 1000 + 1e6,
});

function documentOf(
  shape: RecordingShape,
  columns: Columns,
  sport: Sport,
  params: Partial<SportParams> = {},
) {
  return compute({ sport, window: windowOf(shape), birthDate: '1998-05-04', params, columns });
}

const mapGnss = (
  columns: Columns,
  change: Partial<{ [K in keyof GnssColumns]: (x: number) => number }>,
): Columns => ({
  ...columns,
  gnss: Object.fromEntries(
    Object.entries(columns.gnss).map(([key, column]) => [
      key,
      (column as Float64Array).map(change[key as keyof GnssColumns] ?? ((x) => x)),
    ]),
  ) as unknown as GnssColumns,
});

/** Samples picked by index, in that order, from every channel. */
function rearranged(columns: Columns, order: (n: number) => number[]): Columns {
  const pick = <C extends object>(channel: C & { t: Float64Array }): C => {
    const indices = order(channel.t.length);
    return Object.fromEntries(
      Object.entries(channel).map(([key, column]) => [
        key,
        Float64Array.from(indices, (i) => (column as Float64Array)[i]!),
      ]),
    ) as C;
  };
  return { gnss: pick(columns.gnss), ecg: pick(columns.ecg), pwr: pick(columns.pwr) };
}

function numbersOf(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return value === null || typeof value !== 'object' ? [] : Object.values(value).flatMap(numbersOf);
}

const durations = (document: MetricsDocument) =>
  document.time_per_speed_ranges.map(({ duration }) => duration);

/** Valid parameters, by what the JSON schemas say. */
const { properties } = JSON_SCHEMAS[6]!.schema as {
  properties: Record<string, { minItems?: number; maxItems?: number }>;
};
const ascending = (name: string, max: number) =>
  fc
    .uniqueArray(fc.double({ min: 0.01, max, noNaN: true }), {
      minLength: properties[name]!.minItems!,
      maxLength: properties[name]!.maxItems!,
    })
    .map((list) => list.sort((a, b) => a - b));
const anyParams = fc.record(
  {
    max_hr: fc.oneof(fc.constant(0), fc.double({ min: 60, max: 260, noNaN: true })),
    speed_ranges: ascending('speed_ranges', 100).map(([, ...edges]) => [0, ...edges]),
    hid_thresholds: ascending('hid_thresholds', 100),
    sprint_thresholds: ascending('sprint_thresholds', 8),
    acceleration_thresholds: ascending('acceleration_thresholds', 5),
    deceleration_thresholds: ascending('deceleration_thresholds', 5),
    hr_zones: ascending('hr_zones', 120),
    intensity_span: fc.integer({ min: 1, max: 86_400 }),
    sprint_min_duration: fc.double({ min: 0, max: 60, noNaN: true }),
    hid_min_duration: fc.double({ min: 0, max: 2, noNaN: true }),
    acceleration_min_duration: fc.double({ min: 0, max: 2, noNaN: true }),
    acceleration_onset: fc.double({ min: 0.1, max: 5, noNaN: true }),
    max_gap: fc.double({ min: 0.1, max: 60, noNaN: true }),
  },
  { requiredKeys: [] },
);

describe('the kernel', { timeout: 60_000 }, () => {
  it('gives the same document for any order of arrival and any repetition', () => {
    fc.assert(
      fc.property(shapes, sports, fc.infiniteStream(fc.nat()), (shape, sport, dice) => {
        const recording = makeRecording(shape);
        const shuffled = rearranged(recording, (n) => {
          const order = Array.from({ length: n }, (_, i) => i);
          for (let i = n - 1; i > 0; i--) {
            const j = dice.next().value! % (i + 1);
            [order[i], order[j]] = [order[j]!, order[i]!];
          }
          return order.flatMap((i) => (dice.next().value! % 4 === 0 ? [i, i] : [i]));
        });
        expect(documentOf(shape, shuffled, sport)).toEqual(documentOf(shape, recording, sport));
      }),
      { numRuns: 30 },
    );
  });

  it('adds up over two recordings with a gap between them, which itself adds nothing', () => {
    fc.assert(
      fc.property(shapes, sports, (shape, sport) => {
        const first = makeRecording(shape);
        const later = shape.startMs + shape.durationS * 1000 + GAP_MS;
        const second = makeRecording({ ...shape, seed: shape.seed ^ 1, startMs: later });
        const joined = rearranged(first, (n) => Array.from({ length: n }, (_, i) => i));
        for (const channel of ['gnss', 'ecg', 'pwr'] as const) {
          for (const key of Object.keys(joined[channel]) as 't'[]) {
            (joined[channel] as { t: Float64Array })[key] = Float64Array.of(
              ...first[channel][key],
              ...second[channel][key],
            );
          }
        }
        const [a, b, both] = [first, second, joined].map((columns) => documentOf(shape, columns, sport));
        const { quality } = both!.extensions;
        expect(both!.total_distance).toBeCloseTo(a!.total_distance + b!.total_distance, 6);
        expect(both!.max_speed).toBe(Math.max(a!.max_speed, b!.max_speed));
        expect(quality.covered_seconds).toBeCloseTo(
          a!.extensions.quality.covered_seconds + b!.extensions.quality.covered_seconds,
          6,
        );
        durations(both!).forEach((s, k) => expect(s).toBeCloseTo(durations(a!)[k]! + durations(b!)[k]!, 6));
        for (const key of ['hid', 'sprint', 'accelerations', 'decelerations'] as const) {
          for (const name of Object.keys(both![key]) as `threshold_${number}`[]) {
            expect(both![key][name]!.values).toEqual([...a![key][name]!.values, ...b![key][name]!.values]);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('shifts with time and changes nothing else', () => {
    fc.assert(
      fc.property(shapes, sports, fc.integer({ min: -1e9, max: 1e9 }), (shape, sport, shiftMs) => {
        const moved = makeRecording({ ...shape, startMs: shape.startMs + shiftMs });
        const document = documentOf(shape, makeRecording(shape), sport);
        const window = windowOf({ ...shape, startMs: shape.startMs + shiftMs });
        const shifted = compute({ sport, window, birthDate: '1998-05-04', columns: moved });
        const without = ({
          total_distance,
          max_speed,
          time_per_speed_ranges,
          extensions,
        }: MetricsDocument) => ({
          total_distance,
          max_speed,
          time_per_speed_ranges,
          extensions,
        });
        expect(without(shifted)).toEqual(without(document));
        expect(shifted.intensity.distance).toEqual(document.intensity.distance);
      }),
      { numRuns: 20 },
    );
  });

  it('scales: twice the time is twice the distance at the same speeds, half the speed half of it', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const recording = makeRecording({ ...shape, missingSpeed: 0 });
        const even = mapGnss(recording, { speed: (v) => (Math.round(v * 1e4) * 2) / 1e4 / 4 });
        const params = { max_gap: 2 };
        const base = documentOf(shape, even, 'triathlon', params);
        const slow = mapGnss(even, { t: (t) => shape.startMs + 2 * (t - shape.startMs) });
        const longer = documentOf(shape, slow, 'triathlon', { max_gap: 4 });
        expect(longer.total_distance).toBeCloseTo(2 * base.total_distance, 6);
        expect(longer.average_speed).toBeCloseTo(base.average_speed, 9);
        expect(longer.extensions.quality.covered_seconds).toBeCloseTo(
          2 * base.extensions.quality.covered_seconds,
          6,
        );
        const twice = documentOf(shape, mapGnss(even, { speed: (v) => 2 * v }), 'triathlon', params);
        expect(twice.total_distance).toBeCloseTo(2 * base.total_distance, 1);
        expect(Math.abs(twice.max_speed - 2 * base.max_speed)).toBeLessThanOrEqual(1.01e-4);
      }),
      { numRuns: 20 },
    );
  });

  it('never throws nor gives NaN for valid parameters, and shares add up', () => {
    fc.assert(
      fc.property(shapes, sports, anyParams, (shape, sport, params) => {
        const document = documentOf(shape, makeRecording(shape), sport, params as Partial<SportParams>);
        expect(
          [...numbersOf(document), ...numbersOf(roundDocument(document))].filter((x) => !Number.isFinite(x)),
        ).toEqual([]);
        const covered = document.extensions.quality.covered_seconds;
        expect(durations(document).reduce((sum, s) => sum + s, 0)).toBeCloseTo(covered, 6);
        const slots = document.intensity.distance.reduce((sum, metres) => sum + metres, 0);
        expect(slots).toBeCloseTo(document.total_distance, 6);
      }),
      { numRuns: 60 },
    );
  });

  it('sees of a recording only what lies in the window', () => {
    fc.assert(
      fc.property(shapes, sports, fc.nat(100), fc.nat(100), (shape, sport, a, b) => {
        const recording = makeRecording(shape);
        const [from, to] = [Math.min(a, b), Math.max(a, b)].map((s) => shape.startMs + s * 1000) as [
          number,
          number,
        ];
        const window = { startMs: from, endMs: to + 1 };
        const input = { sport, window, birthDate: null };
        expect(compute({ ...input, columns: recording })).toEqual(
          compute({ ...input, columns: between(recording, from, to + 1) }),
        );
      }),
      { numRuns: 20 },
    );
  });
});
