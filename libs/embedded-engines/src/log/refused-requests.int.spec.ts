import { randomUUID } from 'node:crypto';

import { fromBinary } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';

import {
  AppendReqSchema,
  BatchAppendReqSchema,
  BatchAppendRespSchema,
  DeleteReqSchema,
  ReadReqSchema,
  TombstoneReqSchema,
} from './gen/event_store/client/streams_pb.ts';
import { encode, METADATA, named, newId } from './testing/messages.ts';
import { sharedEngine } from './testing/shared-engine.ts';

const engine = sharedEngine();

describe('a request that lacks something', () => {
  it.each<[string, string, readonly Uint8Array[], status, RegExp]>([
    [
      'an append without options',
      'streams.Streams/Append',
      [],
      status.INVALID_ARGUMENT,
      /options of the append are missing/,
    ],
    [
      'an append without an expected revision',
      'streams.Streams/Append',
      [encode(AppendReqSchema, { content: { case: 'options', value: { streamIdentifier: named('s') } } })],
      status.INVALID_ARGUMENT,
      /expected revision is missing/,
    ],
    [
      'an append to $all',
      'streams.Streams/Append',
      [
        encode(AppendReqSchema, {
          content: {
            case: 'options',
            value: { streamIdentifier: named('$all'), expectedStreamRevision: { case: 'any', value: {} } },
          },
        }),
      ],
      status.INVALID_ARGUMENT,
      /\$all is made of all streams/,
    ],
    [
      'a stream name that is no UTF-8',
      'streams.Streams/Append',
      [
        encode(AppendReqSchema, {
          content: {
            case: 'options',
            value: {
              streamIdentifier: { streamName: new Uint8Array([0xff, 0xfe]) },
              expectedStreamRevision: { case: 'any', value: {} },
            },
          },
        }),
      ],
      status.INVALID_ARGUMENT,
      /not valid UTF-8/,
    ],
    [
      'a stream name that is too long',
      'streams.Streams/Delete',
      [
        encode(DeleteReqSchema, {
          options: {
            streamIdentifier: named('x'.repeat(20_000)),
            expectedStreamRevision: { case: 'any', value: {} },
          },
        }),
      ],
      status.INVALID_ARGUMENT,
      /at most 16384 bytes, not 20000/,
    ],
    [
      'a tombstone for metadata',
      'streams.Streams/Tombstone',
      [
        encode(TombstoneReqSchema, {
          options: { streamIdentifier: named('$$s'), expectedStreamRevision: { case: 'any', value: {} } },
        }),
      ],
      status.INVALID_ARGUMENT,
      /holds metadata and goes with its stream/,
    ],
    [
      'a read without options',
      'streams.Streams/Read',
      [encode(ReadReqSchema, {})],
      status.INVALID_ARGUMENT,
      /options of the read are missing/,
    ],
  ])('%s is told what is missing or wrong', async (_name, method, requests, code, details) => {
    const outcome = await engine.raw.call(method, requests);
    expect([outcome.code, outcome.details]).toEqual([code, expect.stringMatching(details)]);
  });

  it.each([
    [{ metadata: METADATA }, /id of an event is missing/],
    [{ id: { value: { case: 'string' as const, value: 'seven' } }, metadata: METADATA }, /no UUID: "seven"/],
    [{ id: newId(), metadata: { 'content-type': 'application/json' } }, /needs the metadata property type/],
    [{ id: newId(), metadata: { type: 'Happened' } }, /needs the metadata property content-type/],
  ])('an event that lacks something is refused with the reason: %#', async (message, details) => {
    const stream = randomUUID();
    const outcome = await engine.raw.call('streams.Streams/Append', [
      encode(AppendReqSchema, {
        content: {
          case: 'options',
          value: { streamIdentifier: named(stream), expectedStreamRevision: { case: 'any', value: {} } },
        },
      }),
      encode(AppendReqSchema, { content: { case: 'proposedMessage', value: message } }),
    ]);
    expect([outcome.code, outcome.details]).toEqual([
      status.INVALID_ARGUMENT,
      expect.stringMatching(details),
    ]);
    const batch = await engine.raw.call('streams.Streams/BatchAppend', [
      encode(BatchAppendReqSchema, {
        correlationId: newId(),
        options: { streamIdentifier: named(stream), expectedStreamPosition: { case: 'any', value: {} } },
        proposedMessages: [message],
        isFinal: true,
      }),
    ]);
    const answers = batch.messages.map((bytes) => fromBinary(BatchAppendRespSchema, bytes).result);
    expect(answers).toMatchObject([{ case: 'error', value: { message: expect.stringMatching(details) } }]);
  });
});
