import {
  type ActivityCommand,
  type ActivityEvent,
  type ActivityFields,
  type ActivityState,
  activityStream,
  decideActivity,
  evolveActivity,
  initialActivity,
  type Rejection,
} from '@touchline/activity-domain';
import {
  type CommandContext,
  FoldedStreams,
  runCommand,
  type StreamLog,
  type WrittenPosition,
} from '@touchline/event-log';
import { activityCodec } from './event-codec.ts';
import { rejectionStatus } from './rejection-status.ts';

const decider = { initial: initialActivity, evolve: evolveActivity, decide: decideActivity };

export interface StoredActivity {
  readonly id: number;
  readonly fields: ActivityFields;
  readonly revision: number;
}

/** The rejection of an append at a revision that does not follow the wanted one. */
export const passed = (
  nextRevision: number,
  ifRevision: number | undefined,
): { rejected: Rejection } | undefined =>
  ifRevision === undefined || nextRevision === ifRevision + 1
    ? undefined
    : { rejected: { code: 'revision_passed' } };

/** Activities in the log. Each method throws EventLogUnavailable and EventLogError. */
export class Activities {
  readonly #log: StreamLog;
  readonly #streams: FoldedStreams<ActivityState, ActivityEvent>;

  constructor(log: StreamLog) {
    this.#log = log;
    this.#streams = new FoldedStreams(log, activityCodec, decider);
  }

  /** The activity, `deleted`, or undefined when there never was one. */
  async load(id: number): Promise<StoredActivity | 'deleted' | undefined> {
    const { state, revision } = await this.#streams.load(activityStream(id));
    if (state.status === 'deleted') return 'deleted';
    return state.status === 'active' ? { id, fields: state.fields, revision } : undefined;
  }

  /**
   * @param ifRevision the revision that the activity must have for a change
   * @throws RpcError for a rejection
   */
  async run(
    id: number,
    command: ActivityCommand,
    context: CommandContext,
    ifRevision?: number,
  ): Promise<{ state: ActivityState; revision: number; written: readonly WrittenPosition[] }> {
    const result = await runCommand<ActivityCommand, ActivityState, ActivityEvent, Rejection>({
      log: this.#log,
      stream: activityStream(id),
      codec: activityCodec,
      decider,
      command,
      context,
      beforeAppend: (_events, target) => Promise.resolve(passed(target.revision, ifRevision)),
    });
    if (result.rejected) throw rejectionStatus(result.rejected);
    return result;
  }
}
