import { randomUUID } from 'node:crypto';
import type { ServerErrorResponse, Metadata } from '@grpc/grpc-js';
import type { Caller } from './caller.ts';
import { type CallContext, commandContextOf, type WrittenPosition } from './call-context.ts';
import type { RpcLogger } from './logger.ts';
import {
  decodeRequestHeaders,
  encodeError,
  encodeWritten,
  type GrpcFailure,
  type RequestHeaders,
} from './metadata.ts';
import { RpcError } from './rpc-error.ts';
import type { TokenVerifier } from './tokens.ts';

/** The part that grpc-js's four kinds of server calls share. */
export interface AnyServerCall {
  readonly metadata: Metadata;
  readonly cancelled: boolean;
  getDeadline(): Date | number;
  getPath(): string;
  on(event: 'cancelled', listener: () => void): unknown;
}

export interface CallGuard {
  verifier: TokenVerifier;
  acceptIngestTokens: boolean;
  logger: RpcLogger;
  /** Says what a thrown error that is no `RpcError` means; undefined: internal. */
  toRpcError: (error: unknown) => RpcError | undefined;
}

/** A call as handlers see it, and what the answer's trailing metadata will hold. */
export interface OpenCall {
  context: CallContext;
  trailer(): Metadata;
}

/** What calls that go together have in common. */
type SharedContext = Pick<CallContext, 'caller' | 'signal' | 'deadlineMs'>;

/** One for all: grpc-js says `cancelled` at the end of each call, too, and an error of its own takes a stack. */
const callerGone = new RpcError('cancelled', 'The caller no longer waits.');

/** @throws RpcError `unauthenticated` when the call has no caller, `invalid` when its metadata are malformed */
export async function openCall(call: AnyServerCall, guard: CallGuard): Promise<OpenCall> {
  const abort = new AbortController();
  call.on('cancelled', () => abort.abort(callerGone));
  const headers = decodeRequestHeaders(call.metadata);
  const caller = await authenticate(headers.token, guard);
  const deadline = call.getDeadline();
  const deadlineMs = deadline instanceof Date ? deadline.getTime() : deadline;
  const opened = contextOf(headers, { caller, signal: abort.signal, deadlineMs }, guard);
  if (call.cancelled) abort.abort(callerGone);
  return { context: opened.context, trailer: () => encodeWritten(opened.written()) };
}

/** The context of one call, and what it says to have written until then. */
export function contextOf(
  headers: Pick<RequestHeaders, 'requestId' | 'commandId' | 'fieldErrors'>,
  { caller, signal, deadlineMs }: SharedContext,
  guard: CallGuard,
): { context: CallContext; written(): WrittenPosition[] } {
  const requestId = headers.requestId ?? randomUUID();
  const commandId = headers.commandId ?? randomUUID();
  const written = new Map<string, string>();
  const context: CallContext = {
    caller,
    requestId,
    commandId,
    fieldErrors: headers.fieldErrors,
    signal,
    deadlineMs,
    logger: withRequestId(guard.logger, requestId),
    written(positions) {
      for (const { eventType, position } of positions) {
        const earlier = written.get(eventType);
        if (earlier === undefined || earlier < position) written.set(eventType, position);
      }
    },
    commandContext: (at = Date.now()) => commandContextOf({ caller, requestId, commandId }, at),
  };
  return {
    context,
    written: () => [...written].map(([eventType, position]) => ({ eventType, position })),
  };
}

async function authenticate(token: string | undefined, guard: CallGuard): Promise<Caller> {
  if (token === undefined) {
    throw new RpcError(
      'unauthenticated',
      'A call without a caller is refused: send "authorization: Bearer <token>".',
      {
        code: 'no_caller',
      },
    );
  }
  if (guard.acceptIngestTokens && !isJwtShaped(token)) return { kind: 'ingest-token', token };
  return (await guard.verifier.verify(token)).caller;
}

function isJwtShaped(token: string): boolean {
  return token.split('.').length === 3;
}

/** What is sent of an error; the cause of an internal one is logged and stays here. */
export function failureOf(
  error: unknown,
  call: AnyServerCall,
  guard: CallGuard,
): ServerErrorResponse & GrpcFailure {
  const [requestId] = call.metadata.get('x-request-id');
  const sent = encodeError(errorToSend(error, { rpc: call.getPath(), request_id: requestId }, guard));
  return Object.assign(new Error(sent.details), sent);
}

/** @param call what the log is told of it */
export function errorToSend(error: unknown, call: object, guard: CallGuard): RpcError {
  const rpcError = error instanceof RpcError ? error : guard.toRpcError(error);
  const fields = { err: error, ...call };
  if (!rpcError || rpcError.status === 'internal') {
    guard.logger.error(fields, 'A call failed for an internal reason.');
    return new RpcError('internal', 'Something went wrong inside; the log of this service says what.');
  }
  if (rpcError.status === 'unavailable') guard.logger.warn(fields, 'A call was refused for the time being.');
  return rpcError;
}

function withRequestId(logger: RpcLogger, requestId: string): RpcLogger {
  return {
    error: (fields, message) => logger.error({ request_id: requestId, ...fields }, message),
    warn: (fields, message) => logger.warn({ request_id: requestId, ...fields }, message),
    debug: (fields, message) => logger.debug({ request_id: requestId, ...fields }, message),
  };
}
