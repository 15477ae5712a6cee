import type { sendUnaryData, ServerReadableStream } from '@grpc/grpc-js';

import { invalidArgument, LogCallError } from '../errors.ts';
import { AppendReqSchema } from '../gen/event_store/client/streams_pb.ts';
import type { ExpectedRevision } from '../store/append-decision.ts';
import type { LogStore } from '../store/log-store.ts';
import { decode, expectedRevision, proposedEvent, writableStreamName } from '../wire/requests.ts';
import { errorStatus } from '../wire/status.ts';
import { appended, notAppended } from '../wire/write-responses.ts';
import { EventGathering } from './event-gathering.ts';

interface Address {
  readonly stream: string;
  readonly expected: ExpectedRevision;
}

/** Answers one `Append`: options first, then an event a message. */
export function handleAppend(
  store: LogStore,
  call: ServerReadableStream<Buffer, Buffer>,
  answer: sendUnaryData<Buffer>,
): void {
  let address: Address | undefined;
  let answered = false;
  const events = new EventGathering();

  const fail = (error: unknown): void => {
    if (answered) return;
    answered = true;
    answer(errorStatus(error));
  };
  call.on('data', (bytes: Buffer) => {
    if (answered) return;
    try {
      const { content } = decode(AppendReqSchema, bytes);
      switch (content.case) {
        case 'options':
          if (address !== undefined)
            throw invalidArgument('The options of an append come once, before its events.');
          address = {
            stream: writableStreamName(content.value.streamIdentifier),
            expected: expectedRevision(content.value.expectedStreamRevision),
          };
          return;
        case 'proposedMessage':
          if (address === undefined)
            throw invalidArgument('The options of an append come before its events.');
          events.add(proposedEvent(content.value));
          return;
        case undefined:
          throw invalidArgument('A message of an append has options or an event.');
        default:
          content satisfies never;
      }
    } catch (error) {
      fail(error);
    }
  });
  call.on('error', fail);
  call.on('end', () => {
    if (answered) return;
    if (address === undefined) return fail(invalidArgument('The options of the append are missing.'));
    const { stream, expected } = address;
    answered = true;
    store.append(stream, expected, events.all).then(
      (outcome) => {
        switch (outcome.kind) {
          case 'written':
            return answer(null, appended(outcome));
          case 'wrong-expected-revision':
            return answer(null, notAppended(expected, outcome.actualRevision));
          case 'stream-deleted':
            return answer(errorStatus(new LogCallError({ code: 'stream-deleted', stream })));
          default:
            return outcome satisfies never;
        }
      },
      (error: unknown) => answer(errorStatus(error)),
    );
  });
}
