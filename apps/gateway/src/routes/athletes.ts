import { AthleteSchema } from '@touchline/contracts/identity/v1/service';
import { id, json, listReply, queryText, text } from '@touchline/http';
import * as z from 'zod';
import { defineRoute } from '../gateway-call.ts';
import { listOptions, readList, rowText } from '../read-list.ts';
import {
  athleteExample,
  athleteJson,
  athleteOutput,
  athleteProfileInput,
  athleteProfileInputExample,
  athleteProfileMessage,
  athleteTag,
  managedAthleteOutput,
} from '../resources/athlete.ts';
import { present } from '../resources/present.ts';
import { there } from '../there.ts';
import {
  athleteFilterMessage,
  athleteFilters,
  athleteOrderings,
  oneAthleteFilters,
} from './athlete-filters.ts';

const athleteText = rowText(AthleteSchema, athleteJson);
const listAthletes = defineRoute({
  method: 'GET',
  path: '/athletes/',
  operationId: 'listAthletes',
  summary: 'Lists athlete users',
  description: 'The athletes on whom the caller has READ permission now.',
  owner: 'identity',
  access: 'user',
  who: 'managers',
  errors: [403],
  list: { ordering: athleteOrderings, searchable: true },
  query: athleteFilters,
  responses: { 200: { description: 'A page of athletes', schema: athleteOutput, example: athleteExample } },
  async handler({ list, query }, { clients, reading }) {
    const request = { options: listOptions(list), filter: athleteFilterMessage(query) };
    const { count, rows } = await readList(clients.identity.listAthletes(request, reading), athleteText);
    return listReply(count, rows);
  },
});

const createAthleteInput = z
  .object({
    username: text(),
    external_id: text().nullish(),
    email: text().meta({ format: 'email' }),
    password: text().nullish(),
    athlete_profile: athleteProfileInput,
  })
  .meta({ id: 'CreateAthleteRequest' });

const createAthlete = defineRoute({
  method: 'POST',
  path: '/athletes/',
  operationId: 'createAthlete',
  summary: 'Creates an athlete user',
  description: 'The credentials are sent to the e-mail address.',
  owner: 'identity',
  access: 'anyone',
  who: 'anyone',
  errors: [403],
  body: {
    kind: 'json',
    schema: createAthleteInput,
    example: {
      username: 'jon.doe@example.com',
      external_id: '0123456789',
      email: 'jon.doe@example.com',
      athlete_profile: athleteProfileInputExample,
    },
  },
  responses: {
    201: {
      description: 'The athlete',
      schema: athleteOutput,
      example: { ...athleteExample, managed_by: null },
    },
  },
  async handler({ body, fieldErrors }, call) {
    const request = {
      username: body.username ?? '',
      email: body.email ?? '',
      ...present('password', body.password),
      ...present('externalId', body.external_id),
      ...athleteProfileMessage(body.athlete_profile),
    };
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.identity.createAthlete(request, options),
    );
    const athlete = there(answer.athlete);
    return json(201, athleteJson(athlete), athleteTag(athlete));
  },
});

const createManagedAthleteInput = z
  .object({
    external_id: text().nullish(),
    managed_by: id().meta({ description: 'The manager who manages the athlete: the caller himself' }),
    athlete_profile: athleteProfileInput,
  })
  .meta({ id: 'CreateManagedAthleteRequest' });

const { email: _email, ...managedAthleteExample } = {
  ...athleteExample,
  username: 'MANAGED-7d5e0c5e-6a1c-4f0f-9d3f-1a2b3c4d5e6f',
};

const createManagedAthlete = defineRoute({
  method: 'POST',
  path: '/athletes/create-managed/',
  operationId: 'createManagedAthlete',
  summary: 'Creates a managed athlete user',
  description:
    'READ, WRITE and SHARE permissions for the manager, from 1970-01-01 to 2199-12-31, come with it.',
  owner: 'identity',
  access: 'user',
  who: 'managers with can_create_managed_athletes',
  errors: [403],
  body: {
    kind: 'json',
    schema: createManagedAthleteInput,
    example: { external_id: '0123456789', managed_by: 1, athlete_profile: athleteProfileInputExample },
  },
  responses: {
    201: { description: 'The athlete', schema: managedAthleteOutput, example: managedAthleteExample },
  },
  async handler({ body, fieldErrors }, call) {
    const request = {
      ...present('managedBy', body.managed_by),
      ...present('externalId', body.external_id),
      ...athleteProfileMessage(body.athlete_profile),
    };
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.identity.createManagedAthlete(request, options),
    );
    const athlete = there(answer.athlete);
    const { email: _none, ...rest } = athleteJson(athlete);
    return json(201, rest, athleteTag(athlete));
  },
});

const retrieveAthlete = defineRoute({
  method: 'GET',
  path: '/athletes/{athlete}/',
  operationId: 'retrieveAthlete',
  summary: 'Retrieves an athlete',
  owner: 'identity',
  access: 'user',
  who: 'the athlete himself and managers with READ permission on him now',
  params: { athlete: 'Athlete ID' },
  errors: [403],
  query: oneAthleteFilters,
  responses: { 200: { description: 'The athlete', schema: athleteOutput, example: athleteExample } },
  async handler({ params, query }, { clients, reading }) {
    const request = { athlete: params.athlete, filter: athleteFilterMessage(query) };
    const { message } = await clients.identity.getAthlete(request, reading);
    const athlete = there(message.athlete);
    return json(200, athleteJson(athlete), athleteTag(athlete));
  },
});

const retrieveAthleteByExternalId = defineRoute({
  method: 'GET',
  path: '/athletes/by-external-id/',
  operationId: 'retrieveAthleteByExternalId',
  summary: 'Retrieves an athlete by its external id',
  description:
    'Of several the managed athlete of the caller, then one whom nobody manages, then the lowest id that he may read.',
  owner: 'identity',
  access: 'user',
  who: 'the athlete himself and managers with READ permission on him now',
  errors: [403, 404],
  query: { 'external-id': queryText({ description: 'External ID', required: true, example: '0123456789' }) },
  responses: { 200: { description: 'The athlete', schema: athleteOutput, example: athleteExample } },
  async handler({ query, fieldErrors }, { clients, reading }) {
    const request = { externalId: query['external-id'] ?? '' };
    const { message } = await clients.identity.findAthlete(request, { ...reading, fieldErrors });
    const athlete = there(message.athlete);
    return json(200, athleteJson(athlete), athleteTag(athlete));
  },
});

export const athleteRoutes = [
  listAthletes,
  createAthlete,
  createManagedAthlete,
  retrieveAthleteByExternalId,
  retrieveAthlete,
];
