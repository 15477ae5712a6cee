import { json, noContent, queryFlag, queryText, text } from '@touchline/http';
import * as z from 'zod';
import { defineRoute } from '../gateway-call.ts';
import { athleteProfileInput, athleteProfileMessage } from '../resources/athlete.ts';
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
import { passwordInput, passwordInputExample } from '../resources/password.ts';
import { present } from '../resources/present.ts';
import { there } from '../there.ts';

const createManagerInput = z
  .object({
    username: text(),
    email: text().meta({ format: 'email' }),
    password: text().nullish(),
    external_id: text().nullish(),
    manager_profile: managerProfileInput,
    athlete_profile: athleteProfileInput
      .optional()
      .meta({ description: 'Of the default athlete, with create_default_athlete' }),
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
  query: {
    create_default_athlete: queryFlag({
      description: 'If true, the athlete_profile of the body makes a managed athlete, too',
    }),
  },
  body: { kind: 'json', schema: createManagerInput, example: managerInputExample },
  responses: { 201: { description: 'The manager', schema: managerOutput, example: managerExample } },
  async handler({ query, body, fieldErrors }, call) {
    const { profile: athleteProfile } = athleteProfileMessage(body.athlete_profile);
    const request = {
      username: body.username ?? '',
      email: body.email ?? '',
      ...present('password', body.password),
      ...present('externalId', body.external_id),
      ...managerProfileMessage(body.manager_profile),
      createDefaultAthlete: query.create_default_athlete ?? false,
      ...present('athleteProfile', athleteProfile),
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
  async handler({ params, body, fieldErrors, ifRevision }, call) {
    const request = {
      ...params,
      extraPermissions: body.extra_permissions ?? [],
      ...present('ifRevision', ifRevision),
    };
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.identity.setExtraPermissions(request, options),
    );
    const manager = there(answer.manager);
    return json(200, managerJson(manager), managerTag(manager));
  },
});

const himself = 'the manager himself';
const params = { manager: 'Manager ID' };
const one = { description: 'The manager', schema: managerOutput, example: managerExample };

const retrieveManagerByExternalId = defineRoute({
  method: 'GET',
  path: '/managers/by-external-id/',
  operationId: 'retrieveManagerByExternalId',
  summary: 'Retrieves a manager by his external id',
  owner: 'identity',
  access: 'user',
  who: himself,
  errors: [403, 404],
  query: { 'external-id': queryText({ description: 'External ID', required: true, example: 'coach-7' }) },
  responses: { 200: one },
  async handler({ query, fieldErrors }, { clients, reading }) {
    const request = { externalId: query['external-id'] ?? '' };
    const { message } = await clients.identity.findManager(request, { ...reading, fieldErrors });
    const manager = there(message.manager);
    return json(200, managerJson(manager), managerTag(manager));
  },
});

const retrieveManager = defineRoute({
  method: 'GET',
  path: '/managers/{manager}/',
  operationId: 'retrieveManager',
  summary: 'Retrieves a manager',
  owner: 'identity',
  access: 'user',
  who: himself,
  params,
  errors: [403],
  responses: { 200: one },
  async handler({ params }, { clients, reading }) {
    const { message } = await clients.identity.getManager(params, reading);
    const manager = there(message.manager);
    return json(200, managerJson(manager), managerTag(manager));
  },
});

const updateManagerInput = createManagerInput
  .omit({ password: true, athlete_profile: true })
  .extend({ manager_profile: managerProfileInput.optional() })
  .meta({ id: 'UpdateManagerRequest' });

const { password: _password, ...updateExample } = managerInputExample;

const updateManager = defineRoute({
  method: 'PUT',
  path: '/managers/{manager}/',
  operationId: 'updateManager',
  summary: 'Updates a manager',
  description: 'An omitted optional field stays as it is, one that is null is left without a value.',
  owner: 'identity',
  access: 'user',
  who: himself,
  params,
  errors: [403],
  body: { kind: 'json', schema: updateManagerInput, example: updateExample },
  responses: { 200: one },
  async handler({ params, body, cleared, fieldErrors, ifRevision }, call) {
    const request = {
      ...params,
      cleared: [...cleared],
      ...present('ifRevision', ifRevision),
      username: body.username ?? '',
      email: body.email ?? '',
      ...present('externalId', body.external_id),
      ...managerProfileMessage(body.manager_profile),
    };
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.identity.updateManager(request, options),
    );
    const manager = there(answer.manager);
    return json(200, managerJson(manager), managerTag(manager));
  },
});

const deleteManager = defineRoute({
  method: 'DELETE',
  path: '/managers/{manager}/',
  operationId: 'deleteManager',
  summary: 'Deletes a manager',
  description:
    'His activities with their time frames, his webhooks and his grants go with him, and his ownerships end. Refused while he manages athletes.',
  owner: 'identity',
  access: 'user',
  who: himself,
  params,
  errors: [400, 403],
  responses: { 204: { description: 'He is deleted' } },
  async handler({ params, fieldErrors, ifRevision }, call) {
    const request = { ...params, ...present('ifRevision', ifRevision) };
    await call.command(fieldErrors, (options) => call.clients.identity.deleteManager(request, options));
    await call.refreshRevocations();
    return noContent();
  },
});

const changeManagerPassword = defineRoute({
  method: 'PUT',
  path: '/managers/{manager}/change-password/',
  operationId: 'changeManagerPassword',
  summary: "Changes the manager's password",
  description: 'Other sessions end.',
  owner: 'identity',
  access: 'user',
  who: himself,
  params,
  errors: [403],
  body: { kind: 'json', schema: passwordInput, example: passwordInputExample },
  responses: { 204: { description: 'It is changed' } },
  async handler({ params, body, fieldErrors, ifRevision }, call) {
    const request = { ...params, password: body.password ?? '', ...present('ifRevision', ifRevision) };
    await call.command(fieldErrors, (options) =>
      call.clients.identity.changeManagerPassword(request, options),
    );
    return noContent();
  },
});

export const managerRoutes = [
  createManager,
  retrieveManagerByExternalId,
  retrieveManager,
  updateManager,
  deleteManager,
  changeManagerPassword,
  setExtraPermissions,
];
