import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import {
  type ReadReq_Options_StreamOptionsSchema,
  ReadReqSchema,
  ReadRespSchema,
} from '../gen/event_store/client/streams_pb.ts';
import { LogStore } from '../store/log-store.ts';
import type { MessageRun } from '../wire/message-run.ts';
import { handleRead } from './read-call.ts';

const EVENT_BYTES = 10_000;
const EVENTS = 1000;

let dataDir: string;
let store: LogStore;
beforeEach(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'touchline-log-'));
  store = LogStore.open(dataDir);
  const event = {
    id: '0'.repeat(32),
    type: 'Big',
    isJson: false,
    metadata: new Uint8Array(),
    data: new Uint8Array(EVENT_BYTES),
  };
  for (let i = 0; i < EVENTS / 50; i += 1) {
    const events = Array.from({ length: 50 }, (_, k) => ({
      ...event,
      id: (i * 50 + k).toString(16).padStart(32, '0'),
    }));
    await store.append('big', { kind: 'any' }, events);
  }
});
afterEach(() => {
  store.close();
  rmSync(dataDir, { recursive: true });
});

const SMALL = { type: 'Small', isJson: false, metadata: new Uint8Array(), data: new Uint8Array(8) };

/** A call whose client reads only when it is told to. */
class SlowCall extends EventEmitter {
  readonly request: Buffer;
  cancelled = false;
  ended = false;
  writtenBytes = 0;
  readonly said: string[] = [];

  constructor(request: Uint8Array) {
    super();
    this.request = Buffer.from(request);
  }

  write({ frames }: MessageRun): boolean {
    this.writtenBytes += frames.length;
    for (let at = 0; at < frames.length;) {
      const end = at + 5 + frames.readUInt32BE(at + 1);
      this.said.push(fromBinary(ReadRespSchema, frames.subarray(at + 5, end)).content.case ?? 'nothing');
      at = end;
    }
    return false;
  }

  end(): void {
    this.ended = true;
  }
}

function readFrom(
  revisionOption: MessageInitShape<typeof ReadReq_Options_StreamOptionsSchema>['revisionOption'],
  subscribe: boolean,
): { call: SlowCall; done: Promise<void>; open: Set<unknown> } {
  const request = create(ReadReqSchema, {
    options: {
      streamOption: {
        case: 'stream',
        value: {
          streamIdentifier: { streamName: Buffer.from('big') },
          ...(revisionOption && { revisionOption }),
        },
      },
      countOption: subscribe ? { case: 'subscription', value: {} } : { case: 'count', value: 1_000_000n },
    },
  });
  const call = new SlowCall(toBinary(ReadReqSchema, request));
  const open = new Set<never>();
  // Only what a call of a server is used for here.
  const done = handleRead(store, call as unknown as ServerWritableStream<Buffer, MessageRun>, open);
  return { call, done, open };
}

const someTurns = async (): Promise<void> => {
  for (let i = 0; i < 50; i += 1) await turn();
};

describe('a reader that is slow', () => {
  it.each([false, true])(
    'is given no more than a page ahead, and everything in the end (subscription: %s)',
    async (subscribe) => {
      const { call, done } = readFrom({ case: 'start', value: {} }, subscribe);
      let rounds = 0;
      for (let before = -1; call.writtenBytes > before; rounds += 1) {
        before = call.writtenBytes;
        call.emit('drain');
        await someTurns();
        expect(call.writtenBytes - before).toBeLessThan(700_000);
      }
      expect(rounds).toBeGreaterThan(10);
      expect(call.writtenBytes).toBeGreaterThan(EVENTS * EVENT_BYTES);
      expect(call.ended).toBe(!subscribe);
      call.emit('cancelled');
      await done;
    },
  );

  it('costs nothing any more once it has gone', async () => {
    const { call, done, open } = readFrom({ case: 'start', value: {} }, true);
    await someTurns();
    expect(open.size).toBe(1);
    call.cancelled = true;
    call.emit('cancelled');
    await done;
    expect(open.size).toBe(0);
    const { writtenBytes } = call;
    call.emit('drain');
    await store.append('big', { kind: 'any' }, []);
    await someTurns();
    expect(call.writtenBytes).toBe(writtenBytes);
  });

  it('is told when he has fallen far behind, and when he has caught up again', async () => {
    const { call, done } = readFrom({ case: 'end', value: {} }, true);
    await someTurns();
    expect(call.said).toEqual(['confirmation', 'caughtUp']);
    for (let batch = 0; batch < 30; batch += 1) {
      await store.append(
        'big',
        { kind: 'any' },
        Array.from({ length: 100 }, (_, i) => ({ ...SMALL, id: `${batch * 100 + i}`.padStart(32, 'a') })),
      );
    }
    for (let before = -1; call.writtenBytes > before;) {
      before = call.writtenBytes;
      call.emit('drain');
      await someTurns();
    }
    const told = call.said.slice(2);
    expect(told.filter((word) => word === 'event')).toHaveLength(3000);
    expect(told.filter((word) => word !== 'event')).toEqual(['fellBehind', 'caughtUp']);
    expect(told.at(-1)).toBe('caughtUp');
    call.emit('cancelled');
    await done;
  });
});
