import {
  type ActivityCommand,
  type ActivityEvent,
  type ActivityFields,
  type ActivityState,
  activityStream,
  decideActivity,
  evolveActivity,
  initialActivity,
} from '@touchline/activity-domain';
import {
  type CommandContext,
  loadStream,
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

/** Activities in the log. Each method throws EventLogUnavailable and EventLogError. */
export class Activities {
  readonly #log: StreamLog;

  constructor(log: StreamLog) {
    this.#log = log;
  }

  /** The activity, `deleted`, or undefined when there never was one. */
  async load(id: number): Promise<StoredActivity | 'deleted' | undefined> {
    const { state, revision } = await loadStream<ActivityState, ActivityEvent>(
      this.#log,
      activityStream(id),
      activityCodec,
      decider,
    );
    if (state.status === 'deleted') return 'deleted';
    return state.status === 'active' ? { id, fields: state.fields, revision } : undefined;
  }

  /** @throws RpcError for a rejection */
  async run(
    id: number,
    command: ActivityCommand,
    context: CommandContext,
  ): Promise<{ state: ActivityState; revision: number; written: readonly WrittenPosition[] }> {
    const result = await runCommand({
      log: this.#log,
      stream: activityStream(id),
      codec: activityCodec,
      decider,
      command,
      context,
    });
    if (result.rejected) throw rejectionStatus(result.rejected);
    return result;
  }
}
