import { create, type Message, type MessageInitShape } from '@bufbuild/protobuf';
import type {
  CallSchema,
  Reply,
  TogetherRequestSchema,
  TogetherResponse,
} from '@touchline/contracts/common/v1/calls';
import { ErrorDetailSchema } from '@touchline/contracts/common/v1/common';
import type { Answer } from './client.ts';
import { rpcErrorOf } from './metadata.ts';
import { RpcError } from './rpc-error.ts';

/** A call that may go with others. */
export interface JointCall {
  readonly token: string | undefined;
  readonly deadlineMs: number;
  /** The message is encoded. */
  readonly call: MessageInitShape<typeof CallSchema> & { readonly message: Uint8Array };
  readonly decode: (bytes: Uint8Array) => Message;
  /** As a call of its own. */
  readonly alone: () => Promise<Answer<Message>>;
}

type Send = (
  request: MessageInitShape<typeof TogetherRequestSchema>,
  options: { token: string | undefined; deadlineMs: number },
) => Promise<Answer<Message>>;

interface Waiting extends JointCall {
  readonly answered: PromiseWithResolvers<Answer<Message>>;
}

/** Of one message: the answers to many must not outgrow what a message may hold. */
const MAX_CALLS = 32;
/** A larger one goes alone. */
const MAX_CALL_BYTES = 64 * 1024;

/**
 * Sends calls of one turn of the event loop to one server together, those with the same token: a call costs some 0.2 ms of
 * both processes, whatever it asks.
 */
export class JointCalls {
  readonly #send: Send;
  #waiting: Waiting[] = [];

  constructor(send: Send) {
    this.#send = send;
  }

  make(call: JointCall): Promise<Answer<Message>> {
    if (call.call.message.length > MAX_CALL_BYTES) return call.alone();
    const answered = Promise.withResolvers<Answer<Message>>();
    if (this.#waiting.length === 0) setImmediate(() => this.#sendAll());
    this.#waiting.push({ ...call, answered });
    return answered.promise;
  }

  #sendAll(): void {
    const byToken = Map.groupBy(this.#waiting, ({ token }) => token);
    this.#waiting = [];
    for (const calls of byToken.values()) {
      for (let from = 0; from < calls.length; from += MAX_CALLS)
        void this.#sendSome(calls.slice(from, from + MAX_CALLS));
    }
  }

  async #sendSome(calls: readonly Waiting[]): Promise<void> {
    const [first] = calls;
    if (!first) return;
    if (calls.length === 1) {
      first.alone().then(first.answered.resolve, first.answered.reject);
      return;
    }
    try {
      const { message } = await this.#send(
        { calls: calls.map(({ call }) => call) },
        { token: first.token, deadlineMs: Math.max(...calls.map(({ deadlineMs }) => deadlineMs)) },
      );
      const { replies } = message as TogetherResponse;
      if (replies.length !== calls.length)
        throw new RpcError('internal', `${calls.length} calls got ${replies.length} replies.`);
      for (const [i, call] of calls.entries()) settle(call, replies[i]);
    } catch (error) {
      for (const { answered } of calls) answered.reject(error);
    }
  }
}

function settle({ answered, decode }: Waiting, reply: Reply | undefined): void {
  const outcome = reply?.outcome;
  if (outcome?.case === 'message') {
    const written = reply?.written?.positions ?? [];
    answered.resolve({ message: decode(outcome.value), written });
  } else if (outcome?.case === 'failure') {
    const { error = create(ErrorDetailSchema) } = outcome.value;
    answered.reject(rpcErrorOf(outcome.value, error));
  } else {
    answered.reject(new RpcError('internal', 'A call got no reply.'));
  }
}
