import type { Message } from '@bufbuild/protobuf';
import type {
  ClientReadableStream,
  ClientUnaryCall,
  ClientWritableStream,
  ServiceError,
} from '@grpc/grpc-js';
import type { Answer } from './client.ts';
import { decodeError, decodeWritten } from './metadata.ts';
import { RpcError } from './rpc-error.ts';

type Callback = (error: ServiceError | null, message?: Message) => void;

/** Makes a call with one answer; its promise waits for the trailing metadata, which come after the message. */
export function single(
  signal: AbortSignal | undefined,
  make: (
    callback: Callback,
    fail: (error: unknown) => void,
  ) => ClientUnaryCall | ClientWritableStream<Message>,
): Promise<Answer<Message>> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled());
    let message: Message | undefined;
    const call = make((error, received) => {
      signal?.removeEventListener('abort', cancel);
      if (error) reject(asRpcError(error));
      else message = received;
    }, reject);
    const cancel = () => call.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    call.on('status', ({ metadata }) => {
      if (message) resolve({ message, written: decodeWritten(metadata) });
    });
  });
}

/** Reads a stream no faster than it is consumed; leaving the loop cancels the call. */
export async function* receive(
  signal: AbortSignal | undefined,
  make: () => ClientReadableStream<Message>,
): AsyncGenerator<Message> {
  if (signal?.aborted) throw cancelled();
  const call = make();
  const cancel = () => call.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    for await (const message of call) yield message as Message;
  } catch (error) {
    throw asRpcError(error);
  } finally {
    signal?.removeEventListener('abort', cancel);
    // After the end this does nothing; grpc-js does not cancel when the reader goes away.
    call.on('error', () => undefined);
    call.cancel();
  }
}

/** Writes requests as fast as the peer takes them. An error of the source is told to `fail` and cancels the call. */
export function send(
  call: ClientWritableStream<Message>,
  requests: Iterable<unknown> | AsyncIterable<unknown>,
  toMessage: (init: unknown) => Message,
  fail: (error: unknown) => void,
): void {
  const over = new Promise<'over'>((resolve) => call.once('status', () => resolve('over')));
  const writeAll = async () => {
    for await (const request of requests) {
      if (call.write(toMessage(request))) continue;
      const drained = new Promise<'drained'>((resolve) => call.once('drain', () => resolve('drained')));
      if ((await Promise.race([drained, over])) === 'over') return;
    }
    call.end();
  };
  writeAll().catch((error: unknown) => {
    fail(error);
    call.cancel();
  });
}

function cancelled(): RpcError {
  return new RpcError('cancelled', 'The call was cancelled.');
}

function asRpcError(error: unknown): unknown {
  return error instanceof Error && 'metadata' in error && 'code' in error
    ? decodeError(error as ServiceError, error)
    : error;
}
