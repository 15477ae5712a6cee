import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type Any, anyPack, EmptySchema as GoogleEmptySchema } from '@bufbuild/protobuf/wkt';

import type { LogRefusal } from '../errors.ts';
import {
  BadRequestSchema,
  EmptySchema,
  MaximumAppendSizeExceededSchema,
  StreamDeletedSchema,
  TimeoutSchema,
  UnknownSchema,
  type UUID,
  WrongExpectedVersionSchema,
} from '../gen/event_store/client/shared_pb.ts';
import {
  AppendRespSchema,
  type BatchAppendReq_Options,
  BatchAppendRespSchema,
  DeleteRespSchema,
  TombstoneRespSchema,
} from '../gen/event_store/client/streams_pb.ts';
import { StatusSchema } from '../gen/google/rpc/status_pb.ts';
import type { ExpectedRevision } from '../store/append-decision.ts';
import type { WriteOutcome } from '../store/log-writer.ts';
import { refusalStatus } from './status.ts';

type Written = Extract<WriteOutcome, { kind: 'written' }>;

const empty = create(EmptySchema);
const googleEmpty = create(GoogleEmptySchema);

const encode = <Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Buffer => {
  const bytes = toBinary(schema, create(schema, init));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};

const positionOf = (position: number) => ({
  commitPosition: BigInt(position),
  preparePosition: BigInt(position),
});

export const appended = ({ lastRevision, position }: Written): Buffer =>
  encode(AppendRespSchema, {
    result: {
      case: 'success',
      value: {
        currentRevisionOption:
          lastRevision < 0
            ? { case: 'noStream', value: empty }
            : { case: 'currentRevision', value: BigInt(lastRevision) },
        positionOption:
          position === undefined
            ? { case: 'noPosition', value: empty }
            : { case: 'position', value: positionOf(position) },
      },
    },
  });

export const notAppended = (expected: ExpectedRevision, actualRevision: number): Buffer =>
  encode(AppendRespSchema, {
    result: {
      case: 'wrongExpectedVersion',
      value: {
        currentRevisionOption:
          actualRevision < 0
            ? { case: 'currentNoStream', value: empty }
            : { case: 'currentRevision', value: BigInt(actualRevision) },
        expectedRevisionOption: expectedRevisionOption(expected),
      },
    },
  });

function expectedRevisionOption(expected: ExpectedRevision) {
  switch (expected.kind) {
    case 'any':
      return { case: 'expectedAny', value: empty } as const;
    case 'no-stream':
      return { case: 'expectedNoStream', value: empty } as const;
    case 'stream-exists':
      return { case: 'expectedStreamExists', value: empty } as const;
    case 'revision':
      return { case: 'expectedRevision', value: expected.revision } as const;
    default:
      return expected satisfies never;
  }
}

const positionOption = (position: number | undefined) =>
  position === undefined
    ? ({ case: 'noPosition', value: empty } as const)
    : ({ case: 'position', value: positionOf(position) } as const);

export const deleted = ({ position }: Written): Buffer =>
  encode(DeleteRespSchema, { positionOption: positionOption(position) });
export const tombstoned = ({ position }: Written): Buffer =>
  encode(TombstoneRespSchema, { positionOption: positionOption(position) });

/** What a batch's answer repeats of its request. */
export interface BatchAddress {
  readonly correlationId: UUID | undefined;
  readonly options: BatchAppendReq_Options | undefined;
}

const echoed = ({ correlationId, options }: BatchAddress) => ({
  ...(correlationId !== undefined && { correlationId }),
  // The client takes the name of the stream from here, and does not look whether it is there.
  streamIdentifier: options?.streamIdentifier ?? { streamName: new Uint8Array() },
  ...(options !== undefined && { expectedStreamPosition: options.expectedStreamPosition }),
});

export const batchAppended = (address: BatchAddress, { lastRevision, position }: Written): Buffer =>
  encode(BatchAppendRespSchema, {
    ...echoed(address),
    result: {
      case: 'success',
      value: {
        currentRevisionOption:
          lastRevision < 0
            ? { case: 'noStream', value: googleEmpty }
            : { case: 'currentRevision', value: BigInt(lastRevision) },
        positionOption:
          position === undefined
            ? { case: 'noPosition', value: googleEmpty }
            : { case: 'position', value: positionOf(position) },
      },
    },
  });

const batchFailed = (address: BatchAddress, code: number, message: string, details: Any): Buffer =>
  encode(BatchAppendRespSchema, {
    ...echoed(address),
    result: { case: 'error', value: create(StatusSchema, { code, message, details }) },
  });

const FAILED_PRECONDITION = 9;

export function batchNotAppended(
  address: BatchAddress,
  expected: ExpectedRevision,
  actualRevision: number,
): Buffer {
  const details = create(WrongExpectedVersionSchema, {
    currentStreamRevisionOption:
      actualRevision < 0
        ? { case: 'currentNoStream', value: googleEmpty }
        : { case: 'currentStreamRevision', value: BigInt(actualRevision) },
    expectedStreamPositionOption: expectedStreamPositionOption(expected),
  });
  return batchFailed(
    address,
    FAILED_PRECONDITION,
    `The stream is at revision ${actualRevision}, not as expected.`,
    anyPack(WrongExpectedVersionSchema, details),
  );
}

function expectedStreamPositionOption(expected: ExpectedRevision) {
  switch (expected.kind) {
    case 'any':
      return { case: 'expectedAny', value: googleEmpty } as const;
    case 'no-stream':
      return { case: 'expectedNoStream', value: googleEmpty } as const;
    case 'stream-exists':
      return { case: 'expectedStreamExists', value: googleEmpty } as const;
    case 'revision':
      return { case: 'expectedStreamPosition', value: expected.revision } as const;
    default:
      return expected satisfies never;
  }
}

export function batchRefused(address: BatchAddress, refusal: LogRefusal): Buffer {
  const { code, details: message } = refusalStatus(refusal);
  return batchFailed(address, code, message, refusalDetails(address, refusal, message));
}

function refusalDetails({ options }: BatchAddress, refusal: LogRefusal, message: string): Any {
  switch (refusal.code) {
    case 'stream-deleted': {
      const streamIdentifier = options?.streamIdentifier;
      return anyPack(
        StreamDeletedSchema,
        create(StreamDeletedSchema, streamIdentifier === undefined ? {} : { streamIdentifier }),
      );
    }
    case 'append-too-large':
      return anyPack(
        MaximumAppendSizeExceededSchema,
        create(MaximumAppendSizeExceededSchema, { maxAppendSize: refusal.limitBytes }),
      );
    case 'deadline-passed':
      return anyPack(TimeoutSchema, create(TimeoutSchema));
    case 'storage-failed':
      return anyPack(UnknownSchema, create(UnknownSchema));
    case 'invalid-argument':
    case 'not-understood':
    case 'missing-property':
      return anyPack(BadRequestSchema, create(BadRequestSchema, { message }));
    default:
      return refusal satisfies never;
  }
}
