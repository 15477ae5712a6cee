import { createServer } from 'node:http';
import {
  type BasePath,
  type BucketRules,
  HttpError,
  mount,
  rateLimitHeaders,
  type RequestFacts,
  TokenBuckets,
} from '@touchline/http';
import { checkHealth, type TokenVerifier } from '@touchline/rpc';
import Koa from 'koa';
import { type Addresses, type Clients, contexts, createClients } from './clients.ts';
import { authenticate, type Credentials } from './credentials.ts';
import { gatewayCall, type GatewayCall } from './gateway-call.ts';
import { drain, listen } from './http-server.ts';
import { type IdempotencyStore, once } from './idempotency.ts';
import { ReadYourWrites } from './read-your-writes.ts';
import { RevokedTokens } from './revoked-tokens.ts';
import { routes } from './routes/index.ts';
import { toHttpError } from './rpc-to-http.ts';
import { sharedReads } from './shared-reads.ts';

const basePaths: readonly BasePath[] = [
  { prefix: '/api/v1' },
  { prefix: '/v1' },
  { prefix: '/api', bareLists: true },
];

/** The part of a pino logger that the gateway uses. */
export interface GatewayLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface GatewayOptions {
  host: string;
  /** 0: a free one. */
  port: number;
  addresses: Addresses;
  verifier: TokenVerifier;
  /** The gateway's own token. */
  token: () => Promise<string> | string;
  /** Per user, and per address for sign-ups and token requests. */
  rates: { user: BucketRules; anonymous: BucketRules };
  /** Reverse proxies in front, each of which adds to `X-Forwarded-For`. */
  trustedProxies: number;
  /** Where answers to requests with an `Idempotency-Key` are kept. */
  idempotency: IdempotencyStore;
  /** How long the headers of a request and all of it may take to come, in ms; else 408. */
  patience?: { headersMs: number; requestMs: number };
  logger: GatewayLogger;
}

/** A large frame over a slow line takes its time. */
const usualPatience = { headersMs: 30_000, requestMs: 300_000 };

export interface Gateway {
  readonly port: number;
  /** Takes no new requests and waits for those under way. */
  stop(): Promise<void>;
}

/** @throws Error that names the address when it cannot be listened on */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const clients = createClients(options.addresses, options.token);
  const revoked = new RevokedTokens({ identity: clients.identity, logger: options.logger });
  const app = new Koa({ proxy: options.trustedProxies > 0, maxIpsCount: options.trustedProxies });
  app.use(
    mount<GatewayCall>({
      routes,
      basePaths,
      admit: admission(options, clients, revoked),
      once: once(options.idempotency, toHttpError),
      shared: sharedReads(),
      toHttpError,
      answered: (summary) => logAnswer(options.logger, summary),
    }),
  );
  app.on('error', (error: Error) => options.logger.warn({ err: error }, 'an answer was not sent to its end'));
  const { headersMs, requestMs } = options.patience ?? usualPatience;
  const server = createServer(
    {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: Math.min(headersMs, 10_000),
    },
    app.callback(),
  );
  const port = await listen(server, options.host, options.port).catch((error: unknown) => {
    revoked.stop();
    clients.close();
    throw error;
  });
  return {
    port,
    async stop() {
      await drain(server);
      revoked.stop();
      clients.close();
    },
  };
}

function admission(
  { verifier, rates, logger, addresses }: GatewayOptions,
  clients: Clients,
  revoked: RevokedTokens,
) {
  const users = new TokenBuckets(rates.user);
  const anonymous = new TokenBuckets(rates.anonymous);
  const readable = new ReadYourWrites({ readModels: clients.readModels, logger });
  return async (facts: RequestFacts<GatewayCall>) => {
    const credentials = await authenticate(facts.authorization, facts.route.access, verifier, revoked);
    const call = gatewayCall({
      clients,
      credentials,
      requestId: facts.requestId,
      idempotencyKey: facts.header('idempotency-key'),
      signal: facts.signal,
      waitUntilReadable: (written, requestId) => readable.until(written, requestId),
      notServing: () => notServing(addresses),
      refreshRevocations: () => revoked.refresh(),
    });
    const counted = bucketOf(facts, credentials, users, anonymous);
    return { call, headers: counted ? takeOne(counted.buckets, counted.key) : {} };
  };
}

/** Ingest tokens are not counted: there back-pressure rules. */
function bucketOf(
  { route, address }: RequestFacts<GatewayCall>,
  credentials: Credentials | undefined,
  users: TokenBuckets,
  anonymous: TokenBuckets,
): { buckets: TokenBuckets; key: string } | undefined {
  if (credentials?.caller.kind === 'user') return { buckets: users, key: String(credentials.caller.id) };
  return credentials === undefined && route.method === 'POST'
    ? { buckets: anonymous, key: address }
    : undefined;
}

function takeOne(buckets: TokenBuckets, key: string): Record<string, string> {
  const take = buckets.take(key);
  const headers = rateLimitHeaders(buckets.rules, take);
  if (take.allowed) return headers;
  const seconds = take.retryAfterS === 1 ? '1 second' : `${take.retryAfterS} seconds`;
  throw new HttpError(429, `Request was throttled. Expected available in ${seconds}.`, { headers });
}

async function notServing(addresses: Addresses) {
  const serving = await Promise.all(contexts.map((context) => checkHealth(addresses[context])));
  return contexts.filter((_context, index) => !serving[index]);
}

function logAnswer(
  logger: GatewayLogger,
  {
    requestId,
    error,
    durationMs,
    operationId,
    ...rest
  }: Parameters<Parameters<typeof mount>[0]['answered']>[0],
): void {
  const fields = {
    request_id: requestId,
    operation: operationId,
    ...rest,
    duration_ms: Math.round(durationMs * 10) / 10,
  };
  if (rest.status >= 500) logger.error({ ...fields, err: rootOf(error) }, 'a request failed');
  else logger.info(fields, 'answered');
}

/** What happened, not the answer that was made of it. */
function rootOf(error: unknown): unknown {
  return error instanceof HttpError && error.cause !== undefined ? error.cause : error;
}
