import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly atMs: number;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  // Tests look into what came.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly json: any;
}

/** Answers a request that has come in whole. */
export type Behaviour = (response: ServerResponse, received: Received, request: IncomingMessage) => void;

export const answer =
  (status: number, headers: Record<string, string> = {}): Behaviour =>
  (response) =>
    response.writeHead(status, headers).end('said');

/** A receiver of callbacks on loopback that behaves as it is told, by path. */
export class TestReceiver {
  readonly received: Received[] = [];
  readonly #server;
  readonly #behaviours = new Map<string, Behaviour[]>();
  readonly #waiting = new Set<() => void>();
  readonly #scheme: string;

  /** @param tls answers over TLS with this certificate */
  constructor(tls?: { key: string; cert: string }) {
    const listener = (request: IncomingMessage, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('error', () => undefined);
      response.on('error', () => undefined);
      request.on('end', () => this.#answer(Buffer.concat(chunks).toString('utf8'), request, response));
    };
    this.#server = tls ? createTlsServer(tls, listener) : createServer(listener);
    this.#scheme = tls ? 'https' : 'http';
  }

  async start(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1');
    await new Promise((resolve) => this.#server.once('listening', resolve));
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(path = '/', host = '127.0.0.1'): string {
    return `${this.#scheme}://${host}:${this.port}${path}`;
  }

  /** The last behaviour stays; without any it answers 204. */
  on(path: string, ...behaviours: Behaviour[]): void {
    this.#behaviours.set(path, behaviours);
  }

  at(path: string): readonly Received[] {
    return this.received.filter((received) => received.path === path);
  }

  /** Resolves when the condition holds; looked at whenever something came. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  #answer(body: string, request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '/';
    let json: unknown;
    try {
      json = JSON.parse(body);
    } catch {
      json = undefined;
    }
    const received = { atMs: performance.now(), path, headers: request.headers, body, json };
    this.received.push(received);
    const behaviours = this.#behaviours.get(path) ?? [];
    const behave = behaviours.length > 1 ? behaviours.shift() : behaviours[0];
    (behave ?? answer(204))(response, received, request);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
