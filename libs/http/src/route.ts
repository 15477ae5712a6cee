import type * as z from 'zod';
import type { FieldMessages } from './errors.ts';
import type { ListQuery, ListRules } from './list.ts';
import type { JsonSchema, QueryFields, QueryValues } from './query.ts';
import type { DeepPartial } from './read-fields.ts';
import type { Reply } from './reply.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * `anyone` needs no credentials, `client` shows those of an OAuth client to the handler, `device` takes an ingest
 * token as well as an access token.
 */
export type Access = 'anyone' | 'client' | 'user' | 'device';

/** The names in braces of a path, each a positive integer. */
export type PathParams<P extends string> = string extends P
  ? Readonly<Record<string, number>>
  : { readonly [K in ParamNames<P>]: number };

type ParamNames<P extends string> = P extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamNames<Rest>
  : never;

export interface JsonBody<S extends z.ZodObject = z.ZodObject> {
  kind: 'json';
  schema: S;
  example: unknown;
}

export interface FormBody {
  kind: 'form';
  schema: z.ZodObject;
  example: Readonly<Record<string, string>>;
}

/** A body that the handler reads itself. */
export interface RawBody {
  kind: 'raw';
  /** What each media type holds. */
  content: Readonly<Record<string, { schema: JsonSchema; example: unknown }>>;
  /** 2 MiB when left out. */
  maxBytes?: number;
}

export type BodySpec = JsonBody | FormBody | RawBody;

/** What a handler gets: of JSON the fields that came right, a form's parameters, or the text as it came. */
export type BodyOf<B> =
  B extends JsonBody<infer S>
    ? DeepPartial<z.output<S>>
    : B extends FormBody
      ? URLSearchParams
      : B extends RawBody
        ? RawContent
        : undefined;

export interface RawContent {
  mediaType: string;
  text: string;
}

export interface ResponseSpec {
  description: string;
  /** Left out when there is no body. Schema and example of a list operation are a row's: the envelope is added. */
  schema?: z.ZodType;
  example?: unknown;
  /** `application/json` when left out. */
  mediaType?: string;
  /** Media types that a caller may ask for instead; the answer is then text. */
  textAs?: readonly string[];
}

export interface RouteInput<P extends string, F extends QueryFields, B> {
  readonly params: PathParams<P>;
  /** Without the parameters that are missing, empty or wrong. */
  readonly query: QueryValues<F>;
  readonly list: ListQuery;
  readonly body: BodyOf<B>;
  /** The names of the body's fields that came as null where they may: those are not in `body`. */
  readonly cleared: readonly string[];
  /**
   * What is wrong with query and body. A command hands it on to the owning service, which answers it when the
   * resource exists and the caller has the right; of a GET it is answered when the handler succeeds.
   */
  readonly fieldErrors: FieldMessages;
  /** The revision that `If-Match` wants the resource to have; the owning service compares. */
  readonly ifRevision: number | undefined;
  header(name: string): string | undefined;
}

interface RouteBase {
  method: Method;
  operationId: string;
  summary: string;
  description?: string;
  /** The context whose service authorises it. */
  owner: string;
  access: Access;
  /** Who may, for the documentation. */
  who: string;
  /** Outside the base paths. */
  root?: boolean;
  /** A GET whose answer has no ETag although it is of one resource: it is sent while it is made. */
  untagged?: boolean;
  /** What the path's ids are. */
  params?: Readonly<Record<string, string>>;
  list?: ListRules;
  responses: Readonly<Record<number, ResponseSpec>>;
  /** Further statuses that it answers, beside those that follow from its parts. */
  errors?: readonly number[];
}

export interface RouteSpec<P extends string, F extends QueryFields, B, C> extends RouteBase {
  /** Relative to the base path, ids in braces: `/athletes/{athlete}/`. */
  path: P;
  query?: F;
  body?: B;
  handler(input: RouteInput<P, F, B>, call: C): Promise<Reply>;
}

/** A route of a table: one value from which routing, validation and OpenAPI come. */
export interface Route<C> extends RouteBase {
  path: string;
  query: QueryFields;
  body: BodySpec | undefined;
  handler(input: RouteInput<string, QueryFields, unknown>, call: C): Promise<Reply>;
}

/** Tokens are given anew each time, and what a device sends twice is known by itself. */
export function takesIdempotencyKey<C>({ method, access }: Route<C>): boolean {
  return method === 'POST' && (access === 'user' || access === 'anyone');
}

/** @returns `defineRoute` for handlers that get a `C` beside the request */
export function routeDefiner<C>() {
  return function defineRoute<
    const P extends string,
    F extends QueryFields = Record<never, never>,
    B extends BodySpec | undefined = undefined,
  >(spec: RouteSpec<P, F, B, C>): Route<C> {
    // The reader of the same value produces the input, so the narrower types hold.
    const handler = spec.handler as unknown as Route<C>['handler'];
    return { ...spec, query: spec.query ?? {}, body: spec.body, handler };
  };
}
