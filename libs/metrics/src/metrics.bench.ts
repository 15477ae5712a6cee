import type { Columns } from './columns.ts';
import { compute } from './compute.ts';
import type { TimeFrameInput } from './compute-input.ts';
import { bySeconds, makeRecording, MATCH, type RecordingShape, seconds } from './fixtures/recording.ts';
import { gnssBlock } from './fold/gnss-block.ts';
import type { Metric } from './fold/metric.ts';
import { TimeFrameMetrics } from './fold/time-frame-metrics.ts';
import { plausibleGnss } from './input/gnss.ts';
import { plausibleEcg, plausiblePwr } from './input/scalar.ts';
import { liveAccumulator } from './live/live-accumulator.ts';
import { resolveSettings } from './settings.ts';

/** One figure, beside a baseline measured in the same run. */
interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: number | null;
  readonly ratio: number | null;
  readonly goal: string;
  readonly met: boolean | null;
}

const WARM_UP_S = 1;
const TURNS = 7;
/** A turn lasts at least so long: the clock of a thread ticks every 4 ms, and the ratio of two turns is to be good to 2 %. */
const TURN_MS = 400;
const PLAYERS = 25;
const MIB = 2 ** 20;

const INPUT: TimeFrameInput = {
  sport: 'triathlon',
  window: { startMs: MATCH.startMs, endMs: MATCH.startMs + MATCH.durationS * 1000 },
  birthDate: '1998-05-04',
};

/** CPU seconds of this thread since a reading: what else runs on the machine does not show in it. */
function cpuSecondsSince(before: ReturnType<typeof process.threadCpuUsage>): number {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1e6;
}

/** How often a run fits into a turn, once it is warm: the compiler's threads may have to wait on a busy machine. */
function repeatsPerTurn(run: () => unknown): number {
  for (const before = process.threadCpuUsage(); cpuSecondsSince(before) < WARM_UP_S;) run();
  for (let repeats = 1; ; repeats *= 2) {
    const started = performance.now();
    for (let i = 0; i < repeats; i++) run();
    if (performance.now() - started >= TURN_MS) return repeats;
  }
}

/** Median CPU seconds of each of some runs, after warm-up; they take turns, so that a busy machine is busy for all. */
function medianSeconds<const Runs extends readonly (() => unknown)[]>(
  ...runs: Runs
): { [K in keyof Runs]: number } {
  const repeats = runs.map(repeatsPerTurn);
  const times = runs.map((): number[] => []);
  for (let turn = 0; turn < TURNS; turn++) {
    runs.forEach((run, k) => {
      const before = process.threadCpuUsage();
      for (let i = 0; i < repeats[k]!; i++) run();
      times[k]!.push(cpuSecondsSince(before) / repeats[k]!);
    });
  }
  return times.map((of) => of.sort((x, y) => x - y)[TURNS >>> 1]!) as { [K in keyof Runs]: number };
}

const samplesOf = ({ gnss, ecg, pwr }: Columns): number => gnss.t.length + ecg.t.length + pwr.t.length;

/** The samples as the text of API frames, one a second: null for a missing value, no key for an absent channel. */
function frameTexts(frames: readonly Columns[]): string[] {
  const part = (columns: Record<string, Float64Array>): Record<string, (number | null)[]> | undefined =>
    columns['timestamp']!.length === 0
      ? undefined
      : Object.fromEntries(
          Object.entries(columns).map(([name, column]) => [
            name,
            Array.from(column, (x) => (Number.isNaN(x) ? null : x)),
          ]),
        );
  return frames.map(({ gnss: { t, ...gnss }, ecg, pwr }) =>
    JSON.stringify({
      gnss: part({ timestamp: t, ...gnss }),
      ecg: part({ timestamp: ecg.t, hr: ecg.hr }),
      pwr: part({ timestamp: pwr.t, pwr_cadence: pwr.cadence, pwr_instantpower: pwr.power }),
    }),
  );
}

function batchFigure(
  name: string,
  shape: RecordingShape,
  goal: { perSecond: number; ratio: number } | null,
): Figure {
  const columns = makeRecording(shape);
  const millions = samplesOf(columns) / 1e6;
  const texts = frameTexts(bySeconds(columns));
  const [batch, parse] = medianSeconds(
    () => compute({ ...INPUT, columns }),
    () => texts.map((text) => JSON.parse(text) as unknown),
  );
  const [value, baseline] = [millions / batch, millions / parse];
  return {
    name,
    value,
    unit: 'M samples/s',
    baseline,
    ratio: value / baseline,
    goal: goal ? `>= ${goal.perSecond} and >= ${goal.ratio} x JSON.parse` : 'reported',
    met: goal ? value >= goal.perSecond && value / baseline >= goal.ratio : null,
  };
}

function* liveFigures(): Generator<Figure> {
  const columns = makeRecording(MATCH);
  const frames = bySeconds(columns);
  const millions = samplesOf(columns) / 1e6;
  const live = (): ReturnType<typeof liveAccumulator> => {
    const accumulator = liveAccumulator(INPUT);
    for (const frame of frames) accumulator.add(frame);
    return accumulator;
  };
  const [liveSeconds, batchSeconds] = medianSeconds(live, () => compute({ ...INPUT, columns }));
  const value = millions / liveSeconds;
  yield {
    name: 'live, in order, one frame a second',
    value,
    unit: 'M samples/s',
    baseline: millions / batchSeconds,
    ratio: batchSeconds / liveSeconds,
    goal: '>= 3',
    met: value >= 3,
  };
  const last = frames.at(-1)!;
  const running = live();
  const [snapshotSeconds] = medianSeconds(() => {
    running.add(last);
    return running.snapshot();
  });
  yield {
    name: 'live snapshot after 90 minutes',
    value: snapshotSeconds * 1e6,
    unit: 'µs',
    baseline: batchSeconds * 1e6,
    ratio: snapshotSeconds / batchSeconds,
    goal: 'reported',
    met: null,
  };
  yield {
    name: 'live, bytes held of 90 minutes',
    value: running.heldBytes / 1024,
    unit: 'KiB',
    baseline: (samplesOf(columns) * 32) / 1024,
    ratio: (running.heldBytes / samplesOf(columns)) * (1 / 32),
    goal: '<= 64 + 32 B a sample kept',
    met: running.heldBytes <= 65_536 + 32 * 1200,
  };
}

function* teamFigures(): Generator<Figure> {
  const team = Array.from({ length: PLAYERS }, (_, player) =>
    seconds(makeRecording({ ...MATCH, seed: player })),
  );
  const before = process.threadCpuUsage();
  const accumulators = team.map(() => liveAccumulator(INPUT));
  for (let second = 0; second < MATCH.durationS; second++) {
    for (let player = 0; player < PLAYERS; player++)
      accumulators[player]!.add(team[player]!.next().value as Columns);
  }
  const documents = accumulators.map((accumulator) => accumulator.snapshot());
  const cpuSeconds = cpuSecondsSince(before);
  yield {
    name: `${documents.length} players x 90 minutes at once, live`,
    value: cpuSeconds,
    unit: 's of CPU',
    baseline: null,
    ratio: null,
    goal: '< 1.5',
    met: cpuSeconds < 1.5,
  };
  const heldMib = accumulators.reduce((sum, { heldBytes }) => sum + heldBytes, 0) / MIB;
  yield {
    name: `${PLAYERS} players, what the accumulators hold`,
    value: heldMib,
    unit: 'MiB',
    baseline: null,
    ratio: null,
    goal: 'reported',
    met: null,
  };
}

/** The fold of each metric alone over the cleaned recording. */
function* metricFigures(): Generator<Figure> {
  const settings = resolveSettings(INPUT);
  const { gnss, ecg, pwr } = makeRecording(MATCH);
  const { series } = plausibleGnss(gnss, settings.profile.maxPlausibleSpeedMps);
  const { block } = gnssBlock(series, 0, series.t.length, settings);
  const [heartRate, power] = [plausibleEcg(ecg).series, plausiblePwr(pwr).series];
  const blocks = {
    gnss: block,
    ecg: { ...heartRate, from: 0, to: heartRate.t.length },
    pwr: { ...power, from: 0, to: power.t.length },
  };
  new TimeFrameMetrics(settings).foldGnss(block);
  for (const channel of ['gnss', 'ecg', 'pwr'] as const) {
    for (const index of new TimeFrameMetrics(settings).of(channel).keys()) {
      // A metric folds a recording once: each run has its own.
      let name = '';
      const fresh = (): Metric<never> => new TimeFrameMetrics(settings).of(channel)[index]!;
      const [cpuSeconds] = medianSeconds(() => {
        const metric = fresh();
        name = metric.constructor.name;
        metric.fold(blocks[channel] as never);
      });
      yield {
        name: `fold of ${name}`,
        value: blocks[channel].t.length / 1e6 / cpuSeconds,
        unit: 'M samples/s',
        baseline: null,
        ratio: null,
        goal: 'reported',
        met: null,
      };
    }
  }
}

/**
 * Speed of the kernel over made recordings of 90 minutes: all metrics in a batch against `JSON.parse` of the same
 * samples, live, a team at once, and each metric alone.
 */
export async function* benchMetrics(): AsyncIterable<Figure> {
  yield* teamFigures();
  yield {
    name: 'memory of the process after the team',
    value: process.memoryUsage().rss / MIB,
    unit: 'MiB',
    baseline: null,
    ratio: null,
    goal: '< 300',
    met: process.memoryUsage().rss / MIB < 300,
  };
  yield batchFigure('batch, all metrics', MATCH, { perSecond: 15, ratio: 4 });
  const positions = {
    ...MATCH,
    missingSpeed: 1,
    withAltitude: false,
    withHeartRate: false,
    withPower: false,
  };
  yield batchFigure('batch, positions only', positions, { perSecond: 10, ratio: 2.5 });
  yield batchFigure('batch, heavy on efforts', { ...MATCH, paceChangeS: 1 }, null);
  yield* liveFigures();
  yield* metricFigures();
}
