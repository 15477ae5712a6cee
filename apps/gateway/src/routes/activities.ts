import type { JsonObject } from '@bufbuild/protobuf';
import { ActivitySchema } from '@touchline/contracts/activity/v1/service';
import {
  type DeepPartial,
  id,
  invalidFields,
  json,
  jsonObject,
  listReply,
  noContent,
  queryId,
  queryText,
  type QueryValues,
  text,
} from '@touchline/http';
import * as z from 'zod';
import { defineRoute } from '../gateway-call.ts';
import { listOptions, readList, rowText } from '../read-list.ts';
import {
  activityExample,
  activityInputExample,
  activityJson,
  activityOutput,
  activityTag,
} from '../resources/activity.ts';
import { present } from '../resources/present.ts';
import { there } from '../there.ts';
import { ofList } from './one-of-list.ts';

const activityText = rowText(ActivitySchema, activityJson);
const common = { owner: 'activity', access: 'user', errors: [403] } as const;
const itsOwner = 'the manager who owns the activity';
const params = { activity: 'Activity ID' };

const filters = {
  name: queryText({ description: 'Filter on name (insensitive contains)' }),
  owner: queryId({ description: 'Filter by owner (id of manager)' }),
};

const list = { ordering: ['name'], searchable: true } as const;
const oneFilters = { ...filters, ...ofList(list) };

function filterMessage({ name, owner, search }: QueryValues<typeof oneFilters>) {
  return { ...present('name', name), ...present('owner', owner), ...present('search', search) };
}

const activityInput = z
  .object({
    name: text().meta({ description: 'Descriptive title' }),
    json: jsonObject().meta({ description: 'Sport-specific parameters: valid against an ACTIVITY schema' }),
    json_schema: id().meta({ description: 'ID of the JSON schema describing the activity parameters' }),
    owner: id().meta({ description: 'ID of the manager who owns the activity' }),
  })
  .meta({ id: 'ActivityRequest' });

const body = { kind: 'json', schema: activityInput, example: activityInputExample } as const;

function activityMessage(given: DeepPartial<z.output<typeof activityInput>>) {
  return {
    ...present('name', given.name),
    // The field's reader let only JSON pass.
    ...present('json', given.json as JsonObject | undefined),
    ...present('jsonSchema', given.json_schema),
    ...present('owner', given.owner),
  };
}

const listActivities = defineRoute({
  ...common,
  method: 'GET',
  path: '/activities/',
  operationId: 'listActivities',
  summary: 'Lists activities',
  description: 'Those that the caller owns.',
  who: 'managers',
  list,
  query: filters,
  responses: {
    200: { description: 'A page of activities', schema: activityOutput, example: activityExample },
  },
  async handler({ list, query }, { clients, reading }) {
    const request = { options: listOptions(list), filter: filterMessage(query) };
    const { count, rows } = await readList(clients.activity.listActivities(request, reading), activityText);
    return listReply(count, rows);
  },
});

const createActivity = defineRoute({
  ...common,
  method: 'POST',
  path: '/activities/',
  operationId: 'createActivity',
  summary: 'Creates an activity',
  who: 'managers',
  body,
  responses: { 201: { description: 'The activity', schema: activityOutput, example: activityExample } },
  async handler({ body, fieldErrors }, call) {
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.activity.createActivity(activityMessage(body), options),
    );
    const activity = there(answer.activity);
    return json(201, activityJson(activity), activityTag(activity));
  },
});

const retrieveActivity = defineRoute({
  ...common,
  method: 'GET',
  path: '/activities/{activity}/',
  operationId: 'retrieveActivity',
  summary: 'Retrieves an activity',
  who: itsOwner,
  params,
  query: oneFilters,
  responses: { 200: { description: 'The activity', schema: activityOutput, example: activityExample } },
  async handler({ params, query }, { clients, reading }) {
    const request = { activity: params.activity, filter: filterMessage(query) };
    const { message } = await clients.activity.getActivity(request, reading);
    const activity = there(message.activity);
    return json(200, activityJson(activity), activityTag(activity));
  },
});

const updateActivity = defineRoute({
  ...common,
  method: 'PUT',
  path: '/activities/{activity}/',
  operationId: 'updateActivity',
  summary: 'Updates an activity',
  description: 'The computed data of all its time frames is computed again, asynchronously.',
  who: itsOwner,
  params,
  query: oneFilters,
  body,
  responses: { 200: { description: 'The activity', schema: activityOutput, example: activityExample } },
  async handler({ params, query, body, fieldErrors, ifRevision }, call) {
    const request = {
      activity: params.activity,
      ...activityMessage(body),
      filter: filterMessage(query),
      ...present('ifRevision', ifRevision),
    };
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.activity.updateActivity(request, options),
    );
    const activity = there(answer.activity);
    return json(200, activityJson(activity), activityTag(activity));
  },
});

const deleteActivity = defineRoute({
  ...common,
  method: 'DELETE',
  path: '/activities/{activity}/',
  operationId: 'deleteActivity',
  summary: 'Deletes an activity with its time frames',
  who: itsOwner,
  params,
  query: oneFilters,
  responses: { 204: { description: 'It is deleted' } },
  async handler({ params, query, fieldErrors, ifRevision }, call) {
    const request = {
      activity: params.activity,
      filter: filterMessage(query),
      ...present('ifRevision', ifRevision),
    };
    if (Object.keys(fieldErrors).length > 0) {
      // Whether it exists and is the caller's goes before a wrong filter.
      await call.clients.activity.getActivity(request, call.reading);
      throw invalidFields(fieldErrors);
    }
    await call.command(fieldErrors, (options) => call.clients.activity.deleteActivity(request, options));
    return noContent();
  },
});

export const activityRoutes = [
  listActivities,
  createActivity,
  retrieveActivity,
  updateActivity,
  deleteActivity,
];
