import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What the client says that closes the trap, and what is cut. */
export interface Trap {
  matches(said: Buffer): boolean;
  /** `question`: the engine never hears it. `answer`: the engine does it, and the client never hears of it. */
  cut: 'question' | 'answer';
}

/** What an engine needs many times to do what it was asked. */
const DONE_AFTER_MS = 200;

/** Stands before an engine's port and does to the connections what networks do. */
export class EngineProxy {
  /** By which every answer comes later. */
  delayMs = 0;
  /** Nobody listens there when it is undefined: connections are reset. */
  target: { host: string; port: number } | undefined;
  readonly #server: Server = createServer((client) => this.#serve(client));
  readonly #open = new Set<Socket>();
  #trap: (Trap & { sprung(): void }) | undefined;

  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  reset(): void {
    for (const socket of this.#open) socket.resetAndDestroy();
    this.#open.clear();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.reset();
    await closed;
  }

  /** Resolves when a message was cut; then its connection hangs, as its sender must be killed, until `reset`. */
  cutAt(trap: Trap): Promise<void> {
    return new Promise((resolve) => {
      this.#trap = { ...trap, sprung: resolve };
    });
  }

  #serve(client: Socket): void {
    if (!this.target) {
      client.on('error', () => undefined).resetAndDestroy();
      return;
    }
    const engine = connect(this.target.port, this.target.host);
    let isCut = false;
    client.on('data', (said) => {
      if (isCut) return;
      const trap = this.#trap?.matches(said) ? this.#trap : undefined;
      if (trap) {
        this.#trap = undefined;
        isCut = true;
        setTimeout(trap.sprung, trap.cut === 'question' ? 0 : DONE_AFTER_MS);
      }
      if (trap?.cut !== 'question') forward(said, client, engine, 0);
    });
    engine.on('data', (answer) => {
      if (!isCut) forward(answer, engine, client, this.delayMs);
    });
    for (const [socket, other] of [
      [client, engine],
      [engine, client],
    ] as const) {
      this.#open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#open.delete(socket);
        other.destroy();
      });
    }
  }
}

function forward(bytes: Buffer, from: Socket, to: Socket, delayMs: number): void {
  if (delayMs > 0) {
    setTimeout(() => to.writable && to.write(bytes), delayMs);
    return;
  }
  if (!to.writable || to.write(bytes)) return;
  from.pause();
  to.once('drain', () => from.resume());
}
