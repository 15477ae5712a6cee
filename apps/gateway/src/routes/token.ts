import { json } from '@touchline/http';
import { RpcError } from '@touchline/rpc';
import * as z from 'zod';
import { defineRoute } from '../gateway-call.ts';
import { noStore } from '../rpc-to-http.ts';
import { present } from '../resources/present.ts';

const tokenInput = z
  .object({
    grant_type: z.enum(['password', 'refresh_token', 'authorization_code']),
    username: z.string().optional(),
    password: z.string().optional(),
    refresh_token: z.string().optional(),
    code: z.string().optional(),
    redirect_uri: z.string().optional(),
    code_verifier: z.string().optional(),
    scope: z.string().optional(),
    client_id: z.string().optional(),
    client_secret: z.string().optional(),
  })
  .meta({ id: 'TokenRequest' });

const tokenOutput = z
  .object({
    access_token: z.string(),
    expires_in: z.int(),
    token_type: z.literal('Bearer'),
    scope: z.string(),
    refresh_token: z.string(),
  })
  .meta({ id: 'Token' });

export const oauthErrorOutput = z
  .object({ error: z.string(), error_description: z.string().optional() })
  .meta({ id: 'OAuthError', description: 'RFC 6749 section 5.2' });

export const issueToken = defineRoute({
  method: 'POST',
  path: '/oauth2/token/',
  root: true,
  operationId: 'issueToken',
  summary: 'Issues an access token',
  owner: 'identity',
  access: 'client',
  who: 'an OAuth client, by HTTP Basic or in the body',
  body: {
    kind: 'form',
    schema: tokenInput,
    example: { grant_type: 'password', username: 'ada', password: 'SuperPassword$$123', scope: 'all' },
  },
  responses: {
    200: {
      description: 'An access token of ten hours and a refresh token',
      schema: tokenOutput,
      example: {
        access_token: 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
        expires_in: 36000,
        token_type: 'Bearer',
        scope: 'all',
        refresh_token: 'tGzv3JOkF0XG5Qx2TlKWIA',
      },
    },
    400: {
      description: 'The request is refused',
      schema: oauthErrorOutput,
      example: { error: 'invalid_grant', error_description: 'The username or password is wrong.' },
    },
    401: {
      description: 'The client is unknown',
      schema: oauthErrorOutput,
      example: {
        error: 'invalid_client',
        error_description: 'The client is unknown or its secret is wrong.',
      },
    },
  },
  async handler({ body, header }, call) {
    const form = readForm(body);
    const request = { ...readClient(header('authorization'), form), grant: readGrant(form) };
    const issued = call.send({}, (options) => call.clients.identity.issueToken(request, options));
    const answer = await issued.catch(async (error: unknown) => {
      // A code that is used twice ends what was issued for it.
      if (request.grant.case === 'code') await call.refreshRevocations();
      throw error;
    });
    const token = {
      access_token: answer.accessToken,
      expires_in: answer.expiresInS,
      token_type: 'Bearer',
      scope: answer.scope,
      refresh_token: answer.refreshToken,
    };
    return { ...json(200, token), headers: noStore };
  },
});

export type Form = Readonly<Record<string, string>>;

/** An empty parameter counts as left out. */
export function readForm(parameters: URLSearchParams): Form {
  const form: Record<string, string> = {};
  for (const [name, value] of parameters) {
    if (value === '') continue;
    if (Object.hasOwn(form, name)) throw refused('invalid_request', `The parameter ${name} is there twice.`);
    form[name] = value;
  }
  return form;
}

export function readClient(authorization: string | undefined, form: Form) {
  const basic = /^Basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization ?? '')?.[1];
  if (basic !== undefined) {
    const [, id = '', secret = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(basic, 'base64').toString()) ?? [];
    return { clientId: formDecoded(id), clientSecret: formDecoded(secret) };
  }
  const { client_id: clientId, client_secret: clientSecret = '' } = form;
  if (clientId === undefined) {
    throw refused(
      'invalid_client',
      'Name the client by HTTP Basic or by client_id and client_secret in the body.',
    );
  }
  return { clientId, clientSecret };
}

/** RFC 6749 section 2.3.1 wants both form-encoded; many clients send them as they are. */
function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readGrant(form: Form) {
  switch (form['grant_type']) {
    case undefined:
      throw refused('invalid_request', 'The parameter grant_type is missing.');
    case 'password': {
      const value = {
        username: required(form, 'username'),
        password: required(form, 'password'),
        ...present('scope', form['scope']),
      };
      return { case: 'password' as const, value };
    }
    case 'refresh_token':
      return { case: 'refresh' as const, value: { refreshToken: required(form, 'refresh_token') } };
    case 'authorization_code': {
      const value = {
        code: required(form, 'code'),
        redirectUri: form['redirect_uri'] ?? '',
        codeVerifier: required(form, 'code_verifier'),
      };
      return { case: 'code' as const, value };
    }
    default:
      throw refused(
        'unsupported_grant_type',
        'This server knows the grants password, refresh_token and authorization_code.',
      );
  }
}

export function required(form: Form, name: string): string {
  const value = form[name];
  if (value === undefined) throw refused('invalid_request', `The parameter ${name} is missing.`);
  return value;
}

function refused(oauthError: string, detail: string): RpcError {
  return new RpcError('oauth', detail, { oauthError });
}
