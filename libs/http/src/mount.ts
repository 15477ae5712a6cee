import type { Context, Middleware } from 'koa';
import { readBody } from './body.ts';
import { ifMatchRevision } from './entity-tag.ts';
import {
  type FieldMessages,
  HttpError,
  internalError,
  invalidFields,
  invalidPage,
  mergeFieldMessages,
  methodNotAllowed,
  notFound,
} from './errors.ts';
import { maxId } from './fields.ts';
import { readListQuery } from './list.ts';
import { type QueryFields, readQuery } from './query.ts';
import { readFields } from './read-fields.ts';
import type { Reply } from './reply.ts';
import { requestIdOf } from './request-id.ts';
import { type Route, type RouteInput, takesIdempotencyKey } from './route.ts';
import { type BasePath, RouteTable } from './route-table.ts';
import { sendError, sendReply } from './send-reply.ts';

/** What is known of a request before its body is read. */
export interface RequestFacts<C> {
  route: Route<C>;
  requestId: string;
  /** The header `Authorization`. */
  authorization: string | undefined;
  /** The peer's address. */
  address: string;
  /** Aborts when the peer goes away. */
  signal: AbortSignal;
  header(name: string): string | undefined;
}

/** A request with an `Idempotency-Key`. */
export interface KeyedRequest<C> {
  key: string;
  route: Route<C>;
  /** Everything that the answer follows from: method, path, query and body. */
  content: string;
  call: C;
}

/** A list that is asked for. */
export interface ListRead {
  /** The same for requests of one caller that have the same answer. */
  key: string;
  /** Aborts when the peer goes away. */
  signal: AbortSignal;
}

export interface MountOptions<C> {
  routes: readonly Route<C>[];
  basePaths: readonly BasePath[];
  /**
   * Checks the credentials and the caller's rate.
   * @returns what handlers get, and headers for the answer
   * @throws HttpError 401 or 429
   */
  admit(facts: RequestFacts<C>): Promise<{ call: C; headers?: Readonly<Record<string, string>> }>;
  /** Answers a POST with an `Idempotency-Key`: by `run`, or with the answer that it gave before. */
  once?(request: KeyedRequest<C>, run: () => Promise<Reply>): Promise<Reply>;
  /** Answers a list: by `run`, or with what answers a request of the same key that comes at the same time. */
  shared?(read: ListRead, run: () => Promise<Reply>): Promise<Reply>;
  /** What a failure of a handler answers; undefined when nobody knows. */
  toHttpError(error: unknown): HttpError | undefined;
  /** After each answer; the status is 499 when the peer went away before it. */
  answered(summary: {
    requestId: string;
    method: string;
    /** Of the route, with the ids that were asked for; other texts in a path, such as an external id, may name a person. */
    path: string | undefined;
    status: number;
    durationMs: number;
    operationId: string | undefined;
    error: unknown;
  }): void;
}

/** Answers every request from the routes, checks in the order of the API's conventions. */
export function mount<C>(options: MountOptions<C>): Middleware {
  const table = new RouteTable(options.routes, options.basePaths);
  return async (context) => {
    const startedMs = performance.now();
    const requestId = requestIdOf(context.get('x-request-id') || undefined);
    context.set('X-Request-Id', requestId);
    let error: unknown;
    let operationId: string | undefined;
    let path: string | undefined;
    try {
      const match = table.match(context.method, context.path);
      if (match.kind === 'route') {
        operationId = match.route.operationId;
        path = withIds(match.route.path, match.params);
        await answer(context, options, match, requestId);
      } else {
        answerUnrouted(context, match);
      }
    } catch (caught) {
      error = caught;
      sendError(context, asHttpError(caught, options) ?? internalError(caught));
    }
    const isGone = context.res.closed && !context.res.writableFinished;
    options.answered({
      requestId,
      method: context.method,
      path,
      status: isGone ? peerIsGone : context.status,
      durationMs: performance.now() - startedMs,
      operationId,
      error,
    });
  };
}

const withIds = (template: string, params: Readonly<Record<string, string>>): string =>
  template.replaceAll(/\{(\w+)\}/g, (unfilled, name: string) =>
    /^\d+$/.test(params[name] ?? '') ? (params[name] ?? '') : unfilled,
  );

/** What is logged, and never sent, as the status of a request whose peer did not wait for the answer. */
const peerIsGone = 499;
const peerWentAway = new Error('The peer went away before it was answered.');

function asHttpError<C>(caught: unknown, options: MountOptions<C>): HttpError | undefined {
  return caught instanceof HttpError ? caught : options.toHttpError(caught);
}

function answerUnrouted<C>(
  context: Context,
  match: Exclude<ReturnType<RouteTable<C>['match']>, { kind: 'route' }>,
) {
  switch (match.kind) {
    case 'unknown':
      throw notFound();
    case 'method_not_allowed':
      throw methodNotAllowed(context.method, match.allowed);
    case 'slash_missing': {
      if (context.method !== 'GET' && context.method !== 'HEAD') {
        throw new HttpError(404, `Not found. The path must end in a slash: ${context.path}/`);
      }
      const query = context.req.url?.indexOf('?') ?? -1;
      context.body = null;
      context.status = 301;
      context.set('Location', `${context.path}/${query < 0 ? '' : context.req.url?.slice(query)}`);
      return;
    }
    default:
      match satisfies never;
  }
}

async function answer<C>(
  context: Context,
  options: MountOptions<C>,
  match: Extract<ReturnType<RouteTable<C>['match']>, { kind: 'route' }>,
  requestId: string,
): Promise<void> {
  const { route } = match;
  const aborted = new AbortController();
  context.res.on('close', () => {
    // Nobody listens any more once it is answered, and a reason costs what an error does.
    if (!context.res.writableFinished) aborted.abort(peerWentAway);
  });
  const { call, headers } = await options.admit({
    route,
    requestId,
    authorization: context.get('authorization') || undefined,
    get address() {
      return context.ip;
    },
    signal: aborted.signal,
    header: (name) => context.get(name) || undefined,
  });
  if (headers) context.set({ ...headers });
  const { body, cleared, errors: bodyErrors } = await readRouteBody(context, route);
  const params = readParams(match.params);
  const parameters = new URLSearchParams(context.querystring);
  const query = readQuery(route.query, parameters);
  const { list, errors: listErrors } = readListQuery(
    route.list ?? { ordering: [] },
    parameters,
    match.bareLists,
  );
  const fieldErrors = [query.errors, route.list ? listErrors : {}, bodyErrors].reduce(mergeFieldMessages);
  const input: RouteInput<string, QueryFields, unknown> = {
    params,
    query: query.values,
    list,
    body: body as undefined,
    cleared,
    fieldErrors,
    ifRevision: ifMatchRevision(context.get('if-match') || undefined),
    header: (name) => context.get(name) || undefined,
  };
  const run = () => {
    const handled = () => handle(route, input, call, options);
    if (route.list && options.shared) {
      const { path, querystring } = context;
      const key = [context.get('authorization'), context.get('accept'), path, querystring].join('\n');
      return options.shared({ key, signal: aborted.signal }, handled);
    }
    return handled();
  };
  const key = context.get('idempotency-key');
  const isKeyed = key !== '' && takesIdempotencyKey(route);
  const content = () => JSON.stringify([context.method, context.path, context.querystring, body]);
  const reply =
    isKeyed && options.once ? await options.once({ key, route, content: content(), call }, run) : await run();
  if (route.method === 'GET') {
    if (Object.keys(fieldErrors).length > 0) throw invalidFields(fieldErrors);
    if (route.list && list.pageIsInvalid) throw invalidPage();
  }
  sendReply(context, reply, list);
}

/** Field errors that the handler's side found are joined with those of the request itself. */
async function handle<C>(
  route: Route<C>,
  input: RouteInput<string, QueryFields, unknown>,
  call: C,
  options: MountOptions<C>,
): Promise<Reply> {
  try {
    return await route.handler(input, call);
  } catch (caught) {
    const error = asHttpError(caught, options);
    if (error?.fields === undefined) throw error ?? caught;
    throw invalidFields(mergeFieldMessages(input.fieldErrors, error.fields));
  }
}

interface RouteBodyRead {
  body: unknown;
  cleared: readonly string[];
  errors: FieldMessages;
}

const nothingRead: RouteBodyRead = { body: undefined, cleared: [], errors: {} };

async function readRouteBody<C>(context: Context, { method, body: spec }: Route<C>): Promise<RouteBodyRead> {
  if (method === 'GET' || method === 'DELETE') return nothingRead;
  const read = await readBody(context.req, spec);
  switch (read.kind) {
    case 'json': {
      if (spec?.kind !== 'json') return nothingRead;
      const { value: body, cleared, errors } = readFields(spec.schema, read.value);
      return { body, cleared, errors };
    }
    case 'form':
      return { ...nothingRead, body: read.parameters };
    case 'raw':
      return { ...nothingRead, body: { mediaType: read.mediaType, text: read.text } };
    default:
      return read satisfies never;
  }
}

/** An id that is no positive integer is one that does not exist. */
function readParams(texts: Readonly<Record<string, string>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => {
      const value = Number(text);
      if (!/^\d+$/.test(text) || value < 1 || value > maxId) throw notFound();
      return [name, value];
    }),
  );
}
