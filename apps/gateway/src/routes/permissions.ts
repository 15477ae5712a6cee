import { PermissionSchema } from '@touchline/contracts/permission/v1/service';
import { choice, dateTime, id, json, listReply, noContent } from '@touchline/http';
import * as z from 'zod';
import { defineRoute } from '../gateway-call.ts';
import { listOptions, readList, rowText } from '../read-list.ts';
import {
  kindOf,
  permissionExample,
  permissionJson,
  permissionKinds,
  permissionOutput,
} from '../resources/permission.ts';
import { there } from '../there.ts';
import { timestampField } from '../timestamps.ts';

const permissionText = rowText(PermissionSchema, permissionJson);
const common = {
  owner: 'permission',
  access: 'user',
  who: 'the athlete himself',
  errors: [403],
} as const;
const athlete = 'Athlete ID';
const manager = 'Manager ID';
const page = {
  200: { description: 'A page of permissions', schema: permissionOutput, example: permissionExample },
};

const listPermissions = defineRoute({
  ...common,
  method: 'GET',
  path: '/athletes/{athlete}/permissions/',
  operationId: 'listPermissions',
  summary: 'Lists all the permissions regarding to an athlete',
  params: { athlete },
  list: { ordering: [] },
  responses: page,
  async handler({ params, list }, { clients, reading }) {
    const request = { athlete: params.athlete, options: listOptions(list) };
    const { count, rows } = await readList(
      clients.permission.listPermissions(request, reading),
      permissionText,
    );
    return listReply(count, rows);
  },
});

const listManagerPermissions = defineRoute({
  ...common,
  method: 'GET',
  path: '/athletes/{athlete}/permissions/{manager}/',
  operationId: 'listManagerPermissions',
  summary: "Lists a manager's permissions regarding to an athlete",
  params: { athlete, manager },
  list: { ordering: [] },
  responses: page,
  async handler({ params, list }, { clients, reading }) {
    const request = { athlete: params.athlete, manager: params.manager, options: listOptions(list) };
    const { count, rows } = await readList(
      clients.permission.listPermissions(request, reading),
      permissionText,
    );
    return listReply(count, rows);
  },
});

const grantInput = z
  .object({
    start_time: dateTime().optional().meta({ description: 'Default: now' }),
    expiration_time: dateTime().optional().meta({ description: 'Default: 2199-12-31T00:00:00Z' }),
    permission: choice(permissionKinds),
  })
  .meta({ id: 'GrantRequest' });

const grantPermission = defineRoute({
  ...common,
  method: 'POST',
  path: '/athletes/{athlete}/permissions/{manager}/',
  operationId: 'grantPermission',
  summary: 'Creates permissions to a manager',
  params: { athlete, manager },
  body: {
    kind: 'json',
    schema: grantInput,
    example: {
      start_time: '2020-02-20T13:18:29+0100',
      expiration_time: '2022-02-20T13:18:29+0100',
      permission: 'READ',
    },
  },
  responses: { 200: { description: 'The permission', schema: permissionOutput, example: permissionExample } },
  async handler({ params, body, fieldErrors }, call) {
    const request = {
      athlete: params.athlete,
      manager: params.manager,
      kind: kindOf(body.permission),
      ...timestampField('startTime', body.start_time),
      ...timestampField('expirationTime', body.expiration_time),
    };
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.permission.grant(request, options),
    );
    return json(200, permissionJson(there(answer.permission)));
  },
});

const shareInput = z
  .object({
    manager: id().meta({ description: 'Who is to read: another manager' }),
    start_time: dateTime().optional().meta({ description: 'Default: now' }),
    expiration_time: dateTime()
      .optional()
      .meta({ description: 'Default: as long as the SHARE permission of the caller goes on' }),
  })
  .meta({ id: 'ShareRequest' });

const shareAthlete = defineRoute({
  ...common,
  method: 'POST',
  path: '/athletes/{athlete}/share/',
  operationId: 'shareAthlete',
  summary: 'Gives READ permission to another manager',
  description: 'Inside the window of the SHARE permission of the caller.',
  who: 'managers with SHARE permission on the athlete now',
  params: { athlete },
  body: {
    kind: 'json',
    schema: shareInput,
    example: { manager: 1, expiration_time: '2022-02-20T13:18:29+0100' },
  },
  responses: { 200: { description: 'The permission', schema: permissionOutput, example: permissionExample } },
  async handler({ params, body, fieldErrors }, call) {
    const request = {
      ...params,
      manager: body.manager ?? 0,
      ...timestampField('startTime', body.start_time),
      ...timestampField('expirationTime', body.expiration_time),
    };
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.permission.share(request, options),
    );
    return json(200, permissionJson(there(answer.permission)));
  },
});

const revokePermissions = defineRoute({
  ...common,
  method: 'DELETE',
  path: '/athletes/{athlete}/permissions/{manager}/',
  operationId: 'revokePermissions',
  summary: 'Revokes all permissions to a manager',
  params: { athlete, manager },
  responses: { 204: { description: 'They are revoked' } },
  async handler({ params, fieldErrors }, call) {
    await call.command(fieldErrors, (options) => call.clients.permission.revoke(params, options));
    return noContent();
  },
});

const revokePermission = defineRoute({
  ...common,
  method: 'DELETE',
  path: '/athletes/{athlete}/permissions/{manager}/{permission}/',
  operationId: 'revokePermission',
  summary: 'Revokes a specific permission to a manager',
  params: { athlete, manager, permission: 'Permission ID' },
  responses: { 204: { description: 'It is revoked' } },
  async handler({ params, fieldErrors }, call) {
    await call.command(fieldErrors, (options) => call.clients.permission.revoke(params, options));
    return noContent();
  },
});

export const permissionRoutes = [
  listPermissions,
  listManagerPermissions,
  grantPermission,
  shareAthlete,
  revokePermissions,
  revokePermission,
];
