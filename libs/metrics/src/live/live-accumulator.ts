import type { TimeFrameAccumulator } from '../accumulator.ts';
import { ALGORITHM_VERSION } from '../algorithm-version.ts';
import { checkColumns, type Columns } from '../columns.ts';
import type { TimeFrameInput } from '../compute-input.ts';
import type { MetricsDocument } from '../document.ts';
import { foldSamples } from '../fold/fold-samples.ts';
import { TimeFrameMetrics } from '../fold/time-frame-metrics.ts';
import { SampleStores } from '../input/sample-stores.ts';
import { resolveSettings, type Settings } from '../settings.ts';
import { type Checkpoint, Checkpoints } from './checkpoints.ts';
import { fingerprint, SavedReader, SavedWriter } from './saved-form.ts';
import { SLICE_SAMPLES, timeSlices } from './time-slices.ts';

/** A sample may come this much later than the newest without anything to be read again. */
const LATE_MS = 15_000;
/** So many samples of the fullest channel stay open, so that one stray time far ahead closes nothing behind it. */
const LEAST_OPEN = 128;
/** So many samples are taken before what has become final is folded. */
const FOLD_EVERY = 512;
/** Windows of power reach back by this. */
const ROLLING_POWER_MS = 30_000;
const SMOOTHED_ALTITUDE_MS = 5000;
/** Smoothing of derived speed (500 ms) and of acceleration (250 ms). */
const SMOOTHED_SPEED_MS = 750;
const SAVED_FORMAT = 1;

/** An accumulator that keeps only what can still change. */
export interface LiveAccumulator extends TimeFrameAccumulator {
  /** Its whole state, for `restoreAccumulator`. */
  save(): Uint8Array;
  /** Bytes of samples and of points to go back to that it holds now; what the document lists comes on top. */
  readonly heldBytes: number;
}

/**
 * How far the metrics of a sample reach to both sides, in ms: the acceleration takes the neighbours, each at most a gap
 * away, their derived speeds the positions around, whose runs need two more neighbours.
 */
function reachMs({ maxGapMs }: Settings): number {
  return Math.max(3 * maxGapMs + SMOOTHED_SPEED_MS, SMOOTHED_ALTITUDE_MS);
}

function fingerprintOf(settings: Settings): number {
  return fingerprint(JSON.stringify([ALGORITHM_VERSION, settings]));
}

/** Newest time of samples in time order. */
function newestOf({ gnss, ecg, pwr }: Columns): number {
  return Math.max(...[gnss.t, ecg.t, pwr.t].map((t) => t.at(-1) ?? Number.NEGATIVE_INFINITY));
}

class Live implements LiveAccumulator {
  readonly #settings: Settings;
  readonly #reachMs: number;
  readonly #keepMs: number;
  readonly #metrics: TimeFrameMetrics;
  readonly #samples: SampleStores;
  readonly #checkpoints: Checkpoints;
  /** The point reached; of its samples before `finalBeforeMs`, `#missing` have still to be read again. */
  #at: Omit<Checkpoint, 'mark'>;
  #missing = 0;
  #newestMs = Number.NEGATIVE_INFINITY;
  #foldAt = FOLD_EVERY;
  #document: MetricsDocument | null = null;

  constructor(settings: Settings) {
    const { startMs } = settings.window;
    this.#settings = settings;
    this.#reachMs = reachMs(settings);
    this.#keepMs = Math.max(this.#reachMs, ROLLING_POWER_MS);
    this.#metrics = new TimeFrameMetrics(settings);
    this.#samples = new SampleStores(settings.window);
    this.#at = { foldedToMs: startMs, finalBeforeMs: startMs, keptFinal: 0 };
    this.#checkpoints = new Checkpoints({ ...this.#at, mark: this.#metrics.mark() });
  }

  add(samples: Columns): { recompute?: [from: number, to: number] } {
    checkColumns(samples);
    const count = samples.gnss.t.length + samples.ecg.t.length + samples.pwr.t.length;
    const slices = count <= SLICE_SAMPLES ? [samples] : timeSlices(samples, this.#settings.window);
    let forgottenFromMs = Number.POSITIVE_INFINITY;
    for (const slice of slices) {
      // What comes after samples that were late is to be read again with them.
      if (forgottenFromMs === Number.POSITIVE_INFINITY) forgottenFromMs = this.#take(slice);
      else this.#newestMs = Math.max(this.#newestMs, newestOf(slice));
    }
    return forgottenFromMs === Number.POSITIVE_INFINITY
      ? {}
      : { recompute: [forgottenFromMs, this.#newestMs + 1] };
  }

  /** Takes a few samples; gives the time from which on everything has been forgotten, infinity when nothing has. */
  #take(samples: Columns): number {
    const { fromMs, toMs } = this.#samples.append(samples);
    if (fromMs > toMs) return Number.POSITIVE_INFINITY;
    this.#document = null;
    this.#newestMs = Math.max(this.#newestMs, toMs);
    let forgottenFromMs = Number.POSITIVE_INFINITY;
    if (fromMs < this.#at.finalBeforeMs) forgottenFromMs = this.#lookAtLate(fromMs);
    if (this.#samples.length >= this.#foldAt) this.#foldFinal();
    return forgottenFromMs;
  }

  /** Samples from `lateMs` on have been added before what is final: repeats, what was asked for, or late ones. */
  #lookAtLate(lateMs: number): number {
    const keptFromMs = this.#at.foldedToMs - this.#keepMs;
    const missingBefore = this.#missing;
    if (lateMs >= keptFromMs) {
      this.#missing = this.#at.keptFinal - this.#samples.countBefore(this.#at.finalBeforeMs);
      if (this.#missing >= 0) return Number.POSITIVE_INFINITY;
    }
    // While samples are being read again nobody can tell which one is late.
    return this.#goBackBefore(missingBefore > 0 ? Math.min(lateMs, keptFromMs) : lateMs);
  }

  #goBackBefore(timeMs: number): number {
    const { mark, ...at } = this.#checkpoints.goBackBefore(timeMs);
    this.#metrics.goBackTo(mark);
    this.#samples.clear();
    this.#at = at;
    this.#missing = at.keptFinal;
    this.#foldAt = FOLD_EVERY;
    return Math.max(this.#settings.window.startMs, at.foldedToMs - this.#keepMs);
  }

  /** Folds what no sample can change any more unless it is late, and keeps what the rest still needs of it. */
  #foldFinal(): void {
    const samples = this.#samples;
    const columns = samples.ordered();
    const newestMs = samples.nthNewestMs(1);
    const finalBeforeMs = Math.min(newestMs - LATE_MS, samples.nthNewestMs(LEAST_OPEN));
    if (this.#missing === 0 && finalBeforeMs > this.#at.finalBeforeMs) {
      const foldedToMs = Math.max(this.#at.foldedToMs, finalBeforeMs - this.#reachMs);
      foldSamples(this.#metrics, columns, this.#settings, this.#at.foldedToMs, foldedToMs);
      samples.dropBefore(foldedToMs - this.#keepMs);
      this.#at = { foldedToMs, finalBeforeMs, keptFinal: samples.countBefore(finalBeforeMs) };
      this.#checkpoints.push({ ...this.#at, mark: this.#metrics.mark() });
    }
    this.#foldAt = samples.length + Math.max(FOLD_EVERY, samples.length >>> 2);
  }

  snapshot(): MetricsDocument {
    if (this.#document) return this.#document;
    const mark = this.#metrics.mark();
    const { endMs } = this.#settings.window;
    foldSamples(this.#metrics, this.#samples.ordered(), this.#settings, this.#at.foldedToMs, endMs);
    this.#document = this.#metrics.close();
    this.#metrics.goBackTo(mark);
    return this.#document;
  }

  get heldBytes(): number {
    return this.#samples.heldBytes + this.#checkpoints.heldBytes;
  }

  save(): Uint8Array {
    const writer = new SavedWriter();
    const { foldedToMs, finalBeforeMs, keptFinal } = this.#at;
    writer.put(SAVED_FORMAT, fingerprintOf(this.#settings));
    writer.put(foldedToMs, finalBeforeMs, keptFinal, this.#missing, this.#newestMs);
    writer.putArray(this.#metrics.mark());
    const logs = this.#metrics.logContents();
    writer.put(logs.length);
    for (const log of logs) writer.putArray(log);
    const { gnss, ecg, pwr } = this.#samples.ordered();
    const columns = [gnss.t, gnss.latitude, gnss.longitude, gnss.speed, gnss.altitude, ecg.t, ecg.hr];
    for (const column of [...columns, pwr.t, pwr.power, pwr.cadence]) writer.putArray(column);
    const { list } = this.#checkpoints;
    writer.put(list.length);
    for (const checkpoint of list) {
      writer.put(checkpoint.foldedToMs, checkpoint.finalBeforeMs, checkpoint.keptFinal);
      writer.putArray(checkpoint.mark);
    }
    return writer.bytes();
  }

  restore(reader: SavedReader): void {
    this.#at = { foldedToMs: reader.get(), finalBeforeMs: reader.get(), keptFinal: reader.get() };
    this.#missing = reader.get();
    this.#newestMs = reader.get();
    const mark = reader.getArray();
    this.#metrics.restore(
      mark,
      Array.from({ length: reader.get() }, () => reader.getArray()),
    );
    const next = (): Float64Array => reader.getArray();
    this.#samples.append({
      gnss: { t: next(), latitude: next(), longitude: next(), speed: next(), altitude: next() },
      ecg: { t: next(), hr: next() },
      pwr: { t: next(), power: next(), cadence: next() },
    });
    this.#foldAt = this.#samples.length + FOLD_EVERY;
    const checkpoints = Array.from({ length: reader.get() }, () => ({
      foldedToMs: reader.get(),
      finalBeforeMs: reader.get(),
      keptFinal: reader.get(),
      mark: reader.getArray(),
    }));
    this.#checkpoints.list.splice(0, Number.POSITIVE_INFINITY, ...checkpoints);
  }
}

/**
 * Folds samples into the metrics as they become final, and keeps only those that windows may still reach. Samples in
 * order cost constant time, those at most 15 s late hardly more. A sample later than that makes it forget everything
 * from some point before it on: the answer `{recompute: [from, to)}` asks for that range to be read again and added, in
 * time order and before anything else; how far it goes back grows with how late the sample is.
 */
export function liveAccumulator(input: TimeFrameInput): LiveAccumulator {
  return new Live(resolveSettings(input));
}

/**
 * An accumulator as it was when it was saved; null when it was saved by another version or for other parameters,
 * another window or maximum heart rate: then the samples have to be read again.
 */
export function restoreAccumulator(input: TimeFrameInput, saved: Uint8Array): LiveAccumulator | null {
  const settings = resolveSettings(input);
  const reader = new SavedReader(saved);
  if (!reader.isWhole || reader.get() !== SAVED_FORMAT || reader.get() !== fingerprintOf(settings))
    return null;
  const live = new Live(settings);
  live.restore(reader);
  return live;
}
