import type { ExpectedRevision } from './event.ts';

export type EventLogErrorCode =
  | 'wrong_expected_revision'
  | 'unavailable'
  | 'append_too_large'
  | 'invalid_append'
  | 'stream_deleted'
  | 'refused';

/** Everything that the log facade throws. */
export class EventLogError extends Error {
  readonly code: EventLogErrorCode;

  constructor(code: EventLogErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
  }
}

/** Somebody else appended to the stream meanwhile; nothing was written. */
export class WrongExpectedRevision extends EventLogError {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  /** The stream's last revision; undefined when it has no events. */
  readonly actual: number | undefined;

  constructor(stream: string, expected: ExpectedRevision, actual: number | undefined, cause?: unknown) {
    super(
      'wrong_expected_revision',
      `${stream}: expected revision ${expected}, the stream is at ${actual ?? 'no event'}`,
      cause,
    );
    this.stream = stream;
    this.expected = expected;
    this.actual = actual;
  }
}

/**
 * The log gave no answer in time. An append may or may not have been written: appending the same events with the same
 * ids at the same expected revision again is always right.
 */
export class EventLogUnavailable extends EventLogError {
  constructor(message: string, cause?: unknown) {
    super('unavailable', message, cause);
  }
}

/** An append that was sent and not answered: whether it was written is not known. */
export class AppendUnconfirmed extends EventLogUnavailable {}

/** One append must stay under `MAX_APPEND_BYTES`; split it where the domain allows. */
export class AppendTooLarge extends EventLogError {
  readonly bytes: number;

  constructor(stream: string, bytes: number, limitBytes: number, cause?: unknown) {
    super('append_too_large', `append to ${stream} has ${bytes} bytes, the limit is ${limitBytes}`, cause);
    this.bytes = bytes;
  }
}
