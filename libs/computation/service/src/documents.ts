import { timestampMs } from '@bufbuild/protobuf/wkt';
import type { Activity, TimeFrame } from '@touchline/contracts/activity/v1/service';
import type { EventLog } from '@touchline/event-log';
import {
  emptyDocument,
  type Extensions,
  type MetricsDocument,
  roundDocument,
  type TimeFrameInput,
} from '@touchline/metrics';
import type { ProjectionRunner } from '@touchline/read-models';
import type { Computer } from './computer.ts';
import { type Inputs, sportOf } from './inputs.ts';
import { computedModel } from './projections/computed.ts';
import { framesModel } from './projections/frames.ts';

type Status = NonNullable<Extensions['status']>;
type Params = NonNullable<TimeFrameInput['params']>;

/** How long a reader waits for the computation to pass what the log held when he asked. */
const PATIENCE_MS = 250;

export interface DocumentsOptions {
  readonly log: Pick<EventLog, 'lastPosition'>;
  readonly projections: ProjectionRunner;
  readonly computer: Computer;
  readonly inputs: Inputs;
}

/** Computed documents as they are answered: rounded, with `extensions.status`. */
export class Documents {
  readonly #options: DocumentsOptions;

  constructor(options: DocumentsOptions) {
    this.#options = options;
  }

  /** JSON text. @throws MongoError, EventLogUnavailable */
  async json(frame: TimeFrame, activity: Activity, signal: AbortSignal): Promise<string> {
    const caughtUp = await this.#catchUp(frame.id, signal);
    const { projections } = this.#options;
    const frames = await projections.collection(framesModel);
    const [computed, touched] = await Promise.all([
      projections.collection(computedModel).then((c) => c.findOne({ _id: frame.id })),
      frames.findOne({ _id: frame.id }, { projection: { position: 1 } }),
    ]);
    if (!computed || computed.gone) return say(await this.#empty(frame, activity), 'pending');
    const current = caughtUp && touched !== null && computed.position >= touched.position;
    const document =
      computed.document === null
        ? { ...(await this.#empty(frame, activity)), last_computation: computed.changedMs }
        : computed.document;
    return say(document, current ? 'up-to-date' : 'computing');
  }

  /** Whether everything that the log held when the question came has been taken notice of; computes it, too, if it may. */
  async #catchUp(id: number, signal: AbortSignal): Promise<boolean> {
    const { log, projections, computer } = this.#options;
    const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    try {
      const last = await log.lastPosition();
      if (last !== undefined) await projections.passed(last, patience);
      const frames = await projections.collection(framesModel);
      const touched = await frames.findOne({ _id: id }, { projection: { position: 1 } });
      if (touched && projections.held)
        await withPatience(computer.flush(id, touched.position, signal), patience);
      return true;
    } catch (error) {
      if (patience.aborted) return false;
      throw error;
    }
  }

  /** The document of an empty recording. */
  async #empty(frame: TimeFrame, activity: Activity): Promise<MetricsDocument> {
    const { birthDate } = await this.#options.inputs.athlete(frame.athlete);
    return emptyDocument({
      sport: sportOf(activity.jsonSchema),
      window: {
        startMs: frame.startTime ? timestampMs(frame.startTime) : 0,
        endMs: frame.endTime ? timestampMs(frame.endTime) : 0,
      },
      activityParams: (activity.json ?? {}) as Params,
      params: (frame.params ?? {}) as Params,
      birthDate,
    });
  }
}

function say(document: MetricsDocument, status: Status): string {
  const rounded = roundDocument(document);
  return JSON.stringify({ ...rounded, extensions: { status, ...rounded.extensions } });
}

/** Rejects with the signal's reason when the work takes longer; the work goes on. */
async function withPatience(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<never>();
  const stop = () => over.reject(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    await Promise.race([work, over.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
    work.catch(() => undefined);
  }
}
