import {
  DeadlineExceededError,
  isCommandError,
  StreamDeletedError,
  StreamNotFoundError,
  type CommandError,
} from '@eventstore/db-client';
import { EventLogError, EventLogUnavailable } from './errors.ts';

/** gRPC statuses that say that the request itself is wrong; asking again is useless. */
const REFUSALS = new Set([3, 7, 9, 11, 12, 16]);

/** A new connection may help: the server could not be reached, which is more than that it did not answer in time. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof EventLogError) return false;
  return (
    !(error instanceof DeadlineExceededError) && translateError(error, '') instanceof EventLogUnavailable
  );
}

/** The request never left: there was no connection to send it on. */
export function neverSent(error: unknown): boolean {
  return (
    error instanceof Error &&
    /ECONNREFUSED|No connection established|Name resolution failed/.test(error.message)
  );
}

export function isStreamNotFound(error: unknown): boolean {
  return error instanceof StreamNotFoundError;
}

/** What the client or its channel threw, as an error of this library. */
export function translateError(error: unknown, what: string): EventLogError {
  if (error instanceof EventLogError) return error;
  if (!(error instanceof Error)) return new EventLogUnavailable(`${what}: ${String(error)}`, error);
  if (!isCommandError(error)) return translateStatus(error, what);
  if (error instanceof StreamDeletedError) {
    return new EventLogError('stream_deleted', `${what}: the stream was deleted for ever`, error);
  }
  return translateByType(error as CommandError, what);
}

function translateByType(error: CommandError, what: string): EventLogError {
  const type: string = error.type;
  if (type === 'access-denied' || type === 'invalid-argument' || type === 'stream-not-found') {
    return new EventLogError('refused', `${what}: ${error.message}`, error);
  }
  if (type === 'unknown') return translateStatus(error, what);
  return new EventLogUnavailable(`${what}: ${error.message || type}`, error);
}

function translateStatus(error: Error & { code?: unknown }, what: string): EventLogError {
  const isRefusal = typeof error.code === 'number' && REFUSALS.has(error.code);
  const message = `${what}: ${error.message}`;
  return isRefusal ? new EventLogError('refused', message, error) : new EventLogUnavailable(message, error);
}
