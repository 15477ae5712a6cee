import { randomUUID } from 'node:crypto';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { Status } from '@eventstore/db-client/generated/status_pb.js';
import type { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import pb from '@eventstore/db-client/generated/streams_pb.js';
import { AppendTooLarge, EventLogError, EventLogUnavailable, WrongExpectedRevision } from './errors.ts';
import type { Appended, ExpectedRevision } from './event.ts';
import { formatPosition } from './position.ts';
import { MAX_APPEND_BYTES, type ProposedEvent } from './validate-append.ts';

/** Many appends over one call, each answered for itself. */
type BatchAppend = ReturnType<StreamsClient['batchAppend']>;

export interface Append {
  readonly stream: string;
  readonly events: readonly ProposedEvent[];
  readonly expected: ExpectedRevision;
}

interface Waiting extends Pick<Append, 'stream' | 'expected'> {
  readonly answered: PromiseWithResolvers<Appended>;
}

/**
 * Appends over one `BatchAppend`, which costs both sides a fraction of a call for each. No deadline is sent: the
 * server's clock may differ, and it has a limit of its own.
 */
export class AppendCall {
  readonly #call: BatchAppend;
  readonly #waiting = new Map<string, Waiting>();
  #answeredMs = 0;
  #isOver = false;

  constructor(call: BatchAppend) {
    this.#call = call;
    call.on('data', (response: pb.BatchAppendResp) => this.#answer(response));
    call.on('error', (error) => this.#end(error));
    call.on('end', () => this.#end(new EventLogUnavailable('append: the server ended the call')));
  }

  /** Nothing can be appended over it any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** To be called while the call is not over. @throws EventLogError, or what ended the call */
  async append({ stream, events, expected }: Append, timeoutMs: number): Promise<Appended> {
    const id = randomUUID();
    const sentMs = performance.now();
    const answered = Promise.withResolvers<Appended>();
    this.#waiting.set(id, { stream, expected, answered });
    const timer = setTimeout(() => {
      answered.reject(
        new EventLogUnavailable(`append to ${stream}: no answer within ${Math.round(timeoutMs)} ms`),
      );
      // It is the call that stalls when nobody was answered meanwhile: what it still holds would only gather.
      if (this.#answeredMs < sentMs) this.cancel();
    }, timeoutMs);
    try {
      this.#call.write(request(id, stream, events, expected));
      return await answered.promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /** Those who wait get an error; what they appended may be written all the same. */
  cancel(): void {
    this.#isOver = true;
    this.#call.cancel();
  }

  #end(error: Error): void {
    this.#isOver = true;
    for (const { answered } of this.#waiting.values()) answered.reject(error);
  }

  #answer(response: pb.BatchAppendResp): void {
    this.#answeredMs = performance.now();
    // A server may answer again what it has answered, and late what nobody waits for any more.
    const waiting = this.#waiting.get(uuidText(response.getCorrelationId()));
    if (!waiting) return;
    const { stream, expected, answered } = waiting;
    const error = response.getError();
    if (error) return answered.reject(refusal(error, stream, expected));
    const success = response.getSuccess();
    const position = success?.getPosition();
    if (!success || !position)
      return answered.reject(new EventLogUnavailable(`append to ${stream}: the server gave no position`));
    answered.resolve({
      revision: Number(success.getCurrentRevision()),
      position: formatPosition({
        commit: BigInt(position.getCommitPosition()),
        prepare: BigInt(position.getPreparePosition()),
      }),
    });
  }
}

function request(
  id: string,
  stream: string,
  events: readonly ProposedEvent[],
  expected: ExpectedRevision,
): pb.BatchAppendReq {
  const options = new pb.BatchAppendReq.Options().setStreamIdentifier(
    new shared.StreamIdentifier().setStreamName(Buffer.from(stream)),
  );
  if (expected === 'any') options.setAny(new shared.Empty());
  else if (expected === 'no_stream') options.setNoStream(new shared.Empty());
  else options.setStreamPosition(String(expected));
  return new pb.BatchAppendReq()
    .setCorrelationId(new shared.UUID().setString(id))
    .setOptions(options)
    .setProposedMessagesList(events.map(proposedMessage))
    .setIsFinal(true);
}

function proposedMessage({ id, type, isJson, data, metadata }: ProposedEvent) {
  const message = new pb.BatchAppendReq.ProposedMessage()
    .setId(new shared.UUID().setString(id))
    .setData(data)
    .setCustomMetadata(metadata);
  message
    .getMetadataMap()
    .set('type', type)
    .set('content-type', isJson ? 'application/json' : 'application/octet-stream');
  return message;
}

function refusal(status: Status, stream: string, expected: ExpectedRevision): EventLogError {
  const details = status.getDetails();
  const type = details?.getTypeName() ?? '';
  const what = `append to ${stream}: ${status.getMessage() || type || 'the server says nothing more'}`;
  switch (type) {
    case 'event_store.client.WrongExpectedVersion': {
      const { WrongExpectedVersion } = shared;
      const found = details?.unpack((bytes) => WrongExpectedVersion.deserializeBinary(bytes), type);
      const actual = found?.hasCurrentStreamRevision() ? Number(found.getCurrentStreamRevision()) : undefined;
      return new WrongExpectedRevision(stream, expected, actual);
    }
    case 'event_store.client.StreamDeleted':
      return new EventLogError('stream_deleted', `append to ${stream}: the stream was deleted for ever`);
    case 'event_store.client.MaximumAppendSizeExceeded':
      return new AppendTooLarge(stream, MAX_APPEND_BYTES, MAX_APPEND_BYTES);
    case 'event_store.client.AccessDenied':
    case 'event_store.client.BadRequest':
      return new EventLogError('refused', what);
    default:
      return new EventLogUnavailable(what);
  }
}

/** Servers answer in either form, whichever they were asked in. */
function uuidText(uuid: shared.UUID | undefined): string {
  const structured = uuid?.getStructured();
  if (!structured) return uuid?.getString() ?? '';
  const digits = [structured.getMostSignificantBits(), structured.getLeastSignificantBits()]
    .map((bits) => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0'))
    .join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
