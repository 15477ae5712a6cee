import { ReadModelsService } from '@touchline/contracts/common/v1/read_models';
import {
  generateDeploymentKeys,
  type RpcServer,
  serve,
  serviceToken,
  TokenSigner,
  TokenVerifier,
} from '@touchline/rpc';
import { type Addresses, type ContextName, contexts } from '../clients.ts';
import { type Gateway, type GatewayOptions, startGateway } from '../gateway.ts';
import { MemoryIdempotencyStore } from './memory-idempotency-store.ts';
import { calls, partly } from './recorded.ts';
import { services } from './services.ts';

interface Sent {
  as?: string;
  headers?: Record<string, string>;
  json?: unknown;
  body?: string;
}

export interface Answered {
  status: number;
  headers: Headers;
  text: string;
  // Tests look into answers of every shape.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
}

/** A gateway before services of which each answers some methods, over real connections. */
export class TestSystem {
  readonly idempotency = new MemoryIdempotencyStore();
  /** Whether telemetry's health check says that it serves. */
  telemetryServes = true;
  readonly #keys = generateDeploymentKeys();
  readonly #users = TokenSigner.fromPrivateJwk(this.#keys.tokenKey);
  readonly #verifier = TokenVerifier.fromJwks(this.#keys.verifyKeys);
  readonly #servers: RpcServer[] = [];
  #readable: Promise<void> = Promise.resolve();
  #addresses: Addresses | undefined;
  #gateway: Gateway | undefined;

  async start(): Promise<void> {
    const readModels = partly(ReadModelsService, {
      waitFor: async () => {
        await this.#readable;
        return {};
      },
    });
    const served = contexts.map(async (context) => {
      const server = await serve({
        host: '127.0.0.1',
        port: 0,
        services: [services[context], readModels],
        verifier: this.#verifier,
        acceptIngestTokens: context === 'telemetry',
        health: () => context !== 'telemetry' || this.telemetryServes,
      });
      this.#servers.push(server);
      return [context, `127.0.0.1:${server.port}`] as const;
    });
    this.#addresses = Object.fromEntries(await Promise.all(served)) as Record<ContextName, string>;
    this.#gateway = await startGateway(this.options());
  }

  async stop(): Promise<void> {
    await this.#gateway?.stop();
    await Promise.all(this.#servers.map((server) => server.close(0)));
  }

  /** Forgets the calls so far; what is written can be read at once. */
  reset(): void {
    calls.splice(0);
    this.#readable = Promise.resolve();
  }

  /** Lets writes be read only when the promise resolves. */
  readableAfter(promise: Promise<void>): void {
    this.#readable = promise;
  }

  get port(): number {
    if (!this.#gateway) throw new Error('The gateway has not started.');
    return this.#gateway.port;
  }

  options(): GatewayOptions {
    if (!this.#addresses) throw new Error('The services have not started.');
    return {
      host: '127.0.0.1',
      port: 0,
      addresses: this.#addresses,
      verifier: this.#verifier,
      token: serviceToken(TokenSigner.fromPrivateJwk(this.#keys.serviceKey), 'gateway'),
      rates: { user: { ratePerS: 0.01, burst: 100 }, anonymous: { ratePerS: 1000, burst: 1000 } },
      trustedProxies: 0,
      idempotency: this.idempotency,
      logger: { info() {}, warn() {}, error() {} },
    };
  }

  /** The access token of a manager. */
  async tokenOf(userId: number): Promise<string> {
    const claims = { userId, role: 'MANAGER', scope: 'all', clientId: 'c' } as const;
    return (await this.#users.signUser(claims)).token;
  }

  async send(method: string, path: string, sent: Sent = {}): Promise<Answered> {
    const { as, headers, json, body = JSON.stringify(json) } = sent;
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      headers: {
        ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    };
  }
}
