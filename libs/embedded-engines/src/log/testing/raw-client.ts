import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';

const identity = (bytes: Buffer): Buffer => bytes;

/** What came of a call: its messages, and the status that it ended with. */
export interface RawOutcome {
  readonly messages: readonly Buffer[];
  readonly code: status;
  readonly details: string;
  readonly exception: string | undefined;
}

/** A gRPC client that sends whatever bytes it is given, for tests of what no decent client sends. */
export class RawClient {
  readonly #client: Client;

  /** @param url a connection string of the log. */
  constructor(url: string) {
    this.#client = new Client(new URL(url).host, credentials.createInsecure());
  }

  /** Calls a method, in whatever direction it streams; ends when the server does, or when the answers suffice. */
  call(
    method: string,
    requests: readonly Uint8Array[],
    { enough = Infinity, halfClose = true } = {},
  ): Promise<RawOutcome> {
    return new Promise((resolve) => {
      const messages: Buffer[] = [];
      const finish = ({
        code,
        details,
        metadata,
      }: Pick<ServiceError, 'code' | 'details' | 'metadata'>): void =>
        resolve({ messages, code, details, exception: metadata.get('exception')[0]?.toString() });
      const call = this.#client.makeBidiStreamRequest(`/event_store.client.${method}`, identity, identity);
      call.on('data', (message: Buffer) => {
        messages.push(message);
        if (messages.length < enough) return;
        call.cancel();
        finish({ code: status.OK, details: '', metadata: new Metadata() });
      });
      call.on('error', () => undefined);
      call.on('status', finish);
      for (const request of requests) call.write(Buffer.from(request));
      if (halfClose) call.end();
    });
  }

  close(): void {
    this.#client.close();
  }
}
