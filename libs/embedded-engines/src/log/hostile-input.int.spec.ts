import { randomBytes, randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';

import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type ReadReq_Options_ReadDirection, ReadReqSchema } from './gen/event_store/client/streams_pb.ts';
import { encode, named } from './testing/messages.ts';
import { sharedEngine } from './testing/shared-engine.ts';

const engine = sharedEngine();

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
    const outcome = await engine.raw.call(method, [Buffer.from('0affffffffff', 'hex')]);
    expect(outcome.code).toBe(status.INVALID_ARGUMENT);
    expect(outcome.details).toMatch(/^The request is no event_store\.client\.streams\.\w+Req: /);
  });

  it.each(METHODS)('%s answers any bytes with a refusal, and the log lives on', async (method) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 3 }),
        async (requests) => {
          const outcome = await engine.raw.call(method, requests);
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
        const { code } = await engine.raw.call('streams.Streams/Read', [bytes]);
        expect([status.OK, status.INVALID_ARGUMENT, status.UNKNOWN]).toContain(code);
      }),
      { numRuns: 150 },
    );
    await expectAlive();
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
