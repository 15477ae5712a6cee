import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type Actor,
  mayCreate,
  mayList,
  mayManage,
  ownerOfList,
  type TimeFrameCommand,
  type TimeFrameFields,
} from '@touchline/activity-domain';
import {
  type ActivityService,
  type Expand,
  type TimeFrameFilter,
  TimeFrameRefusal,
  TimeFrameSchema,
  type UpdateTimeFrameRequest,
} from '@touchline/contracts/activity/v1/service';
import { type CommandContext, encodeBinaryMessage, type IdSequence } from '@touchline/event-log';
import { listMessages, RowEncoder } from '@touchline/read-models';
import { type CallContext, type Handlers, RpcError } from '@touchline/rpc';
import { actorOf, require } from './callers.ts';
import { activityMessage, timeFrameMessage } from './messages.ts';
import type { Peers } from './peers.ts';
import { type TimeFrameDocument, timeFrameOf } from './projections/time-frames.ts';
import type { Queries, StoredTimeFrame } from './queries.ts';
import { notFound, requireRevision } from './rejection-status.ts';
import type { TimeFrameRules } from './time-frame-rules.ts';
import type { TimeFrameDone, TimeFrames } from './time-frames.ts';
import { optionalMs } from './timestamps.ts';
import type { Wearings } from './wearing.ts';

const { FORBIDDEN, NOT_FOUND } = TimeFrameRefusal;

type TimeFrameHandlers = Pick<
  Handlers<typeof ActivityService>,
  'createTimeFrame' | 'listTimeFrames' | 'getTimeFrames' | 'updateTimeFrame' | 'deleteTimeFrame'
>;

export interface TimeFrameDependencies {
  readonly timeFrames: TimeFrames;
  readonly wearings: Wearings;
  readonly rules: TimeFrameRules;
  readonly ids: IdSequence;
  readonly peers: Peers;
  readonly queries: Queries;
}

/** Rows of a page that are put together with their resources at once. */
const EXPANDED_AT_ONCE = 150;
/** Of an update whose time frame somebody else changes meanwhile. */
const MAX_ATTEMPTS = 8;

const claims = ({ owner, athlete, device, startMs, endMs }: TimeFrameFields): readonly number[] => [
  owner,
  athlete,
  device,
  startMs,
  endMs,
];

const encodedTimeFrame = (message: MessageInitShape<typeof TimeFrameSchema>): Uint8Array =>
  encodeBinaryMessage(TimeFrameSchema, message);

const timeFrameRows = new RowEncoder<TimeFrameDocument>((document) => {
  const { id, fields, revision } = timeFrameOf(document);
  return encodedTimeFrame(timeFrameMessage(id, fields, revision));
});

const isExpanded = (expand: Expand | undefined): expand is Expand =>
  expand !== undefined && (expand.device || expand.activity || expand.athlete);

export function timeFrameHandlers(dependencies: TimeFrameDependencies): TimeFrameHandlers {
  const { timeFrames, wearings, rules, ids, peers, queries } = dependencies;

  /** The time frame that a path names: 404 before 403, and 404 outside the filter. */
  async function named(
    id: number,
    filter: TimeFrameFilter | undefined,
    actor: Actor,
  ): Promise<{ fields: TimeFrameFields; revision: number }> {
    const found = await timeFrames.find(id);
    if (!found) throw notFound();
    require(mayManage(actor, found.fields.owner));
    if (!queries.timeFramePasses(found.fields, filter)) throw notFound();
    return found;
  }

  const run = (
    id: number,
    command: TimeFrameCommand,
    context: CommandContext,
    { reserves, ifRevision }: { reserves: boolean; ifRevision?: number | undefined },
  ): Promise<TimeFrameDone> =>
    timeFrames.run(id, command, context, {
      ifRevision,
      isNew: command.type === 'CreateTimeFrame',
      reserve: reserves
        ? ({ device, owner, athlete, startMs, endMs }, target) =>
            wearings.reserve(device, { timeFrameId: id, owner, athlete, startMs, endMs }, target, context)
        : undefined,
    });

  /** What the request leaves out stays as it is in `current`; all rules hold for the result. */
  const merged = (
    request: UpdateTimeFrameRequest,
    current: TimeFrameFields,
    actor: Actor,
    context: CallContext,
  ): Promise<TimeFrameFields> => {
    const activity = request.activity ?? current.activity;
    return rules.check(
      {
        startMs: optionalMs(request.startTime) ?? current.startMs,
        endMs: optionalMs(request.endTime) ?? current.endMs,
        params: request.params ?? current.params,
        device: request.device ?? current.device,
        activity,
        athlete: request.athlete ?? current.athlete,
        owner: request.owner ?? current.owner,
        // Another activity may be of another sport: its schema is the default, as in a new time frame.
        jsonSchema: request.jsonSchema ?? (activity === current.activity ? current.jsonSchema : undefined),
      },
      actor,
      context,
    );
  };

  /** With the resources that were asked for in the place of their ids. */
  async function withResources(
    rows: readonly StoredTimeFrame[],
    expand: Expand | undefined,
    actor: Actor,
    context: CallContext,
  ) {
    const plain = rows.map(({ id, fields, revision }) => timeFrameMessage(id, fields, revision));
    if (!isExpanded(expand)) return plain;
    const idsOf = (field: 'device' | 'athlete' | 'activity') => [
      ...new Set(rows.map(({ fields }) => fields[field])),
    ];
    const reader = actor.role === 'MANAGER' ? actor.userId : undefined;
    const [devices, athletes, activities] = await Promise.all([
      peers.devices(expand.device ? idsOf('device') : [], context),
      peers.athletes(expand.athlete ? idsOf('athlete') : [], reader, context),
      queries.activitiesById(expand.activity ? idsOf('activity') : []),
    ]);
    return rows.map(({ fields }, i) => {
      const activity = activities.get(fields.activity);
      const deviceResource = devices.get(fields.device);
      const athleteResource = athletes.get(fields.athlete);
      return {
        ...plain[i],
        ...(deviceResource && { deviceResource }),
        ...(athleteResource && { athleteResource }),
        ...(activity && {
          activityResource: activityMessage(activity.id, activity.fields, activity.revision),
        }),
      };
    });
  }

  /** What was written, with ids when its resources cannot be had: the change has been made all the same. */
  async function shown(
    { id, fields, revision }: StoredTimeFrame,
    expand: Expand | undefined,
    actor: Actor,
    context: CallContext,
  ) {
    try {
      const [message] = await withResources([{ id, fields, revision }], expand, actor, context);
      if (message) return message;
    } catch {
      // Another context is away.
    }
    return timeFrameMessage(id, fields, revision);
  }

  return {
    async createTimeFrame(request, context) {
      const actor = actorOf(context);
      require(mayCreate(actor));
      const fields = await rules.check(
        {
          startMs: optionalMs(request.startTime),
          endMs: optionalMs(request.endTime),
          params: request.params,
          device: request.device || undefined,
          activity: request.activity || undefined,
          athlete: request.athlete || undefined,
          owner: request.owner,
          jsonSchema: request.jsonSchema,
        },
        actor,
        context,
      );
      const id = await ids.next();
      const command = context.commandContext();
      const done = await run(
        id,
        { type: 'CreateTimeFrame', timeFrameId: id, fields, at: command.at, by: command.actor },
        command,
        { reserves: true },
      );
      context.written(done.written);
      return { timeFrame: timeFrameMessage(id, fields, done.revision) };
    },

    async *listTimeFrames({ options, filter, expand }, context) {
      const actor = actorOf(context);
      require(mayList(actor));
      for await (const { count, rows } of queries.listTimeFrames(ownerOfList(actor), options, filter)) {
        if (!isExpanded(expand)) {
          yield* listMessages(count, rows, (document) => timeFrameRows.row(document).bytes);
          continue;
        }
        for (let from = 0; from === 0 || from < rows.length; from += EXPANDED_AT_ONCE) {
          const some = rows.slice(from, from + EXPANDED_AT_ONCE);
          const frames = some.map((document) => timeFrameOf(timeFrameRows.document(document)));
          const messages = await withResources(frames, expand, actor, context);
          yield* listMessages(count, messages, encodedTimeFrame);
        }
      }
    },

    async getTimeFrames({ timeFrames: ids, filter, expand }, context) {
      const actor = actorOf(context);
      const found = await Promise.all(ids.map((id) => queries.timeFrame(id)));
      const answers = found.map((frame) => {
        if (!frame) return NOT_FOUND;
        if (!mayManage(actor, frame.fields.owner)) return FORBIDDEN;
        return queries.timeFramePasses(frame.fields, filter) ? frame : NOT_FOUND;
      });
      const shown = answers.filter((answer) => typeof answer === 'object');
      const messages = (await withResources(shown, expand, actor, context)).values();
      return {
        answers: answers.map((answer) =>
          typeof answer === 'object'
            ? { answer: { case: 'timeFrame', value: messages.next().value! } }
            : { answer: { case: 'refusal', value: answer } },
        ),
      };
    },

    async updateTimeFrame(request, context) {
      const actor = actorOf(context);
      const id = request.timeFrame;
      const command = context.commandContext();
      for (let attempt = 1; ; attempt += 1) {
        const current = await named(id, request.filter, actor);
        requireRevision(current.revision, request.ifRevision);
        const fields = await merged(request, current.fields, actor, context);
        const changes = claims(fields).some((value, i) => value !== claims(current.fields)[i]);
        try {
          const done = await run(
            id,
            { type: 'UpdateTimeFrame', fields, at: command.at, by: command.actor },
            command,
            { reserves: changes, ifRevision: current.revision },
          );
          const { device } = current.fields;
          if (fields.device !== device) void wearings.release(device, id, command);
          context.written(done.written);
          const written = { id, fields, revision: done.revision };
          return { timeFrame: await shown(written, request.expand, actor, context) };
        } catch (error) {
          // Somebody else changed it meanwhile: what he changed and this request leaves out is to stay.
          const isPassed = error instanceof RpcError && error.status === 'precondition';
          if (!isPassed || request.ifRevision !== undefined || attempt >= MAX_ATTEMPTS) throw error;
        }
      }
    },

    async deleteTimeFrame({ timeFrame, filter, ifRevision }, context) {
      const { fields, revision } = await named(timeFrame, filter, actorOf(context));
      requireRevision(revision, ifRevision);
      const command = context.commandContext();
      const done = await run(
        timeFrame,
        { type: 'DeleteTimeFrame', at: command.at, by: command.actor },
        command,
        { reserves: false, ifRevision },
      );
      void wearings.release(fields.device, timeFrame, command);
      context.written(done.written);
      return {};
    },
  };
}
