import type { ServerDuplexStream } from '@grpc/grpc-js';

import { invalidArgument, LogCallError, type LogRefusal } from '../errors.ts';
import {
  type BatchAppendReq,
  type BatchAppendReq_Options,
  BatchAppendReqSchema,
} from '../gen/event_store/client/streams_pb.ts';
import type { ExpectedRevision } from '../store/append-decision.ts';
import type { LogStore } from '../store/log-store.ts';
import type { MessageRun } from '../wire/message-run.ts';
import { decode, expectedRevision, proposedEvent, uuidDigits, writableStreamName } from '../wire/requests.ts';
import { errorStatus } from '../wire/status.ts';
import { type BatchAddress, batchAppended, batchNotAppended, batchRefused } from '../wire/write-responses.ts';
import { EventGathering } from './event-gathering.ts';
import { Outgoing } from './outgoing.ts';

/**
 * An append whose events may come in several messages. It gets exactly one answer: clients were seen to die of a second.
 * So one that was answered early is kept until its last message has come.
 */
interface Batch {
  readonly address: BatchAddress;
  /** Undefined once it is answered. */
  pending: Pending | undefined;
}

interface Pending {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly deadlineMs: number;
  readonly events: EventGathering;
  timer: NodeJS.Timeout | undefined;
}

const MAX_UNFINISHED = 1000;
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Reading pauses while so many appends are on their way to the disk. */
const MAX_IN_FLIGHT = 4096;

/** Answers one `BatchAppend`: many appends over one call, each told from the others by its correlation id. */
export class BatchAppendCall {
  readonly #store: LogStore;
  readonly #call: ServerDuplexStream<Buffer, MessageRun>;
  readonly #out: Outgoing;
  readonly #unfinished = new Map<string, Batch>();
  #inFlight = 0;
  #ended = false;
  #sending = false;

  constructor(store: LogStore, call: ServerDuplexStream<Buffer, MessageRun>, open: Set<Outgoing>) {
    this.#store = store;
    this.#call = call;
    this.#out = new Outgoing(call);
    open.add(this.#out);
    const close = (): void => {
      open.delete(this.#out);
      for (const { pending } of this.#unfinished.values()) clearTimeout(pending?.timer);
      this.#unfinished.clear();
    };
    call.on('data', (bytes: Buffer) => this.#receive(bytes));
    call.on('end', () => {
      this.#ended = true;
      close();
      this.#endWhenDone();
    });
    call.on('cancelled', close);
    call.on('drain', () => this.#regulate());
  }

  #receive(bytes: Buffer): void {
    if (this.#out.over) return;
    try {
      const request = decode(BatchAppendReqSchema, bytes);
      const id = uuidDigits(request.correlationId, 'The correlation id of a batch');
      const known = this.#unfinished.get(id);
      if (known === undefined && !request.isFinal && this.#unfinished.size >= MAX_UNFINISHED) {
        throw invalidArgument(`More than ${MAX_UNFINISHED} batches of one call are unfinished.`);
      }
      this.#gather(
        id,
        known ?? {
          address: { correlationId: request.correlationId, options: request.options },
          pending: undefined,
        },
        request,
        known === undefined,
      );
    } catch (error) {
      // Without a correlation id nobody can be told but the whole call.
      this.#out.fail(errorStatus(error));
    }
  }

  #gather(id: string, batch: Batch, request: BatchAppendReq, isFirst: boolean): void {
    try {
      if (isFirst) batch.pending = pendingOf(request);
      if (batch.pending !== undefined)
        for (const message of request.proposedMessages) batch.pending.events.add(proposedEvent(message));
    } catch (error) {
      this.#refuse(batch, refusalOf(error));
    }
    if (request.isFinal) this.#finish(id, batch);
    else if (isFirst) this.#keep(id, batch);
  }

  #keep(id: string, batch: Batch): void {
    this.#unfinished.set(id, batch);
    const { pending } = batch;
    if (pending === undefined || pending.deadlineMs === Infinity) return;
    const restMs = Math.min(Math.max(0, pending.deadlineMs - Date.now()), MAX_TIMER_MS);
    pending.timer = setTimeout(() => this.#refuse(batch, { code: 'deadline-passed' }), restMs);
  }

  #refuse(batch: Batch, refusal: LogRefusal): void {
    clearTimeout(batch.pending?.timer);
    batch.pending = undefined;
    this.#send(batchRefused(batch.address, refusal));
  }

  #finish(id: string, batch: Batch): void {
    this.#unfinished.delete(id);
    const { address, pending } = batch;
    if (pending === undefined) return;
    const { stream, expected, deadlineMs, events } = pending;
    if (deadlineMs <= Date.now()) return this.#refuse(batch, { code: 'deadline-passed' });
    clearTimeout(pending.timer);
    this.#inFlight += 1;
    this.#regulate();
    this.#store
      .append(stream, expected, events.all)
      .then((outcome) => {
        switch (outcome.kind) {
          case 'written':
            return batchAppended(address, outcome);
          case 'wrong-expected-revision':
            return batchNotAppended(address, expected, outcome.actualRevision);
          case 'stream-deleted':
            return batchRefused(address, { code: 'stream-deleted', stream });
          default:
            return outcome satisfies never;
        }
      })
      .catch((error: unknown) => batchRefused(address, refusalOf(error)))
      .then((answer) => {
        this.#inFlight -= 1;
        this.#send(answer);
        this.#regulate();
        this.#endWhenDone();
      });
  }

  /** Answers that become ready together go out together. */
  #send(answer: Uint8Array): void {
    if (this.#out.over) return;
    this.#out.message(answer);
    if (this.#sending) return;
    this.#sending = true;
    process.nextTick(() => {
      this.#sending = false;
      this.#out.send();
      this.#endWhenDone();
      this.#regulate();
    });
  }

  #regulate(): void {
    const busy = this.#inFlight >= MAX_IN_FLIGHT || this.#out.full;
    if (busy && !this.#call.isPaused()) this.#call.pause();
    else if (!busy && this.#call.isPaused()) this.#call.resume();
  }

  #endWhenDone(): void {
    if (this.#ended && this.#inFlight === 0 && !this.#sending) this.#out.end();
  }
}

function refusalOf(error: unknown): LogRefusal {
  if (error instanceof LogCallError) return error.refusal;
  return {
    code: 'storage-failed',
    message: `The log failed: ${error instanceof Error ? error.message : String(error)}`,
  };
}

/** @throws LogCallError when the first message of a batch does not say where to append. */
function pendingOf({ options }: BatchAppendReq): Pending {
  if (options === undefined) throw invalidArgument('The options of the batch are missing.');
  return {
    stream: writableStreamName(options.streamIdentifier),
    expected: expectedRevision(options.expectedStreamPosition),
    deadlineMs: deadlineOf(options),
    events: new EventGathering(),
    timer: undefined,
  };
}

/** Milliseconds since the epoch; Infinity when the batch has no deadline. */
function deadlineOf({ deadlineOption }: BatchAppendReq_Options): number {
  switch (deadlineOption.case) {
    case 'deadline21100':
      return Number(deadlineOption.value.seconds) * 1000 + deadlineOption.value.nanos / 1e6;
    case 'deadline':
      return Date.now() + Number(deadlineOption.value.seconds) * 1000 + deadlineOption.value.nanos / 1e6;
    case undefined:
      return Infinity;
    default:
      return deadlineOption satisfies never;
  }
}
