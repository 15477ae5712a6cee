import { randomUUID } from 'node:crypto';

import { fromBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';

import { BatchAppendReqSchema, BatchAppendRespSchema } from './gen/event_store/client/streams_pb.ts';
import { encode, METADATA, named, newId, type TextUuid } from './testing/messages.ts';
import { sharedEngine } from './testing/shared-engine.ts';

const engine = sharedEngine();

describe('the answers to batches', () => {
  it('answers a batch exactly once: too late, in parts, or refused before its last part', async () => {
    const [late, parts, refused] = [newId(), newId(), newId()];
    const options = {
      streamIdentifier: named(randomUUID()),
      expectedStreamPosition: { case: 'any' as const, value: {} },
    };
    const good = (): { id: TextUuid; metadata: typeof METADATA } => ({
      id: newId(),
      metadata: METADATA,
    });
    const past = { case: 'deadline21100' as const, value: timestampFromMs(Date.now() - 1000) };
    const { messages } = await engine.raw.call('streams.Streams/BatchAppend', [
      encode(BatchAppendReqSchema, {
        correlationId: late,
        options: { ...options, deadlineOption: past },
        proposedMessages: [good()],
        isFinal: true,
      }),
      encode(BatchAppendReqSchema, {
        correlationId: refused,
        options,
        proposedMessages: [{ metadata: METADATA }],
      }),
      encode(BatchAppendReqSchema, { correlationId: parts, options, proposedMessages: [good(), good()] }),
      encode(BatchAppendReqSchema, { correlationId: refused, proposedMessages: [good()] }),
      encode(BatchAppendReqSchema, { correlationId: refused, proposedMessages: [good()], isFinal: true }),
      encode(BatchAppendReqSchema, { correlationId: parts, proposedMessages: [good()], isFinal: true }),
    ]);
    const answers = messages.map((bytes) => fromBinary(BatchAppendRespSchema, bytes));
    const of = ({ value }: TextUuid): unknown[] =>
      answers
        .filter((answer) => answer.correlationId?.value.value === value.value)
        .map(({ result }) => (result.case === 'error' ? result.value.details?.typeUrl : result));
    expect(answers).toHaveLength(3);
    expect(of(late)).toEqual([expect.stringMatching(/event_store\.client\.Timeout$/)]);
    expect(of(refused)).toEqual([expect.stringMatching(/event_store\.client\.BadRequest$/)]);
    expect(of(parts)).toMatchObject([{ case: 'success', value: { currentRevisionOption: { value: 2n } } }]);
  });

  it('answers a batch whose last part does not come when its deadline has passed', async () => {
    const { messages } = await engine.raw.call(
      'streams.Streams/BatchAppend',
      [
        encode(BatchAppendReqSchema, {
          correlationId: newId(),
          options: {
            streamIdentifier: named(randomUUID()),
            expectedStreamPosition: { case: 'any', value: {} },
            deadlineOption: { case: 'deadline', value: { seconds: 0n, nanos: 50_000_000 } },
          },
          proposedMessages: [{ id: newId(), metadata: METADATA }],
        }),
      ],
      { enough: 1, halfClose: false },
    );
    expect(fromBinary(BatchAppendRespSchema, messages[0] ?? new Uint8Array()).result).toMatchObject({
      case: 'error',
      value: { code: status.DEADLINE_EXCEEDED },
    });
  });
});
