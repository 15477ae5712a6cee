import { LogCallError } from '../errors.ts';
import { eventBytes, MAX_APPEND_BYTES } from '../store/log-store.ts';
import type { ProposedEvent } from '../store/records.ts';

/** The events of one append as they come in; refuses at once what is too much, so that it need not be kept. */
export class EventGathering {
  readonly #events: ProposedEvent[] = [];
  #bytes = 0;

  get all(): readonly ProposedEvent[] {
    return this.#events;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws LogCallError when the events are too large together. */
  add(event: ProposedEvent): void {
    this.#bytes += eventBytes(event);
    if (this.#bytes > MAX_APPEND_BYTES) {
      this.#events.length = 0;
      throw new LogCallError({ code: 'append-too-large', limitBytes: MAX_APPEND_BYTES });
    }
    this.#events.push(event);
  }
}
