import {
  decideTimeFrame,
  evolveTimeFrame,
  initialTimeFrame,
  type Rejection,
  type TimeFrameCommand,
  type TimeFrameEvent,
  type TimeFrameFields,
  type TimeFrameState,
  timeFrameStream,
} from '@touchline/activity-domain';
import {
  type CommandContext,
  loadStream,
  runCommand,
  type StreamLog,
  type WrittenPosition,
} from '@touchline/event-log';
import { type Activities, passed } from './activities.ts';
import { timeFrameCodec } from './event-codec.ts';
import { rejectionStatus } from './rejection-status.ts';

const decider = { initial: initialTimeFrame, evolve: evolveTimeFrame, decide: decideTimeFrame };

export interface TimeFrameDone {
  readonly state: TimeFrameState;
  readonly revision: number;
  readonly written: readonly WrittenPosition[];
}

type Reserve = (
  fields: TimeFrameFields,
  target: { stream: string; revision: number },
) => Promise<Rejection | undefined>;

/** Time frames in the log; one whose activity is deleted is deleted. Each method throws EventLogUnavailable and EventLogError. */
export class TimeFrames {
  readonly #log: StreamLog;
  readonly #activities: Activities;

  constructor(log: StreamLog, activities: Activities) {
    this.#log = log;
    this.#activities = activities;
  }

  /** The time frame, or undefined when there is none (any more). */
  async find(id: number): Promise<{ fields: TimeFrameFields; revision: number } | undefined> {
    const { state, revision } = await loadStream<TimeFrameState, TimeFrameEvent>(
      this.#log,
      timeFrameStream(id),
      timeFrameCodec,
      decider,
    );
    if (state.status !== 'active') return undefined;
    const activity = await this.#activities.load(state.fields.activity);
    return activity === 'deleted' ? undefined : { fields: state.fields, revision };
  }

  /**
   * Runs a command.
   *
   * @param reserve called with the fields that are about to be appended, right before each attempt
   * @param ifRevision the revision that the time frame must have for a change
   * @param isNew nothing is to be expected in its stream
   * @throws RpcError for a rejection
   */
  async run(
    id: number,
    command: TimeFrameCommand,
    context: CommandContext,
    {
      reserve,
      ifRevision,
      isNew = false,
    }: { reserve?: Reserve | undefined; ifRevision?: number | undefined; isNew?: boolean } = {},
  ): Promise<TimeFrameDone> {
    const result = await runCommand<TimeFrameCommand, TimeFrameState, TimeFrameEvent, Rejection>({
      log: this.#log,
      stream: timeFrameStream(id),
      codec: timeFrameCodec,
      decider,
      command,
      context,
      isNew,
      beforeAppend: async ([event], target) => {
        const isPassed = passed(target.revision, ifRevision);
        if (isPassed || !reserve) return isPassed;
        if (event?.type !== 'TimeFrameCreated' && event?.type !== 'TimeFrameUpdated') return undefined;
        const rejected = await reserve(event, target);
        return rejected && { rejected };
      },
    });
    if (result.rejected) throw rejectionStatus(result.rejected);
    return result;
  }
}
