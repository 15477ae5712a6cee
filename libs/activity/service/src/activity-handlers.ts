import {
  type Actor,
  type ActivityFields,
  mayCreate,
  mayList,
  mayManage,
  mayNameOwner,
  ownerOfList,
} from '@touchline/activity-domain';
import { ActivitySchema, type ActivityService } from '@touchline/contracts/activity/v1/service';
import { UserRole } from '@touchline/contracts/permission/v1/service';
import { encodeBinaryMessage, type IdSequence } from '@touchline/event-log';
import { listMessages, RowEncoder } from '@touchline/read-models';
import { type CallContext, FieldErrors, type Handlers } from '@touchline/rpc';
import type { Activities, StoredActivity } from './activities.ts';
import { actorOf, require } from './callers.ts';
import { eventTooLarge } from './event-size.ts';
import { activityMessage } from './messages.ts';
import { faultsOf, jsonSchemaOf } from './parameter-schemas.ts';
import type { Peers } from './peers.ts';
import { type ActivityDocument, activityOf } from './projections/activities.ts';
import type { Queries } from './queries.ts';
import { forbidden, notFound, requireRevision } from './rejection-status.ts';
import { REQUIRED, unknownId } from './time-frame-rules.ts';

const MAX_NAME_LENGTH = 255;

const activityRows = new RowEncoder<ActivityDocument>((document) => {
  const { id, fields, revision } = activityOf(document);
  return encodeBinaryMessage(ActivitySchema, activityMessage(id, fields, revision));
});

type ActivityHandlers = Pick<
  Handlers<typeof ActivityService>,
  'createActivity' | 'listActivities' | 'getActivity' | 'updateActivity' | 'deleteActivity'
>;

interface WantedActivity {
  readonly name: string;
  readonly json?: ActivityFields['json'] | undefined;
  readonly jsonSchema: number;
  readonly owner: number;
}

export interface ActivityDependencies {
  readonly activities: Activities;
  readonly ids: IdSequence;
  readonly peers: Peers;
  readonly queries: Queries;
}

export function activityHandlers({
  activities,
  ids,
  peers,
  queries,
}: ActivityDependencies): ActivityHandlers {
  /** All field errors at once, then the right to name the owner. */
  async function check(
    wanted: WantedActivity,
    actor: Actor,
    context: CallContext,
    current?: StoredActivity,
  ): Promise<ActivityFields> {
    const errors = new FieldErrors(context);
    const { name, json, jsonSchema, owner } = wanted;
    if (name.trim() === '') errors.add('name', REQUIRED);
    if (name.length > MAX_NAME_LENGTH) {
      errors.add('name', `Ensure this field has no more than ${MAX_NAME_LENGTH} characters.`);
    }
    if (!json) errors.add('json', REQUIRED);
    if (!jsonSchema) errors.add('json_schema', REQUIRED);
    if (!owner) errors.add('owner', REQUIRED);
    const schema = jsonSchemaOf(jsonSchema);
    if (jsonSchema && !schema) errors.add('json_schema', unknownId(jsonSchema));
    else if (schema && schema.type !== 'ACTIVITY') {
      errors.add('json_schema', `${schema.name} is no schema of activities.`);
    } else if (schema && json) {
      for (const fault of faultsOf(schema, json)) errors.add('json', fault);
      if (eventTooLarge(json)) errors.add('json', 'The parameters are too large.');
    }
    if (current && current.fields.jsonSchema !== jsonSchema && (await queries.hasTimeFrames(current.id))) {
      errors.add('json_schema', 'The sport cannot change while the activity has time frames.');
    }
    if (owner && (await peers.roles([owner], context)).get(owner) !== UserRole.MANAGER) {
      errors.add('owner', unknownId(owner));
    }
    errors.throwIfAny();
    if (!mayNameOwner(actor, owner)) throw forbidden();
    return { name, json: json ?? {}, jsonSchema, owner };
  }

  /** The activity that a path names: 404 before 403, and 404 outside the filter. */
  async function named(
    id: number,
    filter: Parameters<Queries['activityPasses']>[1],
    actor: Actor,
  ): Promise<StoredActivity> {
    const found = await activities.load(id);
    if (!found || found === 'deleted') throw notFound();
    require(mayManage(actor, found.fields.owner));
    if (!queries.activityPasses(found.fields, filter)) throw notFound();
    return found;
  }

  return {
    async createActivity(request, context) {
      const actor = actorOf(context);
      require(mayCreate(actor));
      const fields = await check(request, actor, context);
      const id = await ids.next();
      const command = context.commandContext();
      const done = await activities.run(
        id,
        { type: 'CreateActivity', activityId: id, fields, at: command.at, by: command.actor },
        command,
      );
      context.written(done.written);
      return { activity: activityMessage(id, fields, done.revision) };
    },

    async *listActivities({ options, filter }, context) {
      const actor = actorOf(context);
      require(mayList(actor));
      for await (const { count, rows } of queries.listActivities(ownerOfList(actor), options, filter))
        yield* listMessages(count, rows, (document) => activityRows.row(document).bytes);
    },

    async getActivity({ activity, filter }, context) {
      const { id, fields, revision } = await named(activity, filter, actorOf(context));
      return { activity: activityMessage(id, fields, revision) };
    },

    async updateActivity(request, context) {
      const actor = actorOf(context);
      const current = await named(request.activity, request.filter, actor);
      requireRevision(current.revision, request.ifRevision);
      const fields = await check(request, actor, context, current);
      const command = context.commandContext();
      const done = await activities.run(
        current.id,
        { type: 'UpdateActivity', fields, at: command.at, by: command.actor },
        command,
        request.ifRevision,
      );
      context.written(done.written);
      return { activity: activityMessage(current.id, fields, done.revision) };
    },

    async deleteActivity({ activity, filter, ifRevision }, context) {
      const { id, revision } = await named(activity, filter, actorOf(context));
      requireRevision(revision, ifRevision);
      const command = context.commandContext();
      const done = await activities.run(
        id,
        { type: 'DeleteActivity', at: command.at, by: command.actor },
        command,
        ifRevision,
      );
      context.written(done.written);
      return {};
    },
  };
}
