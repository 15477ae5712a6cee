import type { Activity, ActivityService, TimeFrame } from '@touchline/contracts/activity/v1/service';
import { ComputationService } from '@touchline/contracts/computation/v1/service';
import { Kind } from '@touchline/contracts/permission/v1/events';
import type { PermissionService } from '@touchline/contracts/permission/v1/service';
import { type CallContext, type Client, implement, RpcError } from '@touchline/rpc';
import type { AthleteExport } from './athlete-export.ts';
import type { ComputedReads } from './computed-reads.ts';
import type { Documents } from './documents.ts';
import { mayExport, mayReadComputed, readerOf } from './policy.ts';

export interface HandlerDependencies {
  readonly activity: Client<typeof ActivityService>;
  readonly permission: Client<typeof PermissionService>;
  readonly documents: Documents;
  readonly reads: ComputedReads;
  readonly athleteExport: AthleteExport;
}

const forbidden = (): RpcError =>
  new RpcError('forbidden', 'You do not have permission to perform this action.');

/** Calls in this service's own name, as part of the caller's request. */
const within = ({ requestId, deadlineMs, signal }: CallContext) => ({ requestId, deadlineMs, signal });

export function grpcHandlers({ activity, permission, documents, reads, athleteExport }: HandlerDependencies) {
  /** For each time frame, whether the caller has READ over its whole window. */
  async function readable(frames: readonly TimeFrame[], context: CallContext): Promise<readonly boolean[]> {
    const { caller } = context;
    if (!mayReadComputed(caller)) throw forbidden();
    const reader = readerOf(caller);
    if (reader === undefined || frames.length === 0) return frames.map(() => true);
    const { message } = await permission.check(
      {
        manager: reader,
        kind: Kind.READ,
        windows: frames.map(({ athlete, startTime, endTime }) => ({
          athlete,
          ...(startTime && { startTime }),
          ...(endTime && { endTime }),
        })),
      },
      within(context),
    );
    return message.covered;
  }

  return implement(ComputationService, {
    async getTimeFrameComputed(request, context) {
      const { message } = await activity.findTimeFrame({ timeFrame: request.timeFrame }, within(context));
      const { timeFrame, activity: parent } = message;
      if (!timeFrame || !parent) throw new RpcError('not_found', 'Not found');
      const [covered] = await readable([timeFrame], context);
      if (!covered) throw forbidden();
      await reads.record(context.caller, [timeFrame]);
      return { documentJson: await documents.json(timeFrame, parent, context.signal) };
    },

    async *getActivityComputed(request, context) {
      let parent: Activity | undefined;
      const frames: TimeFrame[] = [];
      for await (const { item } of activity.findActivity({ activity: request.activity }, within(context))) {
        if (item.case === 'activity') parent = item.value;
        else if (item.case === 'timeFrame') frames.push(item.value);
      }
      if (!parent) throw new RpcError('not_found', 'Not found');
      const covered = await readable(frames, context);
      if (frames.length > 0 && !covered.includes(true)) throw forbidden();
      await reads.record(
        context.caller,
        frames.filter((_frame, i) => covered[i]),
      );
      for (const [i, frame] of frames.entries()) {
        if (!covered[i]) continue;
        yield { timeFrame: frame.id, documentJson: await documents.json(frame, parent, context.signal) };
      }
    },

    async *exportAthlete(_request, context) {
      const { caller } = context;
      if (caller.kind !== 'user' || !mayExport(caller)) throw forbidden();
      yield* athleteExport.of(caller.id, within(context));
    },
  });
}
