import { json, text } from '@touchline/http';
import * as z from 'zod';
import { defineRoute } from '../gateway-call.ts';
import {
  extraPermission,
  managerExample,
  managerInputExample,
  managerJson,
  managerOutput,
  managerProfileInput,
  managerProfileMessage,
  managerTag,
} from '../resources/manager.ts';
import { present } from '../resources/present.ts';
import { there } from '../there.ts';

const createManagerInput = z
  .object({
    username: text(),
    email: text().meta({ format: 'email' }),
    password: text().nullish(),
    external_id: text().nullish(),
    manager_profile: managerProfileInput,
  })
  .meta({ id: 'CreateManagerRequest' });

export const createManager = defineRoute({
  method: 'POST',
  path: '/managers/',
  operationId: 'createManager',
  summary: 'Creates a manager user',
  owner: 'identity',
  access: 'anyone',
  who: 'anyone',
  body: { kind: 'json', schema: createManagerInput, example: managerInputExample },
  responses: { 201: { description: 'The manager', schema: managerOutput, example: managerExample } },
  async handler({ body, fieldErrors }, call) {
    const request = {
      username: body.username ?? '',
      email: body.email ?? '',
      ...present('password', body.password),
      ...present('externalId', body.external_id),
      ...managerProfileMessage(body.manager_profile),
    };
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.identity.createManager(request, options),
    );
    const manager = there(answer.manager);
    return json(201, managerJson(manager), managerTag(manager));
  },
});

const extraPermissionsInput = z
  .object({
    extra_permissions: z.array(extraPermission, {
      error: (issue) => `Expected a list of items but got type "${typeof issue.input}".`,
    }),
  })
  .meta({ id: 'ExtraPermissionsRequest' });

export const setExtraPermissions = defineRoute({
  method: 'PUT',
  path: '/managers/{manager}/extra-permissions/',
  operationId: 'setExtraPermissions',
  summary: 'Gives and takes the extra permissions of a manager',
  owner: 'identity',
  access: 'user',
  who: 'ADMIN',
  params: { manager: 'Manager ID' },
  errors: [403],
  body: {
    kind: 'json',
    schema: extraPermissionsInput,
    example: { extra_permissions: ['can_create_managed_athletes'] },
  },
  responses: { 200: { description: 'The manager', schema: managerOutput, example: managerExample } },
  async handler({ params, body, fieldErrors }, call) {
    const request = { manager: params.manager, extraPermissions: body.extra_permissions ?? [] };
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.identity.setExtraPermissions(request, options),
    );
    const manager = there(answer.manager);
    return json(200, managerJson(manager), managerTag(manager));
  },
});

export const managerRoutes = [createManager, setExtraPermissions];
