import { DeviceSchema, OwnershipSchema } from '@touchline/contracts/telemetry/v1/service';
import {
  dateTime,
  id,
  json,
  listReply,
  queryFlag,
  queryId,
  queryText,
  type QueryValues,
  text,
} from '@touchline/http';
import * as z from 'zod';
import { defineRoute } from '../gateway-call.ts';
import { listOptions, readList, rowText } from '../read-list.ts';
import {
  deviceExample,
  deviceJson,
  deviceOutput,
  deviceTag,
  deviceWithTokenExample,
  deviceWithTokenOutput,
  ownershipExample,
  ownershipJson,
  ownershipOutput,
} from '../resources/device.ts';
import { present } from '../resources/present.ts';
import { noStore } from '../rpc-to-http.ts';
import { there } from '../there.ts';
import { timestampField } from '../timestamps.ts';
import { ofList } from './one-of-list.ts';

const ownershipText = rowText(OwnershipSchema, ownershipJson);
const deviceText = rowText(DeviceSchema, deviceJson);
const common = { owner: 'telemetry', access: 'user', errors: [403] } as const;
const itsOwner = 'the manager who owns the device';
const params = { device: 'Device ID' };
const one = { description: 'The device', schema: deviceOutput, example: deviceExample };

const filters = {
  current: queryFlag({ description: 'If true, only devices that the caller owns now' }),
  serial_number: queryText({ description: 'Filter on serial_number (insensitive contains)' }),
  custom_name: queryText({ description: 'Filter on custom_name (insensitive contains)' }),
  activity: queryId({ description: 'Filter by activity (id)' }),
};

const list = { ordering: ['serial_number', 'custom_name'], searchable: true } as const;
const oneFilters = { ...filters, ...ofList(list) };

function filterMessage(query: QueryValues<typeof oneFilters>) {
  return {
    ...present('search', query.search),
    ...present('current', query.current),
    ...present('serialNumber', query.serial_number),
    ...present('customName', query.custom_name),
    ...present('activity', query.activity),
  };
}

const listDevices = defineRoute({
  ...common,
  method: 'GET',
  path: '/devices/',
  operationId: 'listDevices',
  summary: 'Lists devices',
  description: 'Those that the caller owns or owned.',
  who: 'managers',
  list,
  query: filters,
  responses: { 200: { ...one, description: 'A page of devices' } },
  async handler({ list, query }, { clients, reading }) {
    const request = { options: listOptions(list), filter: filterMessage(query) };
    const { count, rows } = await readList(clients.telemetry.listDevices(request, reading), deviceText);
    return listReply(count, rows);
  },
});

const retrieveDevice = defineRoute({
  ...common,
  method: 'GET',
  path: '/devices/{device}/',
  operationId: 'retrieveDevice',
  summary: 'Retrieves a device',
  who: 'managers who own or owned the device',
  params,
  query: oneFilters,
  responses: { 200: one },
  async handler({ params, query }, { clients, reading }) {
    const request = { device: params.device, filter: filterMessage(query) };
    const { message } = await clients.telemetry.getDevice(request, reading);
    const device = there(message.device);
    return json(200, deviceJson(device), deviceTag(device));
  },
});

const deviceInput = z
  .object({ serial_number: text(), custom_name: text().nullish() })
  .meta({ id: 'DeviceRequest' });

const withToken = {
  description: 'The device with its ingest token, which is shown this once',
  schema: deviceWithTokenOutput,
  example: deviceWithTokenExample,
};

const createDevice = defineRoute({
  ...common,
  method: 'POST',
  path: '/devices/',
  operationId: 'createDevice',
  summary: 'Registers a device',
  who: 'ADMIN',
  body: {
    kind: 'json',
    schema: deviceInput,
    example: { serial_number: 'TL-006499', custom_name: 'Goalkeeper' },
  },
  responses: { 201: withToken },
  async handler({ body, fieldErrors }, call) {
    const request = {
      ...present('serialNumber', body.serial_number),
      ...present('customName', body.custom_name),
    };
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.telemetry.registerDevice(request, options),
    );
    const device = there(answer.device);
    const shown = { ...deviceJson(device), ingest_token: answer.ingestToken };
    return { ...json(201, shown), headers: noStore };
  },
});

const rotateIngestToken = defineRoute({
  ...common,
  method: 'POST',
  path: '/devices/{device}/rotate-ingest-token/',
  operationId: 'rotateIngestToken',
  summary: 'Ends the ingest token of a device and issues a new one',
  who: `ADMIN and ${itsOwner}`,
  params,
  responses: { 200: withToken },
  async handler({ params, fieldErrors }, call) {
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.telemetry.rotateIngestToken(params, options),
    );
    const shown = { ...deviceJson(there(answer.device)), ingest_token: answer.ingestToken };
    return { ...json(200, shown), headers: noStore };
  },
});

const takeOwnershipInput = z
  .object({
    start_time: dateTime().optional().meta({ description: 'Default: now' }),
    owner: id().optional().meta({ description: 'The manager whom an ADMIN names' }),
  })
  .meta({ id: 'TakeOwnershipRequest' });

const takeOwnership = defineRoute({
  ...common,
  method: 'POST',
  path: '/devices/{device}/take-ownership/',
  operationId: 'takeOwnership',
  summary: 'Takes the ownership of a device',
  who: 'managers',
  params,
  body: { kind: 'json', schema: takeOwnershipInput, example: { start_time: '2020-02-20T13:18:29+0100' } },
  responses: { 200: one },
  async handler({ params, body, fieldErrors }, call) {
    const request = {
      device: params.device,
      ...timestampField('startTime', body.start_time),
      ...present('owner', body.owner),
    };
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.telemetry.takeOwnership(request, options),
    );
    const device = there(answer.device);
    return json(200, deviceJson(device), deviceTag(device));
  },
});

const releaseOwnershipInput = z
  .object({ end_time: dateTime().optional().meta({ description: 'Up to now, which is the default' }) })
  .meta({ id: 'ReleaseOwnershipRequest' });

const releaseOwnership = defineRoute({
  ...common,
  method: 'POST',
  path: '/devices/{device}/release-ownership/',
  operationId: 'releaseOwnership',
  summary: 'Ends the ownership of a device',
  who: itsOwner,
  params,
  body: { kind: 'json', schema: releaseOwnershipInput, example: { end_time: '2022-02-20T13:18:29+0100' } },
  responses: { 200: { ...one, example: { ...deviceExample, owner: null, ownership_start: null } } },
  async handler({ params, body, fieldErrors }, call) {
    const request = { device: params.device, ...timestampField('endTime', body.end_time) };
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.telemetry.releaseOwnership(request, options),
    );
    const device = there(answer.device);
    return json(200, deviceJson(device), deviceTag(device));
  },
});

const listOwnerships = defineRoute({
  ...common,
  method: 'GET',
  path: '/devices/{device}/ownerships/',
  operationId: 'listOwnerships',
  summary: 'Lists who owned a device when',
  description: "The caller's own ownerships; all of them for an ADMIN.",
  who: 'managers who own or owned the device',
  params,
  list: { ordering: [] },
  responses: {
    200: { description: 'A page of ownerships', schema: ownershipOutput, example: ownershipExample },
  },
  async handler({ params, list }, { clients, reading }) {
    const request = { device: params.device, options: listOptions(list) };
    const { count, rows } = await readList(clients.telemetry.listOwnerships(request, reading), ownershipText);
    return listReply(count, rows);
  },
});

const customNameInput = z.object({ custom_name: text() }).meta({ id: 'CustomNameRequest' });

const setCustomName = defineRoute({
  ...common,
  method: 'PUT',
  path: '/devices/{device}/set-custom-name/',
  operationId: 'setCustomName',
  summary: 'Names a device',
  who: itsOwner,
  params,
  body: { kind: 'json', schema: customNameInput, example: { custom_name: 'Goalkeeper' } },
  responses: { 200: one },
  async handler({ params, body, fieldErrors, ifRevision }, call) {
    const request = {
      device: params.device,
      ...present('customName', body.custom_name),
      ...present('ifRevision', ifRevision),
    };
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.telemetry.setCustomName(request, options),
    );
    const device = there(answer.device);
    return json(200, deviceJson(device), deviceTag(device));
  },
});

export const deviceRoutes = [
  listDevices,
  createDevice,
  retrieveDevice,
  rotateIngestToken,
  takeOwnership,
  releaseOwnership,
  listOwnerships,
  setCustomName,
];
