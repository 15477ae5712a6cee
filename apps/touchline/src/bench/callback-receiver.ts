import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A receiver whose callbacks say, by their path, of which activity they are; those that hang never answer. */
export class CallbackReceiver {
  #hanging: ReadonlySet<string> = new Set();
  readonly #unanswered = new Set<Socket>();
  /** Called with the path of each callback. */
  came: (path: string) => void = () => {};
  readonly #server: Server = createServer((incoming, response) => {
    const { url: at = '/' } = incoming;
    this.came(at);
    incoming.resume();
    if (this.#hanging.has(at)) this.#unanswered.add(incoming.socket);
    else response.writeHead(204).end();
  });

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await new Promise((resolve) => this.#server.once('listening', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From here on these alone hang; those that still wait for an answer see their connection closed. */
  hang(paths: readonly string[]): void {
    this.#hanging = new Set(paths);
    for (const socket of this.#unanswered) socket.destroy();
    this.#unanswered.clear();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
