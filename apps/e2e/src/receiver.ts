import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Callback {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  // What a test expects of a body it says itself.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly json: any;
}

/** Receives callbacks on loopback, and answers each with a status that the test chooses, or never (undefined). */
export class CallbackReceiver {
  readonly callbacks: Callback[] = [];
  status: (callback: Callback) => number | undefined = () => 204;
  readonly #waiting = new Set<() => void>();
  readonly #server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { url: path = '/', headers } = request;
      const callback = { path, headers, body, json: JSON.parse(body) as unknown };
      this.callbacks.push(callback);
      const status = this.status(callback);
      if (status !== undefined) response.writeHead(status).end();
      for (const wake of this.#waiting) wake();
    });
  });

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await new Promise((resolve) => this.#server.once('listening', resolve));
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  at(path: string): readonly Callback[] {
    return this.callbacks.filter((callback) => callback.path === path);
  }

  /** Resolves once so many callbacks have come at the path. */
  async until(path: string, count: number): Promise<readonly Callback[]> {
    while (this.at(path).length < count) await new Promise<void>((resolve) => this.#waiting.add(resolve));
    return this.at(path);
  }
}
