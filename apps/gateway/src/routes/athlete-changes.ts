import { id, json, noContent, type RouteInput, text } from '@touchline/http';
import * as z from 'zod';
import { defineRoute, type GatewayCall } from '../gateway-call.ts';
import {
  athleteExample,
  athleteJson,
  athleteOutput,
  athleteProfileInput,
  athleteProfileInputExample,
  athleteProfileMessage,
  athleteTag,
} from '../resources/athlete.ts';
import { passwordInput, passwordInputExample } from '../resources/password.ts';
import { present } from '../resources/present.ts';
import { there } from '../there.ts';
import { athleteFilterMessage, oneAthleteFilters } from './athlete-filters.ts';

const common = { owner: 'identity', access: 'user', errors: [403] } as const;
const himself = 'the athlete himself';
const params = { athlete: 'Athlete ID' };
const one = { description: 'The athlete', schema: athleteOutput, example: athleteExample };

const updateAthleteInput = z
  .object({
    username: text(),
    external_id: text().nullish(),
    email: text().meta({ format: 'email' }),
    athlete_profile: athleteProfileInput.optional(),
  })
  .meta({ id: 'UpdateAthleteRequest' });

const updateAthlete = defineRoute({
  ...common,
  method: 'PUT',
  path: '/athletes/{athlete}/',
  operationId: 'updateAthlete',
  summary: 'Updates an athlete',
  description: 'An omitted optional field stays as it is, one that is null is left without a value.',
  who: himself,
  params,
  query: oneAthleteFilters,
  body: {
    kind: 'json',
    schema: updateAthleteInput,
    example: {
      username: 'jon.doe@example.com',
      external_id: '0123456789',
      email: 'jon.doe@example.com',
      athlete_profile: athleteProfileInputExample,
    },
  },
  responses: { 201: one },
  async handler({ params, query, body, cleared, fieldErrors, ifRevision }, call) {
    const request = {
      ...params,
      cleared: [...cleared],
      ...present('ifRevision', ifRevision),
      username: body.username ?? '',
      email: body.email ?? '',
      ...present('externalId', body.external_id),
      ...athleteProfileMessage(body.athlete_profile),
      filter: athleteFilterMessage(query),
    };
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.identity.updateAthlete(request, options),
    );
    const athlete = there(answer.athlete);
    return json(201, athleteJson(athlete), athleteTag(athlete));
  },
});

const updateManagedAthleteInput = z
  .object({
    external_id: text().nullish(),
    managed_by: id().meta({ description: 'The manager who manages the athlete: the caller himself' }),
    athlete_profile: athleteProfileInput.optional(),
  })
  .meta({ id: 'UpdateManagedAthleteRequest' });

const updateManagedAthlete = defineRoute({
  ...common,
  method: 'PUT',
  path: '/athletes/{athlete}/update-managed/',
  operationId: 'updateManagedAthlete',
  summary: 'Updates a managed athlete',
  description: 'An omitted optional field stays as it is, one that is null is left without a value.',
  who: 'the manager who manages the athlete, with can_create_managed_athletes',
  params,
  body: {
    kind: 'json',
    schema: updateManagedAthleteInput,
    example: { external_id: '0123456789', managed_by: 1, athlete_profile: athleteProfileInputExample },
  },
  responses: { 201: one },
  async handler({ params, body, cleared, fieldErrors, ifRevision }, call) {
    const request = {
      ...params,
      cleared: [...cleared],
      ...present('ifRevision', ifRevision),
      ...present('managedBy', body.managed_by),
      ...present('externalId', body.external_id),
      ...athleteProfileMessage(body.athlete_profile),
    };
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.identity.updateManagedAthlete(request, options),
    );
    const athlete = there(answer.athlete);
    return json(201, athleteJson(athlete), athleteTag(athlete));
  },
});

const deleteAthlete = defineRoute({
  ...common,
  method: 'DELETE',
  path: '/athletes/{athlete}/',
  operationId: 'deleteAthlete',
  summary: 'Deletes an athlete',
  description: 'His personal data is erased for good.',
  who: himself,
  params,
  query: oneAthleteFilters,
  responses: { 204: { description: 'He is deleted' } },
  async handler({ params, query, fieldErrors, ifRevision }, call) {
    const request = {
      ...params,
      filter: athleteFilterMessage(query),
      ...present('ifRevision', ifRevision),
    };
    await call.command(fieldErrors, (options) => call.clients.identity.deleteAthlete(request, options));
    await call.refreshRevocations();
    return noContent();
  },
});

const deleteManagedAthlete = defineRoute({
  ...common,
  method: 'DELETE',
  path: '/athletes/{athlete}/delete-managed/',
  operationId: 'deleteManagedAthlete',
  summary: 'Deletes a managed athlete',
  description: 'His personal data is erased for good.',
  who: 'the manager who manages the athlete',
  params,
  responses: { 204: { description: 'He is deleted' } },
  async handler({ params, fieldErrors, ifRevision }, call) {
    const request = { ...params, ...present('ifRevision', ifRevision) };
    await call.command(fieldErrors, (options) =>
      call.clients.identity.deleteManagedAthlete(request, options),
    );
    return noContent();
  },
});

const passwordBody = { kind: 'json', schema: passwordInput, example: passwordInputExample } as const;
const passwordPath = '/athletes/{athlete}/change-password/';

const changingPassword = {
  ...common,
  path: passwordPath,
  summary: "Changes the user's password",
  description: 'Other sessions end.',
  who: himself,
  params,
  body: passwordBody,
  responses: { 204: { description: 'It is changed' } },
  async handler(
    {
      params,
      body,
      fieldErrors,
      ifRevision,
    }: RouteInput<typeof passwordPath, Record<never, never>, typeof passwordBody>,
    call: GatewayCall,
  ) {
    const request = { ...params, password: body.password ?? '', ...present('ifRevision', ifRevision) };
    await call.command(fieldErrors, (options) =>
      call.clients.identity.changeAthletePassword(request, options),
    );
    return noContent();
  },
} as const;

/** Programs use any of the three methods. */
const changePassword = defineRoute({ ...changingPassword, method: 'PUT', operationId: 'changePassword' });
const patchPassword = defineRoute({ ...changingPassword, method: 'PATCH', operationId: 'patchPassword' });
const postPassword = defineRoute({ ...changingPassword, method: 'POST', operationId: 'postPassword' });

export const athleteChangeRoutes = [
  updateAthlete,
  updateManagedAthlete,
  deleteAthlete,
  deleteManagedAthlete,
  changePassword,
  patchPassword,
  postPassword,
];
