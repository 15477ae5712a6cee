import type { EventLog, KeySource, Position, StoredEvent } from '@touchline/event-log';
import type { DerivedDocuments, ReadModelSet, Stored } from '@touchline/read-models';
import { dayStreamOf, framesIngestedType, readFrames, type StoredFrames, utcDays } from '@touchline/samples';
import { FrameComputing } from './frame-computing.ts';
import { Inputs } from './inputs.ts';
import { computedModel, sweptOf, writeSwept } from './projections/computed.ts';
import { type FrameDocument, framesModel, touchesFrame } from './projections/frames.ts';
import { Recording } from './recording.ts';

export interface DerivationOptions {
  readonly log: Pick<EventLog, 'read'>;
  readonly personKeys: KeySource;
  readonly dayKeys: KeySource;
}

const AT_ONCE = 4;
const PAGE = 100;

interface InSet {
  readonly set: ReadModelSet;
  readonly inputs: Inputs;
  readonly computing: FrameComputing;
}

/**
 * Computed documents in a rebuild: one batch per time frame from its day streams, which also tells when telemetry last
 * touched it, instead of each telemetry event by itself.
 */
export class ComputedDerivation implements DerivedDocuments {
  readonly readsItself = [framesIngestedType];
  readonly #options: DerivationOptions;
  /** Of the set that was asked about last: what it read of active time frames is kept for the next refresh. */
  #inSet: InSet | undefined;

  constructor(options: DerivationOptions) {
    this.#options = options;
  }

  async fill(
    set: ReadModelSet,
    upTo: Position,
    signal: AbortSignal,
    onEvents: (count: number) => void,
  ): Promise<void> {
    const frames = set.collection(framesModel);
    for (let after = 0; ;) {
      const page = await frames.find({ _id: { $gt: after } }, { sort: { _id: 1 }, limit: PAGE }).toArray();
      if (page.length === 0) break;
      const ids = page.map(({ _id }) => _id).filter((id) => typeof id === 'number');
      await eachOf(ids, (id) => this.#fillFrame(set, id, upTo, signal, onEvents));
      after = ids.at(-1) ?? Infinity;
    }
    await writeSwept(set.collection(computedModel), upTo);
  }

  async refresh(set: ReadModelSet, upTo: Position, signal: AbortSignal): Promise<void> {
    const { computing } = this.#in(set);
    const computed = set.collection(computedModel);
    const behind = { position: { $gt: await sweptOf(computed), $lte: upTo } };
    const touched = await set
      .collection(framesModel)
      .find(behind, { projection: { _id: 1 }, sort: { position: 1 } })
      .toArray();
    const ids = touched.map(({ _id }) => _id).filter((id) => typeof id === 'number');
    await eachOf(ids, async (id) => void (await computing.compute(id, signal)));
    await writeSwept(computed, upTo);
  }

  async #fillFrame(
    set: ReadModelSet,
    id: number,
    upTo: Position,
    signal: AbortSignal,
    onEvents: (count: number) => void,
  ): Promise<void> {
    signal.throwIfAborted();
    const { inputs, computing } = this.#in(set);
    const input = await inputs.of(id);
    if (!input) return;
    const frames = set.collection(framesModel);
    const frame = (await frames.findOne({ _id: id })) as Stored<FrameDocument>;
    if (frame.gone) return void (await computing.compute(id, signal));
    let last = frame.position;
    const observe = (event: StoredEvent, stored: StoredFrames) => {
      onEvents(1);
      if (event.position > last && event.position <= upTo && touchesFrame(stored, frame))
        last = event.position;
    };
    const recording =
      'gone' in input ? undefined : new Recording(this.#options.log, this.#options.dayKeys, input, observe);
    await recording?.catchUp(signal);
    await this.#observeRest(frame, recording, observe, signal);
    if (last > frame.position)
      await frames.updateOne({ _id: id, position: frame.position }, { $set: { position: last } });
    if (recording && !('gone' in input)) await computing.writeDocument(id, last, recording, input.changedMs);
    else await computing.compute(id, signal);
  }

  /** Days of the window that do not count, since the device had another owner or the athlete is erased. */
  async #observeRest(
    { device, startMs, endMs }: FrameDocument,
    recording: Recording | undefined,
    observe: (event: StoredEvent, frames: StoredFrames) => void,
    signal: AbortSignal,
  ): Promise<void> {
    for (const day of utcDays(startMs, endMs)) {
      const stream = dayStreamOf(device, day);
      if (recording?.streams.includes(stream)) continue;
      for await (const event of this.#options.log.read(stream)) {
        signal.throwIfAborted();
        if (event.type === framesIngestedType) observe(event, readFrames(event));
      }
    }
  }

  #in(set: ReadModelSet): InSet {
    if (this.#inSet?.set === set) return this.#inSet;
    const inputs = new Inputs(
      { collection: (model) => Promise.resolve(set.collection(model)) },
      this.#options.personKeys,
    );
    const computing = new FrameComputing({
      log: this.#options.log,
      dayKeys: this.#options.dayKeys,
      inputs,
      targets: () => Promise.resolve([set.collection(computedModel)]),
    });
    return (this.#inSet = { set, inputs, computing });
  }
}

/** A few at once; the first failure is thrown when the others under way have ended. */
async function eachOf(ids: readonly number[], work: (id: number) => Promise<void>): Promise<void> {
  const left = [...ids];
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      try {
        await work(id);
      } catch (error) {
        left.length = 0;
        throw error;
      }
    }
  });
  const failed = (await Promise.allSettled(workers)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
