import { Metadata, status, type StatusObject } from '@grpc/grpc-js';

import type { ResolvedEvent, UuidForm } from '../wire/read-event.ts';
import { type MessageRun, MessageRunBuilder } from '../wire/message-run.ts';

/** The part of a streaming call that its answers need. */
export interface OutgoingCall {
  readonly cancelled: boolean;
  write(run: MessageRun): boolean;
  end(): void;
  on(event: 'cancelled' | 'drain', listener: () => void): unknown;
  emit(event: 'error', status: StatusObject): unknown;
}

const RUN_BYTES = 64 * 1024;
/** A long search gives way to others after so long. */
const TIME_SLICE_MS = 5;

/** What a call sends: gathered into runs, held back when the client does not read. */
export class Outgoing {
  readonly #call: OutgoingCall;
  readonly #run = new MessageRunBuilder();
  readonly #wakers = new Set<() => void>();
  #full = false;
  #over = false;
  #sliceEnd = performance.now() + TIME_SLICE_MS;

  constructor(call: OutgoingCall) {
    this.#call = call;
    call.on('cancelled', () => this.#finish());
    call.on('drain', () => {
      this.#full = false;
      this.#wake();
    });
  }

  /** Whether nobody listens any more. */
  get over(): boolean {
    return this.#over || this.#call.cancelled;
  }

  /** Whether the client does not keep up with what was sent. */
  get full(): boolean {
    return this.#full;
  }

  event(resolved: ResolvedEvent, uuidForm: UuidForm): void {
    this.#run.addEvent(resolved, uuidForm);
    if (this.#run.length >= RUN_BYTES) this.send();
  }

  message(bytes: Uint8Array): void {
    this.#run.add(bytes);
  }

  send(): void {
    if (this.#run.length === 0) return;
    const run = this.#run.take();
    if (!this.over) this.#full = !this.#call.write(run);
  }

  /** Returns when there is room for more and others had their turn; at once when the call is over. */
  async ready(): Promise<void> {
    while (this.#full && !this.over) await this.#woken();
    if (performance.now() < this.#sliceEnd) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#sliceEnd = performance.now() + TIME_SLICE_MS;
  }

  /** Waits for `wake` to be called by the function given, or for the end of the call. */
  async waitFor(subscribe: (wake: () => void) => () => void): Promise<void> {
    if (this.over) return;
    const stop = subscribe(() => this.#wake());
    await this.#woken();
    stop();
    this.#sliceEnd = performance.now() + TIME_SLICE_MS;
  }

  end(): void {
    if (this.over) return;
    this.send();
    this.#finish();
    this.#call.end();
  }

  fail(failure: StatusObject): void {
    if (this.over) return;
    this.send();
    this.#finish();
    this.#call.emit('error', failure);
  }

  /** Ends the call because the server stops; the client may try again elsewhere or later. */
  shutDown(): void {
    this.fail({ code: status.UNAVAILABLE, details: 'The log is shutting down.', metadata: new Metadata() });
  }

  #finish(): void {
    this.#over = true;
    this.#wake();
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => this.#wakers.add(resolve));
  }

  #wake(): void {
    const wakers = [...this.#wakers];
    this.#wakers.clear();
    for (const wake of wakers) wake();
  }
}
