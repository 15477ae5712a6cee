import { create, type DescMethod, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type Call,
  FailureSchema,
  type ReplySchema,
  type TogetherRequest,
  type TogetherResponseSchema,
} from '@touchline/contracts/common/v1/calls';
import type { CallContext } from './call-context.ts';
import { errorDetail, fieldMessagesOf } from './metadata.ts';
import { RpcError, rpcStatuses } from './rpc-error.ts';
import { type CallGuard, contextOf, errorToSend } from './server-call.ts';

export interface ServedMethod {
  readonly method: DescMethod;
  readonly handle: (request: unknown, context: CallContext) => unknown;
}

/** Answers calls that came together, each as if it had come alone. @param methods by their paths */
export async function answerTogether(
  { calls }: TogetherRequest,
  shared: CallContext,
  methods: ReadonlyMap<string, ServedMethod>,
  guard: CallGuard,
): Promise<MessageInitShape<typeof TogetherResponseSchema>> {
  return { replies: await Promise.all(calls.map((call) => answerOne(call, shared, methods, guard))) };
}

async function answerOne(
  { method: path, requestId, commandId, fieldErrors, message }: Call,
  shared: CallContext,
  methods: ReadonlyMap<string, ServedMethod>,
  guard: CallGuard,
): Promise<MessageInitShape<typeof ReplySchema>> {
  const headers = {
    requestId: requestId || undefined,
    commandId: commandId || undefined,
    fieldErrors: fieldMessagesOf(fieldErrors),
  };
  const { context, written } = contextOf(headers, shared, guard);
  try {
    const served = methods.get(path);
    if (!served) throw new RpcError('unimplemented', `${path} is no unary method of this server.`);
    const { input, output } = served.method;
    const made = await served.handle(fromBinary(input, message), context);
    const answer = create(output, made as MessageInitShape<typeof output>);
    return {
      outcome: { case: 'message', value: toBinary(output, answer) },
      written: { positions: written().map((position) => ({ ...position })) },
    };
  } catch (error) {
    const sent = errorToSend(error, { rpc: path, request_id: context.requestId }, guard);
    const failure = create(FailureSchema, {
      code: rpcStatuses[sent.status],
      details: sent.detail,
      error: errorDetail(sent),
    });
    return { outcome: { case: 'failure', value: failure } };
  }
}
