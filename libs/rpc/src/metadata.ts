import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Metadata } from '@grpc/grpc-js';
import {
  type ErrorDetail,
  ErrorDetailSchema,
  type Messages,
  MessagesSchema,
  WrittenSchema,
} from '@touchline/contracts/common/v1/common';
import type { WrittenPosition } from './call-context.ts';
import { type FieldMessages, RpcError, rpcStatuses, type RpcStatus, statusOfGrpc } from './rpc-error.ts';

const keys = {
  authorization: 'authorization',
  requestId: 'x-request-id',
  commandId: 'x-command-id',
  fieldErrors: 'x-field-errors-bin',
  error: 'touchline-error-bin',
  written: 'touchline-written-bin',
};

/** Headers beyond this are refused by HTTP/2 peers; the base64 of `-bin` keys needs a third more. */
const maxFieldsBytes = 24 * 1024;

export interface RequestHeaders {
  token: string | undefined;
  requestId: string | undefined;
  commandId: string | undefined;
  fieldErrors: FieldMessages;
}

export function encodeRequestHeaders(headers: RequestHeaders): Metadata {
  const metadata = new Metadata({ waitForReady: true });
  if (headers.token !== undefined) metadata.set(keys.authorization, `Bearer ${headers.token}`);
  if (headers.requestId !== undefined) metadata.set(keys.requestId, headers.requestId);
  if (headers.commandId !== undefined) metadata.set(keys.commandId, headers.commandId);
  if (Object.keys(headers.fieldErrors).length > 0) {
    metadata.set(keys.fieldErrors, Buffer.from(JSON.stringify(bounded(headers.fieldErrors))));
  }
  return metadata;
}

/** @throws RpcError `invalid` when the field errors are no JSON object of lists of texts */
export function decodeRequestHeaders(metadata: Metadata): RequestHeaders {
  const authorization = text(metadata, keys.authorization);
  return {
    token: authorization === undefined ? undefined : /^Bearer +(\S+)$/i.exec(authorization)?.[1],
    requestId: text(metadata, keys.requestId),
    commandId: text(metadata, keys.commandId),
    fieldErrors: decodeFieldErrors(bytes(metadata, keys.fieldErrors)),
  };
}

function decodeFieldErrors(encoded: Buffer | undefined): FieldMessages {
  if (!encoded) return {};
  try {
    const decoded: unknown = JSON.parse(encoded.toString('utf8'));
    if (isFieldMessages(decoded)) return decoded;
  } catch {
    // Falls to the refusal below.
  }
  throw new RpcError('invalid', `The metadata ${keys.fieldErrors} must be a JSON object of lists of texts.`);
}

function isFieldMessages(value: unknown): value is FieldMessages {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(
      (messages) => Array.isArray(messages) && messages.every((message) => typeof message === 'string'),
    )
  );
}

/** Keeps the first fields that fit into headers. */
function bounded(fields: FieldMessages): FieldMessages {
  const kept: Record<string, readonly string[]> = {};
  let size = 0;
  for (const [field, messages] of Object.entries(fields)) {
    size += Buffer.byteLength(JSON.stringify([field, messages]));
    if (size > maxFieldsBytes) break;
    kept[field] = messages;
  }
  return kept;
}

export interface GrpcFailure {
  code: number;
  details: string;
  metadata: Metadata;
}

/** Field messages as protobuf has them, as many as fit into headers. */
export function fieldMessages(fields: FieldMessages): Record<string, Messages> {
  const messages = Object.entries(bounded(fields)).map(
    ([field, texts]) => [field, create(MessagesSchema, { messages: [...texts] })] as const,
  );
  return Object.fromEntries(messages);
}

export function fieldMessagesOf(fields: Readonly<Record<string, Messages>>): FieldMessages {
  return Object.fromEntries(Object.entries(fields).map(([field, { messages }]) => [field, messages]));
}

export function errorDetail(error: RpcError): ErrorDetail {
  return create(ErrorDetailSchema, {
    code: error.code ?? '',
    fields: fieldMessages(error.fields ?? {}),
    oauthError: error.oauthError ?? '',
    retryAfterS: error.retryAfterS ?? 0,
  });
}

export function encodeError(error: RpcError): GrpcFailure {
  const metadata = new Metadata();
  metadata.set(keys.error, Buffer.from(toBinary(ErrorDetailSchema, errorDetail(error))));
  return { code: rpcStatuses[error.status], details: error.detail, metadata };
}

export function decodeError(failure: GrpcFailure, cause?: unknown): RpcError {
  const encoded = bytes(failure.metadata, keys.error);
  return encoded
    ? rpcErrorOf(failure, fromBinary(ErrorDetailSchema, encoded), cause)
    : new RpcError(statusOfTransport(failure), failure.details, cause === undefined ? {} : { cause });
}

/** The error that a peer has sent. */
export function rpcErrorOf(
  { code, details }: { code: number; details: string },
  detail: ErrorDetail,
  cause?: unknown,
): RpcError {
  return new RpcError(detail.oauthError === '' ? statusOfGrpc(code) : 'oauth', details, {
    ...(detail.code === '' ? {} : { code: detail.code }),
    ...(Object.keys(detail.fields).length === 0 ? {} : { fields: fieldMessagesOf(detail.fields) }),
    ...(detail.oauthError === '' ? {} : { oauthError: detail.oauthError }),
    ...(detail.retryAfterS === 0 ? {} : { retryAfterS: detail.retryAfterS }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/**
 * A failure that no handler made comes from the connection. Only a call that never left is known to have done nothing;
 * grpc-js tells it by its words alone.
 */
function statusOfTransport({ code, details }: GrpcFailure): RpcStatus {
  switch (statusOfGrpc(code)) {
    case 'timeout':
      return details.includes('Waiting for LB pick') ? 'unavailable' : 'timeout';
    case 'unavailable':
      return /^(?:round_robin: )?(No connection established|Name resolution failed|Channel closed)/.test(
        details,
      )
        ? 'unavailable'
        : 'timeout';
    default:
      return statusOfGrpc(code);
  }
}

export function encodeWritten(positions: readonly WrittenPosition[]): Metadata {
  const metadata = new Metadata();
  if (positions.length > 0) {
    const written = create(WrittenSchema, { positions: positions.map((position) => ({ ...position })) });
    metadata.set(keys.written, Buffer.from(toBinary(WrittenSchema, written)));
  }
  return metadata;
}

export function decodeWritten(metadata: Metadata): WrittenPosition[] {
  const encoded = bytes(metadata, keys.written);
  if (!encoded) return [];
  return fromBinary(WrittenSchema, encoded).positions.map(({ eventType, position }) => ({
    eventType,
    position,
  }));
}

function text(metadata: Metadata, key: string): string | undefined {
  const [value] = metadata.get(key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function bytes(metadata: Metadata, key: string): Buffer | undefined {
  const [value] = metadata.get(key);
  return Buffer.isBuffer(value) ? value : undefined;
}
