import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type LogEngine, startLogEngine } from './engine.ts';
import {
  AppendReqSchema,
  BatchAppendReqSchema,
  BatchAppendRespSchema,
  DeleteReqSchema,
  type ReadReq_Options_ReadDirection,
  ReadReqSchema,
  TombstoneReqSchema,
} from './gen/event_store/client/streams_pb.ts';
import { RawClient } from './raw-client.ts';

let dataDir: string;
let engine: LogEngine;
let raw: RawClient;
beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'touchline-log-'));
  engine = await startLogEngine({ dataDir });
  raw = new RawClient(engine.url);
});
afterAll(async () => {
  raw.close();
  await engine.close();
  await rm(dataDir, { recursive: true });
});

const encode = <Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Uint8Array =>
  toBinary(schema, create(schema, init));
const named = (name: string): { streamName: Uint8Array } => ({ streamName: Buffer.from(name) });
const METADATA = { type: 'Happened', 'content-type': 'application/json' };
const newId = (): { value: { case: 'string'; value: string } } => ({
  value: { case: 'string', value: randomUUID() },
});

/** The log still does its work. */
async function expectAlive(): Promise<void> {
  const client = EventStoreDBClient.connectionString(engine.url);
  const stream = randomUUID();
  await client.appendToStream(stream, jsonEvent({ type: 'StillHere', data: {} }));
  const events = [];
  for await (const { event } of client.readStream(stream)) events.push(event?.type);
  expect(events).toEqual(['StillHere']);
  void client.dispose();
}

const METHODS = [
  'streams.Streams/Read',
  'streams.Streams/Append',
  'streams.Streams/Delete',
  'streams.Streams/Tombstone',
  'streams.Streams/BatchAppend',
];

describe('hostile input', () => {
  it.each(METHODS)('%s names a request that is no protobuf', async (method) => {
    const outcome = await raw.call(method, [Buffer.from('0affffffffff', 'hex')]);
    expect(outcome.code).toBe(status.INVALID_ARGUMENT);
    expect(outcome.details).toMatch(/^The request is no event_store\.client\.streams\.\w+Req: /);
  });

  it.each(METHODS)('%s answers any bytes with a refusal, and the log lives on', async (method) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 3 }),
        async (requests) => {
          const outcome = await raw.call(method, requests);
          expect([status.INVALID_ARGUMENT, status.UNKNOWN, status.UNIMPLEMENTED]).toContain(
            outcome.code === status.OK && method.endsWith('BatchAppend') ? status.UNKNOWN : outcome.code,
          );
        },
      ),
      { numRuns: 60 },
    );
    await expectAlive();
  });

  it('answers well-formed requests with anything in their fields, and the log lives on', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom('$all', '$$', '$$$$x', '$$x', '\0', ''),
    );
    const empty = fc.constant({});
    const huge = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const identifier = fc.option(
      text.map((name) => named(name)),
      { nil: undefined },
    );
    const request = fc.record({
      stream: identifier,
      at: fc.oneof(
        huge.map((value) => ({ case: 'revision' as const, value })),
        empty.map((value) => ({ case: 'start' as const, value })),
        empty.map((value) => ({ case: 'end' as const, value })),
      ),
      position: huge,
      direction: fc.nat(3).map((direction) => direction as ReadReq_Options_ReadDirection),
      count: fc.oneof(huge, fc.nat(10).map(BigInt)),
      filter: fc.option(fc.record({ regex: text, prefix: fc.array(text, { maxLength: 2 }) }), {
        nil: undefined,
      }),
      max: fc.nat(2 ** 32 - 1),
      all: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ stream, at, position, direction, count, filter, max, all }) => {
        const streamOption = all
          ? {
              case: 'all' as const,
              value: {
                allOption: {
                  case: 'position' as const,
                  value: { commitPosition: position, preparePosition: count },
                },
              },
            }
          : {
              case: 'stream' as const,
              value: { ...(stream && { streamIdentifier: stream }), revisionOption: at },
            };
        const bytes = encode(ReadReqSchema, {
          options: {
            streamOption,
            readDirection: direction,
            resolveLinks: true,
            countOption: { case: 'count', value: count },
            ...(filter && {
              filterOption: {
                case: 'filter' as const,
                value: {
                  filter: { case: 'eventType' as const, value: filter },
                  window: { case: 'max' as const, value: max },
                  checkpointIntervalMultiplier: max,
                },
              },
            }),
          },
        });
        const { code } = await raw.call('streams.Streams/Read', [bytes]);
        expect([status.OK, status.INVALID_ARGUMENT, status.UNKNOWN]).toContain(code);
      }),
      { numRuns: 150 },
    );
    await expectAlive();
  });

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
    const outcome = await raw.call(method, requests);
    expect([outcome.code, outcome.details]).toEqual([code, expect.stringMatching(details)]);
  });

  it.each([
    [{ metadata: METADATA }, /id of an event is missing/],
    [{ id: { value: { case: 'string' as const, value: 'seven' } }, metadata: METADATA }, /no UUID: "seven"/],
    [{ id: newId(), metadata: { 'content-type': 'application/json' } }, /needs the metadata property type/],
    [{ id: newId(), metadata: { type: 'Happened' } }, /needs the metadata property content-type/],
  ])('an event that lacks something is refused with the reason: %#', async (message, details) => {
    const stream = randomUUID();
    const outcome = await raw.call('streams.Streams/Append', [
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
    const batch = await raw.call('streams.Streams/BatchAppend', [
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

  it('answers a batch exactly once: too late, in parts, or refused before its last part', async () => {
    const [late, parts, refused] = [newId(), newId(), newId()];
    const options = {
      streamIdentifier: named(randomUUID()),
      expectedStreamPosition: { case: 'any' as const, value: {} },
    };
    const good = (): { id: ReturnType<typeof newId>; metadata: typeof METADATA } => ({
      id: newId(),
      metadata: METADATA,
    });
    const past = { case: 'deadline21100' as const, value: timestampFromMs(Date.now() - 1000) };
    const { messages } = await raw.call('streams.Streams/BatchAppend', [
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
    const of = ({ value }: ReturnType<typeof newId>): unknown[] =>
      answers
        .filter((answer) => answer.correlationId?.value.value === value.value)
        .map(({ result }) => (result.case === 'error' ? result.value.details?.typeUrl : result));
    expect(answers).toHaveLength(3);
    expect(of(late)).toEqual([expect.stringMatching(/event_store\.client\.Timeout$/)]);
    expect(of(refused)).toEqual([expect.stringMatching(/event_store\.client\.BadRequest$/)]);
    expect(of(parts)).toMatchObject([{ case: 'success', value: { currentRevisionOption: { value: 2n } } }]);
  });

  it('answers a batch whose last part does not come when its deadline has passed', async () => {
    const { messages } = await raw.call(
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

  it('does not mind connections that speak no HTTP/2, or stop in the middle of it', async () => {
    const { port } = engine;
    const sockets: Socket[] = [];
    for (const bytes of [
      randomBytes(5000),
      Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n'),
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      Buffer.alloc(0),
    ]) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(bytes);
      sockets.push(socket);
    }
    await expectAlive();
    for (const socket of sockets) socket.destroy();
    await expectAlive();
  });
});
