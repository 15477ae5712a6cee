import { TimeFrameSchema } from '@touchline/contracts/activity/v1/service';
import type { JsonObject } from '@bufbuild/protobuf';
import {
  dateTime,
  type DeepPartial,
  id,
  invalidFields,
  json,
  jsonObject,
  listReply,
  noContent,
  queryDateTime,
  queryFlag,
  queryId,
  type QueryValues,
  type RouteInput,
} from '@touchline/http';
import * as z from 'zod';
import { defineRoute, type GatewayCall } from '../gateway-call.ts';
import { listOptions, readList, rowText } from '../read-list.ts';
import { present } from '../resources/present.ts';
import {
  timeFrameExample,
  timeFrameInputExample,
  timeFrameJson,
  timeFrameOutput,
  timeFrameTag,
} from '../resources/time-frame.ts';
import { there } from '../there.ts';
import { timestampField } from '../timestamps.ts';
import { ofList } from './one-of-list.ts';

const timeFrameText = rowText(TimeFrameSchema, timeFrameJson);
const common = { owner: 'activity', access: 'user', errors: [403] } as const;
const itsOwner = 'the manager who owns the time frame';
const params = { timeFrame: 'Time frame ID' };
const list = { ordering: ['start_time', 'end_time', 'device', 'athlete', 'activity'] } as const;
const exampleFrom = '2020-02-20T13:00:00+0100';
const exampleTo = '2020-02-20T18:00:00+0100';

const filters = {
  device: queryId({ description: 'Filter by device (id)' }),
  athlete: queryId({ description: 'Filter by athlete (id)' }),
  owner: queryId({ description: 'Filter by owner (id of manager)' }),
  activity: queryId({ description: 'Filter by activity (id)' }),
  start_time_from: queryDateTime({
    description: 'Filter on start_time (greater than or equal)',
    example: exampleFrom,
  }),
  start_time_to: queryDateTime({
    description: 'Filter on start_time (lesser than or equal)',
    example: exampleTo,
  }),
  end_time_from: queryDateTime({
    description: 'Filter on end_time (greater than or equal)',
    example: exampleFrom,
  }),
  end_time_to: queryDateTime({
    description: 'Filter on end_time (lesser than or equal)',
    example: exampleTo,
  }),
  with_device: queryFlag({ description: 'If true, the device in the place of its id' }),
  with_activity: queryFlag({ description: 'If true, the activity in the place of its id' }),
  with_athlete: queryFlag({ description: 'If true, the athlete in the place of his id' }),
};

const oneFilters = { ...filters, ...ofList(list) };

function filterMessage(query: QueryValues<typeof filters>) {
  return {
    ...present('device', query.device),
    ...present('athlete', query.athlete),
    ...present('owner', query.owner),
    ...present('activity', query.activity),
    ...timestampField('startTimeFrom', query.start_time_from),
    ...timestampField('startTimeTo', query.start_time_to),
    ...timestampField('endTimeFrom', query.end_time_from),
    ...timestampField('endTimeTo', query.end_time_to),
  };
}

function expandMessage(query: QueryValues<typeof filters>) {
  return {
    device: query.with_device ?? false,
    activity: query.with_activity ?? false,
    athlete: query.with_athlete ?? false,
  };
}

const fields = {
  start_time: dateTime().meta({
    description: 'Start of the time interval considered for computing the metrics',
  }),
  end_time: dateTime().meta({ description: 'End of the time interval considered for computing the metrics' }),
  params: jsonObject().optional().meta({ description: 'Parameters for the metrics algorithms' }),
  device: id().meta({ description: 'ID of the device' }),
  activity: id().meta({ description: 'ID of the activity' }),
  athlete: id().meta({ description: 'ID of the athlete wearing the device' }),
  owner: id()
    .optional()
    .meta({ description: 'ID of the manager owning the time frame; default: the caller' }),
  json_schema: id()
    .optional()
    .meta({ description: "ID of the JSON schema of the parameters; default: that of the activity's sport" }),
};

const timeFrameInput = z.object(fields).meta({ id: 'TimeFrameRequest' });
const timeFrameChange = z.object(fields).partial().meta({ id: 'TimeFrameChange' });

function timeFrameMessage(given: DeepPartial<z.output<typeof timeFrameChange>>) {
  return {
    ...timestampField('startTime', given.start_time),
    ...timestampField('endTime', given.end_time),
    // The field's reader let only JSON pass.
    ...present('params', given.params as JsonObject | undefined),
    ...present('device', given.device),
    ...present('activity', given.activity),
    ...present('athlete', given.athlete),
    ...present('owner', given.owner),
    ...present('jsonSchema', given.json_schema),
  };
}

const one = { description: 'The time frame', schema: timeFrameOutput, example: timeFrameExample };

const listTimeFrames = defineRoute({
  ...common,
  method: 'GET',
  path: '/timeframes/',
  operationId: 'listTimeFrames',
  summary: 'Lists time frames',
  description: 'Those that the caller owns.',
  who: 'managers',
  list,
  query: filters,
  responses: { 200: { ...one, description: 'A page of time frames' } },
  async handler({ list, query }, { clients, reading }) {
    const request = {
      options: listOptions(list),
      filter: filterMessage(query),
      expand: expandMessage(query),
    };
    const { count, rows } = await readList(clients.activity.listTimeFrames(request, reading), timeFrameText);
    return listReply(count, rows);
  },
});

const createTimeFrame = defineRoute({
  ...common,
  method: 'POST',
  path: '/timeframes/',
  operationId: 'createTimeFrame',
  summary: 'Creates a time frame',
  who: 'managers with WRITE permission on the athlete and ownership of the device over the whole window',
  body: { kind: 'json', schema: timeFrameInput, example: timeFrameInputExample },
  responses: { 201: one },
  async handler({ body, fieldErrors }, call) {
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.activity.createTimeFrame(timeFrameMessage(body), options),
    );
    const frame = there(answer.timeFrame);
    return json(201, timeFrameJson(frame), timeFrameTag(frame));
  },
});

const retrieveTimeFrame = defineRoute({
  ...common,
  method: 'GET',
  path: '/timeframes/{timeFrame}/',
  operationId: 'retrieveTimeFrame',
  summary: 'Retrieves a time frame',
  who: itsOwner,
  params,
  query: oneFilters,
  responses: { 200: one },
  async handler({ params, query }, { clients, reading }) {
    const request = {
      timeFrame: params.timeFrame,
      filter: filterMessage(query),
      expand: expandMessage(query),
    };
    const frame = await clients.timeFrames.get(request, reading);
    return json(200, timeFrameJson(frame), timeFrameTag(frame));
  },
});

const changeBody = { kind: 'json', schema: timeFrameChange, example: timeFrameInputExample } as const;

async function change(
  input: RouteInput<'/timeframes/{timeFrame}/', typeof oneFilters, typeof changeBody>,
  call: GatewayCall,
) {
  const { params, query, body, fieldErrors, ifRevision } = input;
  const request = {
    timeFrame: params.timeFrame,
    ...timeFrameMessage(body),
    filter: filterMessage(query),
    expand: expandMessage(query),
    ...present('ifRevision', ifRevision),
  };
  const answer = await call.command(fieldErrors, (options) =>
    call.clients.activity.updateTimeFrame(request, options),
  );
  const frame = there(answer.timeFrame);
  return json(200, timeFrameJson(frame), timeFrameTag(frame));
}

const updateTimeFrame = defineRoute({
  ...common,
  method: 'PUT',
  path: '/timeframes/{timeFrame}/',
  operationId: 'updateTimeFrame',
  summary: 'Updates a time frame',
  description: 'Its computed data is computed again, asynchronously. An omitted field stays as it is.',
  who: itsOwner,
  params,
  query: oneFilters,
  body: changeBody,
  responses: { 200: one },
  handler: change,
});

const partialUpdateTimeFrame = defineRoute({
  ...common,
  method: 'PATCH',
  path: '/timeframes/{timeFrame}/',
  operationId: 'partialUpdateTimeFrame',
  summary: 'Updates a time frame (partially)',
  description: 'Works the same as PUT.',
  who: itsOwner,
  params,
  query: oneFilters,
  body: changeBody,
  responses: { 200: one },
  handler: change,
});

const deleteTimeFrame = defineRoute({
  ...common,
  method: 'DELETE',
  path: '/timeframes/{timeFrame}/',
  operationId: 'deleteTimeFrame',
  summary: 'Deletes a time frame',
  who: itsOwner,
  params,
  query: oneFilters,
  responses: { 204: { description: 'It is deleted' } },
  async handler({ params, query, fieldErrors, ifRevision }, call) {
    const request = {
      timeFrame: params.timeFrame,
      filter: filterMessage(query),
      ...present('ifRevision', ifRevision),
    };
    if (Object.keys(fieldErrors).length > 0) {
      // Whether it exists and is the caller's goes before a wrong filter.
      await call.clients.timeFrames.get({ ...request, expand: {} }, call.reading);
      throw invalidFields(fieldErrors);
    }
    await call.command(fieldErrors, (options) => call.clients.activity.deleteTimeFrame(request, options));
    return noContent();
  },
});

export const timeFrameRoutes = [
  listTimeFrames,
  createTimeFrame,
  retrieveTimeFrame,
  updateTimeFrame,
  partialUpdateTimeFrame,
  deleteTimeFrame,
];
