import {
  DeadlineExceededError,
  isCommandError,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type CommandError,
} from '@eventstore/db-client';
import { AppendTooLarge, EventLogError, EventLogUnavailable, WrongExpectedRevision } from './errors.ts';
import type { ExpectedRevision } from './event.ts';
import { MAX_APPEND_BYTES } from './validate-append.ts';

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

/** What the client threw, as an error of this library. */
export function translateError(
  error: unknown,
  what: string,
  expected: ExpectedRevision = 'any',
): EventLogError {
  if (error instanceof EventLogError) return error;
  if (!(error instanceof Error)) return new EventLogUnavailable(`${what}: ${String(error)}`, error);
  if (!isCommandError(error)) return new EventLogUnavailable(`${what}: ${error.message}`, error);
  if (error instanceof WrongExpectedVersionError) {
    const actual = typeof error.actualVersion === 'bigint' ? Number(error.actualVersion) : undefined;
    return new WrongExpectedRevision(error.streamName, expected, actual, error);
  }
  if (error instanceof StreamDeletedError) {
    return new EventLogError('stream_deleted', `${what}: the stream was deleted for ever`, error);
  }
  return translateByType(error as CommandError, what);
}

function translateByType(error: CommandError, what: string): EventLogError {
  const type: string = error.type;
  if (type === 'maximum-append-size-exceeded') {
    return new AppendTooLarge(what, MAX_APPEND_BYTES, MAX_APPEND_BYTES, error);
  }
  if (type === 'access-denied' || type === 'invalid-argument' || type === 'stream-not-found') {
    return new EventLogError('refused', `${what}: ${error.message}`, error);
  }
  if (type === 'unknown' && error.code !== undefined && REFUSALS.has(error.code)) {
    return new EventLogError('refused', `${what}: ${error.message}`, error);
  }
  return new EventLogUnavailable(`${what}: ${error.message || type}`, error);
}
