import type { Reply } from '@touchline/http';
import { RpcError } from '@touchline/rpc';
import * as z from 'zod';
import { pageMediaType, refusalPage, signInPage } from '../authorization-page.ts';
import { defineRoute, type GatewayCall } from '../gateway-call.ts';
import { noStore } from '../rpc-to-http.ts';
import { type Form, readForm } from './token.ts';

const parameterFields = {
  response_type: 'Always `code`',
  client_id: 'The id of the OAuth client',
  redirect_uri: "Exactly one of the client's; may be left out when it has one",
  scope: 'Always `all`, which is the default',
  state: 'Comes back with the code',
  code_challenge: 'RFC 7636: the SHA-256 of the code_verifier in base64url',
  code_challenge_method: 'Always `S256`',
} as const;
type ParameterName = keyof typeof parameterFields;
const parameterNames = Object.keys(parameterFields) as ParameterName[];

const exampleChallenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const example = {
  response_type: 'code',
  client_id: 'club',
  redirect_uri: 'https://club.example/back',
  state: 'af0ifjsldkj',
  code_challenge: exampleChallenge,
  code_challenge_method: 'S256',
};

/** Every value is the client's own, so none is wrong before identity has looked at it. */
const query = Object.fromEntries(
  Object.entries(parameterFields).map(([name, description]) => [
    name,
    {
      read: (text: string) => ({ value: text }),
      schema: { type: 'string' },
      description,
      ...(Object.hasOwn(example, name) && { example: example[name as keyof typeof example] }),
    },
  ]),
);

const common = {
  path: '/oauth2/authorize/',
  root: true,
  owner: 'identity',
  access: 'client',
  who: 'the users of an OAuth client that has a redirect URI',
} as const;

const pageOf = (description: string) => ({
  description,
  mediaType: pageMediaType.split(';')[0] ?? '',
  schema: z.string(),
});
const sentBack = {
  303: {
    description:
      'Back to the client: to its redirect_uri with `code` and `state`, or with `error`, as in RFC 6749 section 4.1.2',
  },
};
/** A page, but for a body that cannot be read at all. */
const pageOrError = (description: string) => ({
  description,
  schema: z.object({ detail: z.string() }),
  textAs: ['text/html'],
});
const unknownClient = 'The client or its redirect URI is unknown: nobody is sent there';

const showAuthorization = defineRoute({
  ...common,
  method: 'GET',
  operationId: 'showAuthorization',
  summary: 'Shows the page where a user signs in for a client',
  description:
    'The authorization code grant of RFC 6749 section 4.1 with PKCE (RFC 7636, S256), in the browser.',
  query,
  responses: { 200: pageOf('The page'), ...sentBack, 400: pageOf(unknownClient) },
  async handler({ query }, call) {
    const given = query as Form;
    return toUser(async () => {
      const authorization = authorizationMessage(given);
      const { message } = await call.clients.identity.checkAuthorization({ authorization }, call.reading);
      const { redirectUri, refusal } = message;
      if (refusal) return redirect(redirectUri, refused(refusal), given);
      return signInPage(200, form(given, redirectUri));
    });
  },
});

const authorizeForm = z
  .object({
    ...(Object.fromEntries(parameterNames.map((name) => [name, z.string().optional()])) as Record<
      ParameterName,
      z.ZodOptional<z.ZodString>
    >),
    username: z.string().optional(),
    password: z.string().optional(),
    decision: z.enum(['allow', 'deny']).optional(),
  })
  .meta({ id: 'AuthorizationForm' });

const authorize = defineRoute({
  ...common,
  method: 'POST',
  operationId: 'authorize',
  summary: 'Signs the user in and sends him back to the client with a code',
  description: "The page's form. A code is good for a minute and for one exchange at the token endpoint.",
  body: {
    kind: 'form',
    schema: authorizeForm,
    example: { ...example, username: 'ada', password: 'SuperPassword$$123', decision: 'allow' },
  },
  responses: {
    ...sentBack,
    400: pageOrError(`${unknownClient}; or username and password are wrong, and the page asks again`),
    403: pageOf('The form came from another site'),
  },
  async handler({ body, header }, call) {
    // Browsers say where a form was; none but the page itself is to send users along.
    if (['cross-site', 'same-site'].includes(header('sec-fetch-site') ?? ''))
      return refusalPage(403, 'This form was sent by another site. Start again from where you came.');
    return toUser(async () => {
      const given = readForm(body);
      return given['decision'] === 'deny' ? deny(given, call) : signIn(given, call);
    });
  },
});

async function deny(given: Form, call: GatewayCall): Promise<Reply> {
  const authorization = authorizationMessage(given);
  const { message } = await call.clients.identity.checkAuthorization({ authorization }, call.reading);
  const denied = { error: 'access_denied', error_description: 'The user has denied it.' };
  return redirect(message.redirectUri, message.refusal ? refused(message.refusal) : denied, given);
}

async function signIn(given: Form, call: GatewayCall): Promise<Reply> {
  const authorization = authorizationMessage(given);
  const { username = '', password = '' } = given;
  try {
    const request = { authorization, username, password };
    const { redirectUri, outcome } = await call.send({}, (options) =>
      call.clients.identity.authorize(request, options),
    );
    const answer = outcome.case === 'refusal' ? refused(outcome.value) : { code: outcome.value ?? '' };
    return redirect(redirectUri, answer, given);
  } catch (error) {
    if (!(error instanceof RpcError) || error.oauthError !== 'invalid_grant') throw error;
    const { message } = await call.clients.identity.checkAuthorization({ authorization }, call.reading);
    const problem = 'The username or the password is wrong.';
    return signInPage(400, { ...form(given, message.redirectUri), username, problem });
  }
}

function authorizationMessage(given: Form) {
  return {
    clientId: given['client_id'] ?? '',
    redirectUri: given['redirect_uri'] ?? '',
    responseType: given['response_type'] ?? '',
    scope: given['scope'] ?? '',
    codeChallenge: given['code_challenge'] ?? '',
    codeChallengeMethod: given['code_challenge_method'] ?? '',
  };
}

function form(given: Form, redirectUri: string) {
  const parameters = Object.fromEntries(
    parameterNames.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])),
  );
  return { client: given['client_id'] ?? '', redirectUri, parameters };
}

const refused = ({ error, description }: { error: string; description: string }) => ({
  error,
  error_description: description,
});

/** @param redirectUri one of the client's, as identity says */
function redirect(redirectUri: string, answer: Readonly<Record<string, string>>, { state }: Form): Reply {
  const target = new URL(redirectUri);
  for (const [name, value] of Object.entries({ ...answer, ...(state !== undefined && { state }) }))
    target.searchParams.set(name, value);
  const headers = { ...noStore, Location: target.href, 'Referrer-Policy': 'no-referrer' };
  return { status: 303, body: { kind: 'none' }, headers };
}

/** Who is not to be sent back reads why, in his browser. */
async function toUser(answer: () => Promise<Reply>): Promise<Reply> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof RpcError && error.status === 'oauth') return refusalPage(400, error.detail);
    throw error;
  }
}

export const authorizeRoutes = [showAuthorization, authorize];
