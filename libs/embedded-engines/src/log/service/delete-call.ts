import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';

import { invalidArgument, LogCallError } from '../errors.ts';
import {
  type DeleteReq,
  DeleteReqSchema,
  type TombstoneReq,
  TombstoneReqSchema,
} from '../gen/event_store/client/streams_pb.ts';
import type { ExpectedRevision } from '../store/append-decision.ts';
import type { LogStore } from '../store/log-store.ts';
import type { WriteOutcome } from '../store/log-writer.ts';
import { decode, deletableStreamName, expectedRevision } from '../wire/requests.ts';
import { errorStatus, wrongExpectedVersion } from '../wire/status.ts';
import { deleted, tombstoned } from '../wire/write-responses.ts';

type Call = ServerUnaryCall<Buffer, Buffer>;
type Answer = sendUnaryData<Buffer>;

/** Answers one `Delete`: hides a stream. */
export async function handleDelete(store: LogStore, call: Call, answer: Answer): Promise<void> {
  await handle(answer, deleted, () => {
    const { stream, expected } = address(decode(DeleteReqSchema, call.request));
    return { stream, expected, outcome: store.softDelete(stream, expected) };
  });
}

/** Answers one `Tombstone`: ends a stream for ever. */
export async function handleTombstone(store: LogStore, call: Call, answer: Answer): Promise<void> {
  await handle(answer, tombstoned, () => {
    const { stream, expected } = address(decode(TombstoneReqSchema, call.request));
    return { stream, expected, outcome: store.tombstone(stream, expected) };
  });
}

interface Deletion {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly outcome: Promise<WriteOutcome>;
}

function address({ options }: DeleteReq | TombstoneReq): Pick<Deletion, 'stream' | 'expected'> {
  if (options === undefined) throw invalidArgument('The options of the deletion are missing.');
  return {
    stream: deletableStreamName(options.streamIdentifier),
    expected: expectedRevision(options.expectedStreamRevision),
  };
}

async function handle(answer: Answer, reply: typeof deleted, start: () => Deletion): Promise<void> {
  try {
    const { stream, expected, outcome } = start();
    const done = await outcome;
    switch (done.kind) {
      case 'written':
        return answer(null, reply(done));
      case 'wrong-expected-revision':
        return answer(wrongExpectedVersion(stream, expected, done.actualRevision));
      case 'stream-deleted':
        return answer(errorStatus(new LogCallError({ code: 'stream-deleted', stream })));
      default:
        return done satisfies never;
    }
  } catch (error) {
    answer(errorStatus(error));
  }
}
