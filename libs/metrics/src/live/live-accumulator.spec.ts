import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  between,
  bySeconds,
  makeRecording,
  MATCH,
  type RecordingShape,
  seededRandom,
} from '../fixtures/recording.ts';
import {
  type Columns,
  compute,
  emptyDocument,
  liveAccumulator,
  restoreAccumulator,
  type Sport,
  SPORTS,
  type TimeFrameAccumulator,
  type TimeFrameInput,
} from '../index.ts';

function inputFor(shape: RecordingShape, sport: Sport, more: Partial<TimeFrameInput> = {}): TimeFrameInput {
  const window = { startMs: shape.startMs, endMs: shape.startMs + shape.durationS * 1000 };
  return { sport, window, birthDate: '1998-05-04', ...more };
}

/** Adds samples and reads again what the accumulator asks for, as its owner does from the log. */
function feed(accumulator: TimeFrameAccumulator, samples: Columns, log: Columns): number {
  let asked = 0;
  for (let answer = accumulator.add(samples); answer.recompute; asked++) {
    expect(asked).toBeLessThan(3);
    answer = accumulator.add(between(log, ...answer.recompute));
  }
  return asked;
}

const shapes = fc.record({
  seed: fc.integer(),
  startMs: fc.constant(MATCH.startMs),
  durationS: fc.integer({ min: 30, max: 600 }),
  gnssHz: fc.constantFrom(1, 5, 10, 20),
  missingSpeed: fc.constantFrom(0, 0.1, 1),
  glitches: fc.constantFrom(0, 0.01),
  lost: fc.constantFrom(0, 0.002, 0.05),
  paceChangeS: fc.constantFrom(1, 5),
  withHeartRate: fc.boolean(),
  withPower: fc.boolean(),
  withAltitude: fc.boolean(),
});

// Whole recordings second by second: more than the usual 5 s on a busy machine.
describe('liveAccumulator', { timeout: 60_000 }, () => {
  it('gives the document of the batch, bit for bit, at any time and at the end', () => {
    fc.assert(
      fc.property(
        shapes,
        fc.constantFrom(...SPORTS),
        fc.constantFrom(0.2, 1.5, 5, 20),
        fc.infiniteStream(fc.nat(99)),
        (shape, sport, max_gap, dice) => {
          const recording = makeRecording(shape);
          const input = inputFor(shape, sport, { params: { max_gap, intensity_span: 7 } });
          const live = liveAccumulator(input);
          for (const frame of bySeconds(recording)) {
            expect(live.add(frame).recompute).toBeUndefined();
            if (dice.next().value! > 1) continue;
            const end = Math.max(...[frame.gnss.t, frame.ecg.t, frame.pwr.t].map((t) => t.at(-1) ?? 0)) + 1;
            const columns = between(recording, 0, end);
            expect(live.snapshot()).toEqual(compute({ ...input, columns }));
          }
          expect(live.snapshot()).toEqual(compute({ ...input, columns: recording }));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('goes on after save and restore as if nothing had happened', () => {
    fc.assert(
      fc.property(shapes, fc.infiniteStream(fc.nat(99)), (shape, dice) => {
        const recording = makeRecording(shape);
        const input = inputFor(shape, 'triathlon');
        let live = liveAccumulator(input);
        for (const frame of bySeconds(recording)) {
          live.add(frame);
          if (dice.next().value! > 1) continue;
          const before = live.snapshot();
          live = restoreAccumulator(input, live.save())!;
          expect(live.snapshot()).toEqual(before);
        }
        expect(live.snapshot()).toEqual(compute({ ...input, columns: recording }));
      }),
      { numRuns: 20 },
    );
  });

  it('takes frames in any order and repeated, reading again what it asks for', () => {
    fc.assert(
      fc.property(shapes, fc.constantFrom(2, 30, 200), fc.integer(), (shape, spreadS, seed) => {
        const recording = makeRecording({ ...shape, durationS: Math.ceil(shape.durationS / 3) });
        const input = inputFor(shape, 'triathlon', { params: { max_gap: 2 } });
        const random = seededRandom(seed);
        const arrivals = bySeconds(recording)
          .flatMap((frame, second) => (random() < 0.1 ? [frame, frame] : [frame]).map((f) => ({ f, second })))
          .map(({ f, second }) => ({ f, at: second + spreadS * random() }))
          .sort((a, b) => a.at - b.at)
          .map(({ f }) => f);
        const live = liveAccumulator(input);
        const log = { gnss: new Set<number>(), ecg: new Set<number>(), pwr: new Set<number>() };
        for (const frame of arrivals) {
          for (const channel of ['gnss', 'ecg', 'pwr'] as const)
            for (const t of frame[channel].t) log[channel].add(t);
          const asked = live.add(frame).recompute;
          if (!asked) continue;
          feed(live, logged(recording, log, ...asked), recording);
        }
        expect(live.snapshot()).toEqual(compute({ ...input, columns: recording }));
      }),
      { numRuns: 15 },
    );
  });

  it('goes back only so far as a late sample is late', () => {
    const recording = makeRecording(MATCH);
    const input = inputFor(MATCH, 'triathlon');
    const live = liveAccumulator(input);
    const frames = bySeconds(recording);
    const [late] = frames.splice(3600, 1);
    expect(frames.filter((frame) => live.add(frame).recompute)).toEqual([]);
    const [from, to] = live.add(late!).recompute!;
    expect(to).toBe(recording.gnss.t.at(-1)! + 1);
    expect(from).toBeLessThan(MATCH.startMs + 3600_000);
    expect(from).toBeGreaterThan(MATCH.startMs + (5400 - 4 * 1800 - 300) * 1000);
    expect(live.add(between(recording, from, to))).toEqual({});
    expect(live.snapshot()).toEqual(compute({ ...input, columns: recording }));
  });

  it('comes right even when other samples are added before what it asked for', () => {
    const shape = { ...MATCH, durationS: 1200 };
    const recording = makeRecording(shape);
    const input = inputFor(shape, 'triathlon');
    const live = liveAccumulator(input);
    const frames = bySeconds(recording);
    const [late] = frames.splice(300, 1);
    for (const frame of frames.slice(0, 1000)) live.add(frame);
    const asked = live.add(late!).recompute!;
    for (const frame of frames.slice(1000)) expect(live.add(frame).recompute).toBeUndefined();
    feed(live, between(recording, ...asked), recording);
    expect(live.snapshot()).toEqual(compute({ ...input, columns: recording }));
  });

  it('does not mind repeats of what it still keeps', () => {
    const shape = { ...MATCH, durationS: 600 };
    const recording = makeRecording(shape);
    const input = inputFor(shape, 'soccer');
    const live = liveAccumulator(input);
    for (const frame of bySeconds(recording)) live.add(frame);
    expect(live.add(between(recording, shape.startMs + 590_000, shape.startMs + 600_000))).toEqual({});
    expect(live.snapshot()).toEqual(compute({ ...input, columns: recording }));
  });

  it('leaves out what lies outside the window, and one stray time far ahead closes nothing', () => {
    const shape = { ...MATCH, durationS: 600 };
    const recording = makeRecording(shape);
    const window = { startMs: shape.startMs + 60_000, endMs: shape.startMs + 3_600_000 };
    const input = inputFor(shape, 'soccer', { window });
    const stray = between(recording, shape.startMs, shape.startMs + 100);
    stray.gnss.t.fill(shape.startMs + 3_000_000);
    const live = liveAccumulator(input);
    live.add(stray);
    expect(bySeconds(recording).filter((frame) => live.add(frame).recompute)).toEqual([]);
    const all = { ...recording, gnss: { ...recording.gnss } };
    for (const key of ['t', 'latitude', 'longitude', 'speed', 'altitude'] as const) {
      all.gnss[key] = Float64Array.of(...recording.gnss[key], stray.gnss[key][0]!);
    }
    expect(live.snapshot().extensions.quality.gaps).toBe(1);
    const withoutRepeatedScalars = compute({ ...input, columns: all });
    expect(live.snapshot().total_distance).toBe(withoutRepeatedScalars.total_distance);
  });

  it('starts with the empty document and is not restored for other parameters or from half a file', () => {
    const input = inputFor(MATCH, 'running');
    const live = liveAccumulator(input);
    expect(live.snapshot()).toEqual(emptyDocument(input));
    const saved = live.save();
    expect(restoreAccumulator(input, saved)?.snapshot()).toEqual(emptyDocument(input));
    expect(restoreAccumulator({ ...input, params: { max_hr: 180 } }, saved)).toBeNull();
    expect(restoreAccumulator(input, saved.subarray(0, saved.length / 2))).toBeNull();
    expect(restoreAccumulator(input, new Uint8Array(0))).toBeNull();
  });

  it('holds at most 64 KiB and 32 bytes for each sample that can still change, however long it runs', () => {
    const shape = { ...MATCH, durationS: 6 * 3600 };
    const live = liveAccumulator(inputFor(shape, 'triathlon'));
    let most = 0;
    for (const frame of bySeconds(makeRecording(shape))) {
      live.add(frame);
      most = Math.max(most, live.heldBytes);
    }
    expect(most).toBeLessThan(65_536 + 32 * 60 * 12);
  });
});

/** The samples of a range that have arrived. */
function logged(
  recording: Columns,
  arrived: Record<'gnss' | 'ecg' | 'pwr', Set<number>>,
  fromMs: number,
  toMs: number,
): Columns {
  const { gnss, ecg, pwr } = between(recording, fromMs, toMs);
  const only = (channel: 'gnss' | 'ecg' | 'pwr', t: Float64Array, column: Float64Array): Float64Array =>
    column.filter((_, i) => arrived[channel].has(t[i]!));
  return {
    gnss: {
      t: only('gnss', gnss.t, gnss.t),
      latitude: only('gnss', gnss.t, gnss.latitude),
      longitude: only('gnss', gnss.t, gnss.longitude),
      speed: only('gnss', gnss.t, gnss.speed),
      altitude: only('gnss', gnss.t, gnss.altitude),
    },
    ecg: { t: only('ecg', ecg.t, ecg.t), hr: only('ecg', ecg.t, ecg.hr) },
    pwr: {
      t: only('pwr', pwr.t, pwr.t),
      power: only('pwr', pwr.t, pwr.power),
      cadence: only('pwr', pwr.t, pwr.cadence),
    },
  };
}
