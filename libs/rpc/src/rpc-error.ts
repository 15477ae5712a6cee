import { status as grpcStatus } from '@grpc/grpc-js';

/** Messages by field; `non_field_errors` for the rest. */
export type FieldMessages = Readonly<Record<string, readonly string[]>>;

/**
 * What a call may fail with. `unavailable` means that the peer was not reached or refused before it did anything it
 * knows of, `timeout` that its outcome is unknown.
 */
export const rpcStatuses = {
  invalid: grpcStatus.INVALID_ARGUMENT,
  oauth: grpcStatus.INVALID_ARGUMENT,
  unauthenticated: grpcStatus.UNAUTHENTICATED,
  forbidden: grpcStatus.PERMISSION_DENIED,
  not_found: grpcStatus.NOT_FOUND,
  conflict: grpcStatus.ALREADY_EXISTS,
  precondition: grpcStatus.FAILED_PRECONDITION,
  exhausted: grpcStatus.RESOURCE_EXHAUSTED,
  unavailable: grpcStatus.UNAVAILABLE,
  timeout: grpcStatus.DEADLINE_EXCEEDED,
  cancelled: grpcStatus.CANCELLED,
  unimplemented: grpcStatus.UNIMPLEMENTED,
  internal: grpcStatus.INTERNAL,
} as const;

export type RpcStatus = keyof typeof rpcStatuses;

export interface RpcErrorOptions {
  /** A closed code of the owning context, such as `username_taken`. */
  code?: string;
  /** Field errors, each field with its messages. */
  fields?: FieldMessages;
  /** An error code of RFC 6749 section 5.2; its status is `oauth`. */
  oauthError?: string;
  /** Whole seconds. */
  retryAfterS?: number;
  /** Logged where the call is served, never sent. */
  cause?: unknown;
}

/** A call that failed: thrown by handlers to choose the answer, and by clients when they get one. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly status: RpcStatus;
  /** Shown to the caller; of an `internal` error it stays where it happened. */
  readonly detail: string;
  readonly code: string | undefined;
  readonly fields: FieldMessages | undefined;
  readonly oauthError: string | undefined;
  readonly retryAfterS: number | undefined;

  constructor(status: RpcStatus, detail: string, options: RpcErrorOptions = {}) {
    super(`${status}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.detail = detail;
    this.code = options.code;
    this.fields = options.fields;
    this.oauthError = options.oauthError;
    this.retryAfterS = options.retryAfterS;
  }
}

/** The status of a gRPC code that a peer answered; codes that nothing here sends are `internal`. */
export function statusOfGrpc(code: number): RpcStatus {
  if (code === grpcStatus.ABORTED) return 'conflict';
  if (code === grpcStatus.INVALID_ARGUMENT) return 'invalid';
  for (const [status, grpc] of Object.entries(rpcStatuses)) if (grpc === code) return status as RpcStatus;
  return 'internal';
}
