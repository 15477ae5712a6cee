import { type ServerDuplexStream } from '@grpc/grpc-js';

import { invalidArgument, LogCallError, type LogRefusal } from '../errors.ts';
import {
  type BatchAppendReq,
  type BatchAppendReq_Options,
  BatchAppendReqSchema,
} from '../gen/event_store/client/streams_pb.ts';
import { type ExpectedRevision } from '../store/append-decision.ts';
import { type LogStore } from '../store/log-store.ts';
import { type MessageRun } from '../wire/message-run.ts';
import { decode, expectedRevision, proposedEvent, uuidDigits, writableStreamName } from '../wire/requests.ts';
import { errorStatus } from '../wire/status.ts';
import { type BatchAddress, batchAppended, batchNotAppended, batchRefused } from '../wire/write-responses.ts';
import { EventGathering } from './event-gathering.ts';
import { Outgoing } from './outgoing.ts';

/** An append whose events may come in several messages. It gets exactly one answer: clients were seen to die of a second. */
interface Batch {
  readonly address: BatchAddress;
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly deadlineMs: number;
  readonly events: EventGathering;
  readonly timer: NodeJS.Timeout | undefined;
  answered: boolean;
}

const MAX_UNFINISHED = 1000;
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Reading pauses while so much is on its way to the disk or back to the client. */
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
      for (const { timer } of this.#unfinished.values()) clearTimeout(timer);
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
    let request: BatchAppendReq;
    let id: string;
    try {
      request = decode(BatchAppendReqSchema, bytes);
      id = uuidDigits(request.correlationId, 'The correlation id of a batch');
    } catch (error) {
      // Without a correlation id nobody can be told but the whole call.
      this.#out.fail(errorStatus(error));
      return;
    }
    const started = this.#unfinished.get(id);
    // The rest of a batch that has its answer already.
    if (started === undefined && request.options === undefined && !request.isFinal) return;
    const address: BatchAddress = started?.address ?? {
      correlationId: request.correlationId,
      options: request.options,
    };
    try {
      this.#gather(id, started, address, request);
    } catch (error) {
      this.#refuse(id, started, address, request.isFinal, error);
    }
  }

  #gather(id: string, started: Batch | undefined, address: BatchAddress, request: BatchAppendReq): void {
    const batch = started ?? this.#start(id, address, request);
    if (!batch.answered)
      for (const message of request.proposedMessages) batch.events.add(proposedEvent(message));
    if (!request.isFinal) {
      if (started === undefined) this.#unfinished.set(id, batch);
      return;
    }
    this.#unfinished.delete(id);
    clearTimeout(batch.timer);
    if (!batch.answered) this.#append(batch);
  }

  #start(id: string, address: BatchAddress, request: BatchAppendReq): Batch {
    const { options } = request;
    if (options === undefined) throw invalidArgument('The options of the batch are missing.');
    if (this.#unfinished.size >= MAX_UNFINISHED)
      throw invalidArgument(`More than ${MAX_UNFINISHED} batches of one call are unfinished.`);
    const deadlineMs = deadlineOf(options);
    const batch: Batch = {
      address,
      stream: writableStreamName(options.streamIdentifier),
      expected: expectedRevision(options.expectedStreamPosition),
      deadlineMs,
      events: new EventGathering(),
      timer:
        request.isFinal || deadlineMs === Infinity
          ? undefined
          : setTimeout(() => this.#expire(id), Math.min(Math.max(0, deadlineMs - Date.now()), MAX_TIMER_MS)),
      answered: false,
    };
    return batch;
  }

  #expire(id: string): void {
    const batch = this.#unfinished.get(id);
    if (batch === undefined) return;
    this.#refuse(id, batch, batch.address, false, new LogCallError({ code: 'deadline-passed' }));
  }

  #refuse(
    id: string,
    batch: Batch | undefined,
    address: BatchAddress,
    isFinal: boolean,
    error: unknown,
  ): void {
    if (isFinal) this.#unfinished.delete(id);
    if (batch !== undefined) {
      if (batch.answered) return;
      batch.answered = true;
      clearTimeout(batch.timer);
    }
    this.#send(batchRefused(address, refusalOf(error)));
  }

  #append(batch: Batch): void {
    const { address, stream, expected, deadlineMs, events } = batch;
    if (deadlineMs <= Date.now()) {
      this.#send(batchRefused(address, { code: 'deadline-passed' }));
      return;
    }
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
