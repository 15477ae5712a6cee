import { type EventLog, type KeySource, type Position, together } from '@touchline/event-log';
import { ALGORITHM_VERSION } from '@touchline/metrics';
import type { ReadModelCollection } from '@touchline/read-models';
import type { FrameInput, Inputs } from './inputs.ts';
import {
  type Computed,
  type ComputedDocument,
  writeComputed,
  type WrittenDocument,
} from './projections/computed.ts';
import { readingAtMost } from './reading-at-most.ts';
import { Recording } from './recording.ts';

export interface FrameComputingOptions {
  readonly log: Pick<EventLog, 'read'>;
  readonly inputs: Inputs;
  readonly dayKeys: KeySource;
  /** Where documents are written: one a set. */
  readonly targets: () => Promise<readonly ReadModelCollection<ComputedDocument>[]>;
  /** How far all facts are projected, when they are projected meanwhile. */
  readonly projectedTo?: () => Position;
}

interface Active {
  /** What the recording was begun with; another one begins a new recording. */
  readonly signature: string;
  readonly recording: Recording;
  usedMs: number;
}

/** Time frames that are computed at the same time, and documents that are written with one command. */
export const AT_ONCE = 64;
/** Of day streams, which are much larger than what becomes of them. */
const READS_AT_ONCE = 16;
export const ACTIVE_FOR_MS = 600_000;
export const MAX_ACTIVE = 1_000;

const signatureOf = ({ device, intervals, metrics, erased }: FrameInput): string =>
  JSON.stringify([device, intervals, metrics, erased]);

/** Computes and writes the documents of time frames, and keeps what it read of the active ones. */
export class FrameComputing {
  readonly #options: FrameComputingOptions;
  readonly #log: Pick<EventLog, 'read'>;
  readonly #active = new Map<number, Active>();
  /** What is computed while documents are written is written with the next. */
  readonly #write = together(async (documents: readonly WrittenDocument[]) => {
    const targets = await this.#options.targets();
    await Promise.all(targets.map((target) => writeComputed(target, documents)));
    return documents.map(() => undefined);
  }, AT_ONCE);

  constructor(options: FrameComputingOptions) {
    this.#options = options;
    this.#log = readingAtMost(READS_AT_ONCE, options.log);
  }

  /** @returns the position of the document that was written; undefined when there is no such time frame */
  async compute(id: number, signal: AbortSignal): Promise<Position | undefined> {
    const projectedTo = this.#options.projectedTo?.();
    // Of a batch that is being written the time frame may be there before what it depends on: a document made of such
    // a mixture must not pass for one of the newer position, or the right one would never replace it.
    const sure = (position: Position) =>
      projectedTo !== undefined && projectedTo < position ? projectedTo : position;
    const input = await this.#options.inputs.of(id);
    if (!input) return undefined;
    if ('gone' in input) {
      const position = sure(input.gone);
      this.#active.delete(id);
      await this.#write({ _id: id, position, gone: true });
      return position;
    }
    const position = sure(input.position);
    const recording = this.#recordingOf(input);
    try {
      await recording.catchUp(signal);
      await this.writeDocument(id, position, recording, input.changedMs);
    } catch (error) {
      // What it has read is no longer certain.
      this.#active.delete(id);
      throw error;
    }
    return position;
  }

  /** @param changedMs when what the document depends on beside the samples changed last */
  async writeDocument(
    id: number,
    position: Position,
    recording: Recording,
    changedMs: number,
  ): Promise<void> {
    const computed: Computed = recording.isEmpty
      ? { document: null, changedMs }
      : { document: recording.document(changedMs) };
    await this.#write({ _id: id, position, algorithm: ALGORITHM_VERSION, ...computed });
  }

  clear(): void {
    this.#active.clear();
  }

  #recordingOf(input: FrameInput): Recording {
    const nowMs = performance.now();
    const signature = signatureOf(input);
    const known = this.#active.get(input.id);
    const active =
      known?.signature === signature
        ? known
        : {
            signature,
            recording: new Recording(this.#log, this.#options.dayKeys, input),
            usedMs: nowMs,
          };
    active.usedMs = nowMs;
    this.#active.delete(input.id);
    this.#active.set(input.id, active);
    for (const [id, { usedMs }] of this.#active) {
      if (this.#active.size <= MAX_ACTIVE && usedMs > nowMs - ACTIVE_FOR_MS) break;
      this.#active.delete(id);
    }
    return active.recording;
  }
}
