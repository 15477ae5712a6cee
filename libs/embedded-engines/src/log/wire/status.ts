import { Metadata, status, type StatusObject } from '@grpc/grpc-js';

import { LogCallError, type LogRefusal } from '../errors.ts';
import type { ExpectedRevision } from '../store/append-decision.ts';

/** Header values are printable ASCII; the rest of Unicode goes percent-encoded. */
function headerText(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURI(text.toWellFormed());
}

/** The client finds the kind of an error in the trailer `exception` and its details in others. */
function failure(
  code: status,
  details: string,
  exception?: string,
  properties: Readonly<Record<string, string>> = {},
): StatusObject {
  const metadata = new Metadata();
  if (exception !== undefined) metadata.set('exception', exception);
  for (const [name, value] of Object.entries(properties)) metadata.set(name, headerText(value));
  return { code, details: details.toWellFormed(), metadata };
}

/** EventStoreDB's numbers for what is no revision: -1 for no stream, -2 for any, -4 for a stream that exists. */
export function expectedVersionNumber(expected: ExpectedRevision): bigint {
  switch (expected.kind) {
    case 'any':
      return -2n;
    case 'no-stream':
      return -1n;
    case 'stream-exists':
      return -4n;
    case 'revision':
      return expected.revision;
    default:
      return expected satisfies never;
  }
}

/** The answer to a deletion at a wrong revision; appends say it in their reply instead. */
export function wrongExpectedVersion(
  stream: string,
  expected: ExpectedRevision,
  actualRevision: number,
): StatusObject {
  const expectedVersion = String(expectedVersionNumber(expected));
  const actualVersion = String(actualRevision);
  return failure(
    status.FAILED_PRECONDITION,
    `Stream ${JSON.stringify(stream)} is at revision ${actualVersion}, not at ${expectedVersion} as expected.`,
    'wrong-expected-version',
    { 'stream-name': stream, 'expected-version': expectedVersion, 'actual-version': actualVersion },
  );
}

export function refusalStatus(refusal: LogRefusal): StatusObject {
  switch (refusal.code) {
    case 'invalid-argument':
      return failure(status.INVALID_ARGUMENT, refusal.message);
    case 'not-understood':
      return failure(status.UNKNOWN, refusal.message);
    case 'missing-property':
      return failure(
        status.INVALID_ARGUMENT,
        `An event needs the metadata property ${refusal.property}.`,
        'missing-required-metadata-property',
        {
          'required-metadata-properties': refusal.property,
        },
      );
    case 'stream-deleted':
      return failure(
        status.FAILED_PRECONDITION,
        `Stream ${JSON.stringify(refusal.stream)} is deleted.`,
        'stream-deleted',
        {
          'stream-name': refusal.stream,
        },
      );
    case 'append-too-large':
      return failure(
        status.INVALID_ARGUMENT,
        `The events of one append have at most ${refusal.limitBytes} bytes together.`,
        'maximum-append-size-exceeded',
        { 'maximum-append-size': String(refusal.limitBytes) },
      );
    case 'deadline-passed':
      return failure(status.DEADLINE_EXCEEDED, 'The deadline had passed before the append was complete.');
    case 'storage-failed':
      return failure(status.INTERNAL, refusal.message);
    default:
      return refusal satisfies never;
  }
}

export function errorStatus(error: unknown): StatusObject {
  if (error instanceof LogCallError) return refusalStatus(error.refusal);
  return failure(
    status.INTERNAL,
    `The log failed: ${error instanceof Error ? error.message : String(error)}`,
  );
}
