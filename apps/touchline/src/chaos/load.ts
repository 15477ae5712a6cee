import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Kind, kinds, type Operation, requestOf, startOf } from './operation.ts';
import type { Subject } from './subject.ts';

const ANSWER_WITHIN_MS = 15_000;
const AFTER_REFUSAL_MS = 50;
/** Between two writes of a kind: what is measured are refusals, and those who start again need the processor, too. */
const EVERY_MS = 25;

/** Writers of all kinds, each with one write under way, none of which is ever sent twice. */
export class Load {
  readonly operations: Operation[] = [];
  readonly #url: string;
  readonly #subject: Subject;
  readonly #counts: Map<Kind, number>;
  readonly #writers: Promise<void>[];
  #writing = true;

  /** @param counts of operations of each kind so far, over all loads on the subject */
  constructor(url: string, subject: Subject, counts: Map<Kind, number>) {
    this.#url = url;
    this.#subject = subject;
    this.#counts = counts;
    this.#writers = kinds.map((kind) => this.#write(kind));
    // Told by `stop`.
    for (const writer of this.#writers) writer.catch(() => undefined);
  }

  /** When the first write of the kind was acknowledged that was sent after this instant. */
  firstAfter(kind: Kind, instantMs: number): number | undefined {
    return this.operations.find(
      (operation) => operation.kind === kind && operation.sentMs >= instantMs && operation.acknowledged,
    )?.answeredMs;
  }

  /** @throws Error when a write was answered in a way that no fault explains */
  async stop(): Promise<void> {
    this.#writing = false;
    await Promise.all(this.#writers);
  }

  async #write(kind: Kind): Promise<void> {
    while (this.#writing) {
      const count = this.#counts.get(kind) ?? 0;
      this.#counts.set(kind, count + 1);
      const operation: Operation = {
        kind,
        name: `${kind} ${randomUUID()}`,
        startMs: startOf(kind, count),
        sentMs: performance.now(),
        acknowledged: false,
        refused: false,
      };
      this.operations.push(operation);
      const outcome = await this.#send(operation);
      operation.answeredMs = performance.now();
      operation.acknowledged = outcome === 'acknowledged';
      operation.refused = outcome === 'refused';
      if (outcome === 'not sent') this.operations.splice(this.operations.indexOf(operation), 1);
      const restMs = operation.acknowledged
        ? EVERY_MS - (operation.answeredMs - operation.sentMs)
        : AFTER_REFUSAL_MS;
      if (restMs > 0) await delay(restMs);
    }
  }

  async #send(operation: Operation): Promise<'acknowledged' | 'refused' | 'unknown' | 'not sent'> {
    const { path, token, body } = requestOf(operation, this.#subject);
    try {
      const response = await fetch(`${this.#url}/api/v1${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const text = await response.text();
      if (response.ok) return 'acknowledged';
      if (response.status === 503 || response.status === 429) return 'refused';
      if (response.status >= 500) return 'unknown';
      throw new Error(`${operation.kind}: ${response.status} ${text}`);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const { cause } = error;
      if (cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED') return 'not sent';
      // The connection broke, or nobody answered in time.
      if (error instanceof TypeError || error.name === 'TimeoutError') return 'unknown';
      throw error;
    }
  }
}
