import type { ServerWritableStream } from '@grpc/grpc-js';

import { ReadReqSchema } from '../gen/event_store/client/streams_pb.ts';
import type { LogStore } from '../store/log-store.ts';
import type { MessageRun } from '../wire/message-run.ts';
import { readPlan, type ReadPlan } from '../wire/read-plan.ts';
import { decode } from '../wire/requests.ts';
import { errorStatus } from '../wire/status.ts';
import { Outgoing } from './outgoing.ts';
import { readAll, readStream } from './read-pages.ts';
import { subscribeToAll, subscribeToStream } from './subscriptions.ts';

/** Answers one `Read`: a read with an end or a subscription. */
export async function handleRead(
  store: LogStore,
  call: ServerWritableStream<Buffer, MessageRun>,
  open: Set<Outgoing>,
): Promise<void> {
  const out = new Outgoing(call);
  open.add(out);
  try {
    await run(store, readPlan(decode(ReadReqSchema, call.request)), out);
    out.end();
  } catch (error) {
    out.fail(errorStatus(store.explain(error, 'read')));
  } finally {
    open.delete(out);
  }
}

function run(store: LogStore, plan: ReadPlan, out: Outgoing): Promise<void> {
  const { target } = plan;
  switch (target.kind) {
    case 'stream-forwards':
    case 'stream-backwards':
      return readStream(store.reader, plan, target, out);
    case 'all-forwards':
    case 'all-backwards':
      return readAll(store.reader, plan, target, out);
    case 'subscribe-stream':
      return subscribeToStream(store, plan, target, out);
    case 'subscribe-all':
      return subscribeToAll(store, plan, target, out);
    default:
      return target satisfies never;
  }
}
