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

/** The calls of one method with one token. */
interface Queue {
  waiting: Waiting[];
  underWay: number;
  isScheduled: boolean;
}

/** Of one message: the answers to many must not outgrow what a message may hold. */
const MAX_CALLS = 32;
/** A larger one goes alone. */
const MAX_CALL_BYTES = 64 * 1024;
/** Messages of one queue under way: what comes meanwhile gathers until one is answered. */
const MAX_UNDER_WAY = 4;

/**
 * Sends calls of one method with one token together: a call costs some 0.2 ms of both processes, whatever it asks. Those of
 * one turn of the event loop go at once; when many are under way, what comes waits for the next answer.
 */
export class JointCalls {
  readonly #send: Send;
  readonly #queues = new Map<string, Queue>();

  constructor(send: Send) {
    this.#send = send;
  }

  make(call: JointCall): Promise<Answer<Message>> {
    if (call.call.message.length > MAX_CALL_BYTES) return call.alone();
    const key = `${call.call.method} ${call.token ?? ''}`;
    let queue = this.#queues.get(key);
    if (!queue) this.#queues.set(key, (queue = { waiting: [], underWay: 0, isScheduled: false }));
    const answered = Promise.withResolvers<Answer<Message>>();
    queue.waiting.push({ ...call, answered });
    this.#schedule(key, queue);
    return answered.promise;
  }

  #schedule(key: string, queue: Queue): void {
    if (queue.isScheduled || queue.waiting.length === 0 || queue.underWay >= MAX_UNDER_WAY) return;
    queue.isScheduled = true;
    setImmediate(() => {
      queue.isScheduled = false;
      void this.#sendSome(key, queue);
      this.#schedule(key, queue);
    });
  }

  async #sendSome(key: string, queue: Queue): Promise<void> {
    const calls = queue.waiting.splice(0, MAX_CALLS);
    queue.underWay += 1;
    await this.#answer(calls);
    queue.underWay -= 1;
    if (queue.waiting.length === 0 && queue.underWay === 0) this.#queues.delete(key);
    this.#schedule(key, queue);
  }

  async #answer(calls: readonly Waiting[]): Promise<void> {
    const [first] = calls;
    if (!first) return;
    try {
      if (calls.length === 1) return first.answered.resolve(await first.alone());
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
