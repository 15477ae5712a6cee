import { spawn } from 'node:child_process';
import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type handleUnaryCall,
  type ServerDuplexStream,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import features from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import featuresPb from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_grpc_pb.js';
import pb from '@eventstore/db-client/generated/streams_pb.js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { EventLogUnavailable } from './errors.ts';
import type { EncodedEvent } from './event.ts';
import { eventId } from './event-id.ts';
import { EventLog } from './event-log.ts';
import { formatPosition } from './position.ts';
import type { SubscriptionItem } from './subscription.ts';

type ReadCall = ServerWritableStream<pb.ReadReq, pb.ReadResp>;
type BatchCall = ServerDuplexStream<pb.BatchAppendReq, pb.BatchAppendResp>;

interface Script {
  /** Told of each append on a call, with the ids of its events. */
  append?: (ids: string[], call: BatchCall, request: pb.BatchAppendReq) => void;
  read?: (call: ReadCall) => void;
}

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A server that answers as it is told to. */
async function scriptedServer(script: Script, port = 0): Promise<string> {
  const server = new Server();
  const supported: handleUnaryCall<shared.Empty, featuresPb.SupportedMethods> = (_call, answer) => {
    const method = new featuresPb.SupportedMethod();
    method.setServiceName('event_store.client.streams.streams').setMethodName('batchappend');
    answer(
      null,
      new featuresPb.SupportedMethods().setEventStoreServerVersion('23.10.0').setMethodsList([method]),
    );
  };
  const batchAppend = (call: BatchCall) =>
    call.on('data', (request: pb.BatchAppendReq) => {
      const ids = request.getProposedMessagesList().map((message) => message.getId()?.getString() ?? '');
      script.append?.(ids, call, request);
    });
  const ignore = () => undefined;
  server.addService(features.ServerFeaturesService, { getSupportedMethods: supported } as never);
  server.addService(streams.StreamsService, {
    append: ignore,
    batchAppend,
    read: script.read ?? ignore,
    delete: ignore,
    tombstone: ignore,
  } as never);
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, at) =>
      error ? reject(error) : resolve(at),
    );
  });
  closers.push(() => server.forceShutdown());
  return `esdb://127.0.0.1:${bound}?tls=false`;
}

function connect(url: string, timeoutMs = 600): EventLog {
  const log = EventLog.connect({ url, appendTimeoutMs: timeoutMs, readTimeoutMs: timeoutMs });
  closers.push(() => log.close());
  return log;
}

const event: EncodedEvent = {
  type: 'test.v1.Happened',
  id: eventId('command', 'test-1', 0),
  data: { what: 'it' },
  metadata: { correlation_id: 'c', actor: 'user:1', at: '2021-11-19T10:00:00.000Z' },
};

function success(request: pb.BatchAppendReq): pb.BatchAppendResp {
  const position = new shared.AllStreamPosition().setCommitPosition('7').setPreparePosition('7');
  const done = new pb.BatchAppendResp.Success().setCurrentRevision('0').setPosition(position);
  return new pb.BatchAppendResp().setCorrelationId(request.getCorrelationId()).setSuccess(done);
}

function recorded(place: number): pb.ReadResp {
  const name = new shared.StreamIdentifier().setStreamName(Buffer.from('test-1').toString('base64'));
  const stored = new pb.ReadResp.ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(eventId('command', 'test-1', place)))
    .setStreamIdentifier(name)
    .setStreamRevision(String(place))
    .setCommitPosition(String(place))
    .setPreparePosition(String(place))
    .setData(Buffer.from('{}').toString('base64'))
    .setCustomMetadata(Buffer.from('{}').toString('base64'));
  stored.getMetadataMap().set('type', 'test.v1.Happened').set('content-type', 'application/json');
  return new pb.ReadResp().setEvent(new pb.ReadResp.ReadEvent().setEvent(stored));
}

const unavailable = () =>
  Object.assign(new Error('going away'), { code: status.UNAVAILABLE, metadata: new Metadata() });

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** Runs TypeScript in a process of its own; it may die without taking the suite along. */
function run(source: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(
    process.execPath,
    ['--conditions=touchline-source', '--input-type=module-typescript', '--eval', source],
    { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  child.stdout.on('data', (text) => (output += text));
  child.stderr.on('data', (text) => (output += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

describe('an append', () => {
  test('to a stalled server ends in time', async () => {
    const log = connect(await scriptedServer({}));
    const begunMs = performance.now();
    await expect(log.append('test-1', [event], 'no_stream')).rejects.toThrow(EventLogUnavailable);
    expect(performance.now() - begunMs).toBeLessThan(2_000);
  });

  test('whose answer is neither success nor error ends in time', async () => {
    const log = connect(
      await scriptedServer({
        append: (_ids, call, request) =>
          call.write(new pb.BatchAppendResp().setCorrelationId(request.getCorrelationId())),
      }),
    );
    await expect(log.append('test-1', [event], 'no_stream')).rejects.toThrow('the server gave no position');
  });

  test('whose answer is lost is sent again with the same ids', async () => {
    const seen: string[][] = [];
    const log = connect(
      await scriptedServer({
        append: (ids, call, request) => {
          seen.push(ids);
          if (seen.length > 1) call.write(success(request));
        },
      }),
    );
    expect(await log.append('test-1', [event], 'no_stream')).toEqual({
      revision: 0,
      position: formatPosition({ commit: 7n, prepare: 7n }),
    });
    expect(seen).toEqual([[event.id], [event.id]]);
  });

  test('whose answer is lost keeps no other from being answered', async () => {
    const calls = new Set<BatchCall>();
    const log = connect(
      await scriptedServer({
        append: ([id], call, request) => {
          calls.add(call);
          if (id !== event.id) call.write(success(request));
        },
      }),
    );
    const lost = expect(log.append('test-1', [event], 'any')).rejects.toThrow('no answer within');
    let isLost = false;
    void lost.then(() => (isLost = true));
    while (!isLost) {
      const other = { ...event, id: eventId('command', 'test-2', 0) };
      await expect(log.append('test-2', [other], 'any')).resolves.toMatchObject({ revision: 0 });
    }
    await lost;
    expect(calls.size).toBe(1);
  });

  test('is sent over another call when nobody is answered', async () => {
    const calls = new Set<BatchCall>();
    const log = connect(
      await scriptedServer({
        append: (_ids, call, request) => {
          calls.add(call);
          if (calls.size > 1) call.write(success(request));
        },
      }),
    );
    const appends = ['test-1', 'test-2'].map((stream) => log.append(stream, [event], 'any'));
    await expect(Promise.all(appends)).resolves.toHaveLength(2);
    expect(calls.size).toBe(2);
  });

  test('is told from others by its correlation id, in whichever form it comes back', async () => {
    const log = connect(
      await scriptedServer({
        append: (_ids, call, request) => {
          const digits = request.getCorrelationId()!.getString().replaceAll('-', '');
          const bits = (from: number) =>
            BigInt.asIntN(64, BigInt(`0x${digits.slice(from, from + 16)}`)).toString();
          const structured = new shared.UUID.Structured()
            .setMostSignificantBits(bits(0))
            .setLeastSignificantBits(bits(16));
          call.write(success(request).setCorrelationId(new shared.UUID().setStructured(structured)));
        },
      }),
    );
    const appends = Array.from({ length: 20 }, (_, i) => log.append(`test-${i}`, [event], 'any'));
    await expect(Promise.all(appends)).resolves.toHaveLength(20);
  });

  test.each([
    ['breaks', (call: BatchCall) => call.emit('error', unavailable())],
    ['ends', (call: BatchCall) => call.end()],
  ])('is sent again after the call %s', async (_how, end) => {
    let appends = 0;
    const log = connect(
      await scriptedServer({
        append: (_ids, call, request) => (++appends === 1 ? end(call) : call.write(success(request))),
      }),
    );
    await expect(log.append('test-1', [event], 'no_stream')).resolves.toMatchObject({ revision: 0 });
    expect(appends).toBe(2);
  });

  test('that the server refuses is not sent again', async () => {
    let appends = 0;
    const refused = Object.assign(new Error('no'), {
      code: status.PERMISSION_DENIED,
      metadata: new Metadata(),
    });
    const log = connect(
      await scriptedServer({ append: (_ids, call) => (appends++, call.emit('error', refused)) }),
    );
    await expect(log.append('test-1', [event], 'no_stream')).rejects.toMatchObject({ code: 'refused' });
    expect(appends).toBe(1);
  });

  test('to nobody fails as unavailable and succeeds once somebody listens there', async () => {
    const url = await scriptedServer({});
    const log = connect(url, 5_000);
    closers.pop();
    await closers.pop()!();
    closers.push(() => log.close());
    await expect(connect(url, 300).append('test-1', [event], 'any')).rejects.toThrow(EventLogUnavailable);
    const waiting = log.append('test-1', [event], 'any');
    const port = Number(new URL(url.replace('esdb:', 'http:')).port);
    await scriptedServer({ append: (_ids, call, request) => call.write(success(request)) }, port);
    await expect(waiting).resolves.toMatchObject({ revision: 0 });
  });
});

describe('a second answer to a settled batch append', () => {
  const answerTwice: Script['append'] = (_ids, call, request) => {
    call.write(success(request));
    call.write(success(request));
  };
  const appendThenPrint = (connected: string) => `
    ${connected}
    console.log('appended');
    await new Promise((resolve) => setTimeout(resolve, 300));
    console.log('alive');
    process.exit(0);`;

  test('ends the process of one who uses the bare client', async () => {
    const url = await scriptedServer({ append: answerTwice });
    const { code, output } = await run(
      appendThenPrint(`
        import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
        const client = EventStoreDBClient.connectionString('${url}');
        await client.appendToStream('test-1', jsonEvent({ type: 'a', data: {} }));`),
    );
    expect(output).toContain('is not iterable');
    expect(code).toBe(1);
  });

  test('is passed over by the log', async () => {
    const url = await scriptedServer({ append: answerTwice });
    const { code, output } = await run(
      appendThenPrint(`
        import { EventLog } from '@touchline/event-log';
        const log = EventLog.connect({ url: '${url}' });
        await log.append('test-1', [${JSON.stringify(event)}], 'any');`),
    );
    expect(output).toBe('appended\nalive\n');
    expect(code).toBe(0);
  });
});

describe('a read', () => {
  test('from a stalled server ends in time', async () => {
    const log = connect(await scriptedServer({}));
    const reading = collect(log.read('test-1'));
    await expect(reading).rejects.toThrow(EventLogUnavailable);
  });

  test('that stalls in its middle ends in time, after what came', async () => {
    const log = connect(await scriptedServer({ read: (call) => call.write(recorded(0)) }));
    const revisions: number[] = [];
    const reading = (async () => {
      for await (const { revision } of log.read('test-1')) revisions.push(revision);
    })();
    await expect(reading).rejects.toThrow('no answer within');
    expect(revisions).toEqual([0]);
  });

  test('that breaks before its first event is tried once more, later it is not', async () => {
    let calls = 0;
    const log = connect(
      await scriptedServer({
        read: (call) => {
          calls++;
          if (calls > 1) call.write(recorded(0));
          call.emit('error', unavailable());
        },
      }),
    );
    await expect(collect(log.read('test-1'))).rejects.toThrow(EventLogUnavailable);
    expect(calls).toBe(2);
  });
});

describe('a subscription', () => {
  const positionsAsked = (call: ReadCall) =>
    call.request.getOptions()!.getAll()!.getPosition()?.getCommitPosition();

  test('goes on after its last event when the server breaks it off or ends it', async () => {
    const asked: unknown[] = [];
    const url = await scriptedServer({
      read: (call) => {
        asked.push(positionsAsked(call));
        const place = asked.length;
        call.write(new pb.ReadResp().setCaughtUp(new pb.ReadResp.CaughtUp()));
        call.write(recorded(place));
        if (place === 1) call.emit('error', unavailable());
        if (place === 2) call.end();
      },
    });
    const log = connect(url);
    const stop = new AbortController();
    const interruptions = vi.fn();
    const items: SubscriptionItem[] = [];
    for await (const item of log.subscribe({ signal: stop.signal, onInterruption: interruptions })) {
      items.push(item);
      if (items.length === 6) stop.abort();
    }
    expect(asked).toEqual([undefined, '1', '2']);
    expect(items.map((item) => (item.kind === 'event' ? item.event.revision : item.kind))).toEqual([
      'caught-up',
      1,
      'caught-up',
      2,
      'caught-up',
      3,
    ]);
    expect(interruptions).toHaveBeenCalledTimes(2);
  });

  test('ends when it is told to, also while nothing comes', async () => {
    let subscribed = false;
    const log = connect(await scriptedServer({ read: () => void (subscribed = true) }));
    const stop = new AbortController();
    const ended = collect(log.subscribe({ signal: stop.signal }));
    await vi.waitUntil(() => subscribed);
    stop.abort();
    expect(await ended).toEqual([]);
  });

  test('ends when the log is closed', async () => {
    const log = connect(await scriptedServer({ read: (call) => call.write(recorded(1)) }));
    const items = [];
    for await (const item of log.subscribe({ signal: new AbortController().signal })) {
      items.push(item);
      await log.close();
    }
    expect(items).toHaveLength(1);
  });
});
