import { json } from '@touchline/http';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import * as z from 'zod';
import { defineRoute } from '../gateway-call.ts';
import { noStore } from '../rpc-to-http.ts';
import { oauthErrorOutput, readClient, readForm, required } from './token.ts';

const tokenForm = z
  .object({
    token: z.string(),
    token_type_hint: z.string().optional(),
    client_id: z.string().optional(),
    client_secret: z.string().optional(),
  })
  .meta({ id: 'TokenInspectionRequest' });

const common = {
  method: 'POST',
  root: true,
  owner: 'identity',
  access: 'client',
  who: 'an OAuth client, by HTTP Basic or in the body',
  body: { kind: 'form', schema: tokenForm, example: { token: 'tGzv3JOkF0XG5Qx2TlKWIA' } },
} as const;

const refusals = {
  400: {
    description: 'The request is refused',
    schema: oauthErrorOutput,
    example: { error: 'invalid_request', error_description: 'The parameter token is missing.' },
  },
  401: {
    description: 'The client is unknown',
    schema: oauthErrorOutput,
    example: {
      error: 'invalid_client',
      error_description: 'The client is unknown or its secret is wrong.',
    },
  },
} as const;

const revokeToken = defineRoute({
  ...common,
  path: '/oauth2/revoke_token/',
  operationId: 'revokeToken',
  summary: 'Revokes a token',
  description:
    'RFC 7009. A refresh token ends with all of its sign-in. An unknown token is as good as revoked.',
  responses: {
    200: {
      description: 'The token is good no more',
      schema: z.object({}).meta({ id: 'TokenRevocation' }),
      example: {},
    },
    ...refusals,
  },
  async handler({ body, header }, call) {
    const form = readForm(body);
    const request = { ...readClient(header('authorization'), form), token: required(form, 'token') };
    await call.send({}, (options) => call.clients.identity.revokeToken(request, options));
    await call.refreshRevocations();
    return { ...json(200, {}), headers: noStore };
  },
});

const introspection = z
  .object({
    active: z.boolean(),
    scope: z.string().optional(),
    client_id: z.string().optional(),
    username: z.string().optional(),
    token_type: z.enum(['Bearer', 'refresh_token']).optional(),
    exp: z.int().optional().meta({ description: 'Seconds since 1970' }),
    sub: z.string().optional().meta({ description: "The user's id" }),
    jti: z.string().optional(),
  })
  .meta({ id: 'TokenIntrospection', description: 'RFC 7662 section 2.2' });

const introspectToken = defineRoute({
  ...common,
  path: '/oauth2/introspect/',
  operationId: 'introspectToken',
  summary: 'Tells whether a token is good, and whose it is',
  description: 'RFC 7662',
  responses: {
    200: {
      description: 'What is to be known',
      schema: introspection,
      example: {
        active: true,
        scope: 'all',
        client_id: 'club',
        username: 'ada',
        token_type: 'Bearer',
        exp: 1798761600,
        sub: '1',
      },
    },
    ...refusals,
  },
  async handler({ body, header }, call) {
    const form = readForm(body);
    const request = { ...readClient(header('authorization'), form), token: required(form, 'token') };
    const { message } = await call.clients.identity.introspectToken(request, call.reading);
    const { active, scope, clientId, username, user, tokenType, expiresAt, tokenId } = message;
    const token = {
      active,
      scope,
      client_id: clientId,
      username,
      token_type: tokenType,
      ...(expiresAt ? { exp: Math.floor(timestampMs(expiresAt) / 1000) } : {}),
      sub: String(user),
      ...(tokenId === '' ? {} : { jti: tokenId }),
    };
    return { ...json(200, active ? token : { active }), headers: noStore };
  },
});

export const tokenInspectionRoutes = [revokeToken, introspectToken];
