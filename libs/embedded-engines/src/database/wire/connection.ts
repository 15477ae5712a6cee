import type { Socket } from 'node:net';
import type { Dispatcher, FaultListener } from './dispatcher.ts';
import { maxBufferedBytes, maxMessageSizeBytes } from './limits.ts';
import { encodeReply, headerLength, MalformedMessage, parseMessage } from './messages.ts';

/** Bytes of half-received messages of all connections. */
export interface BufferBudget {
  used: number;
}

/** Takes messages from a socket one after the other and answers them in order. */
export class Connection {
  readonly #socket: Socket;
  readonly #id: number;
  readonly #dispatcher: Dispatcher;
  readonly #budget: BufferBudget;
  readonly #onFault: FaultListener;
  #chunks: Buffer[] = [];
  #buffered = 0;
  #needed = headerLength;
  #working = false;

  constructor(
    socket: Socket,
    id: number,
    dispatcher: Dispatcher,
    budget: BufferBudget,
    onFault: FaultListener,
  ) {
    this.#socket = socket;
    this.#id = id;
    this.#dispatcher = dispatcher;
    this.#budget = budget;
    this.#onFault = onFault;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#release());
  }

  #receive(chunk: Buffer): void {
    if (this.#socket.destroyed) return;
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    this.#budget.used += chunk.length;
    if (this.#budget.used > maxBufferedBytes) this.#socket.destroy();
    else if (!this.#working) void this.#work();
    else if (this.#buffered > maxMessageSizeBytes) this.#socket.pause();
  }

  #release(): void {
    this.#budget.used -= this.#buffered;
    this.#buffered = 0;
    this.#chunks = [];
  }

  async #work(): Promise<void> {
    this.#working = true;
    try {
      for (let message = this.#take(); message !== undefined; message = this.#take()) {
        const request = parseMessage(message);
        const reply = await this.#dispatcher.execute(request, this.#id);
        if (this.#socket.destroyed) return;
        if (request.answered && !this.#socket.write(encodeReply(request, reply))) await this.#drained();
      }
    } catch (error) {
      if (!(error instanceof MalformedMessage)) this.#onFault('a connection failed', error);
      this.#socket.destroy();
    } finally {
      this.#working = false;
      if (!this.#socket.destroyed) this.#socket.resume();
    }
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#socket.off('drain', done).off('close', done);
        resolve();
      };
      this.#socket.on('drain', done).on('close', done);
    });
  }

  /** The next whole message, undefined while it is not there. */
  #take(): Buffer | undefined {
    if (this.#buffered < this.#needed) return undefined;
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    const bytes = this.#chunks[0]!;
    const length = bytes.readInt32LE(0);
    if (length < headerLength || length > maxMessageSizeBytes)
      throw new MalformedMessage(`a message of ${length} bytes`);
    this.#needed = length;
    if (bytes.length < length) return undefined;
    this.#chunks = bytes.length === length ? [] : [bytes.subarray(length)];
    this.#buffered -= length;
    this.#budget.used -= length;
    this.#needed = headerLength;
    return bytes.subarray(0, length);
  }
}
