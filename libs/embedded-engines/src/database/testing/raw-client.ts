import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';

/** An OP_MSG with one body. */
export function opMessage(
  body: Document,
  options: { flags?: number; id?: number; sections?: readonly Buffer[] } = {},
): Buffer {
  const sections = [Buffer.from([0]), Buffer.from(BSON.serialize(body)), ...(options.sections ?? [])];
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(options.flags ?? 0);
  return message(2013, Buffer.concat([flags, ...sections]), options.id);
}

/** A section of documents that belongs to an OP_MSG. */
export function sequence(name: string, documents: readonly Document[]): Buffer {
  const content = Buffer.concat([Buffer.from(`${name}\0`), ...documents.map((one) => BSON.serialize(one))]);
  const head = Buffer.alloc(5);
  head[0] = 1;
  head.writeInt32LE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}

export function message(opCode: number, content: Buffer, id = 1): Buffer {
  const header = Buffer.alloc(16);
  header.writeInt32LE(16 + content.length, 0);
  header.writeInt32LE(id, 4);
  header.writeInt32LE(opCode, 12);
  return Buffer.concat([header, content]);
}

/** A client without manners: it sends bytes and hands out the messages that come back. */
export class RawClient {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #ended = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      socket.emit('progress');
    });
    socket.on('close', () => {
      this.#ended = true;
      socket.emit('progress');
    });
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** The next message's header and document; undefined when the server has ended the connection. */
  async receive(): Promise<{ responseTo: number; opCode: number; document: Document } | undefined> {
    for (;;) {
      const length = this.#received.length >= 4 ? this.#received.readInt32LE(0) : Infinity;
      if (this.#received.length >= length) {
        const whole = this.#received.subarray(0, length);
        this.#received = this.#received.subarray(length);
        const opCode = whole.readInt32LE(12);
        // What a request held may come back as it was, even a string that is no UTF-8.
        const document = BSON.deserialize(whole.subarray(opCode === 1 ? 36 : 21), {
          validation: { utf8: false },
        });
        return { responseTo: whole.readInt32LE(8), opCode, document };
      }
      if (this.#ended) return undefined;
      await once(this.socket, 'progress');
    }
  }

  async request(body: Document): Promise<Document | undefined> {
    this.send(opMessage(body));
    return (await this.receive())?.document;
  }

  close(): void {
    this.socket.destroy();
  }
}
