import type { WrittenPosition } from '@touchline/rpc';
import { type Clients, type ReadModelContext, readModelContexts } from './clients.ts';

const LONGEST_WAIT_MS = 5000;
/** After that a context may run newer code. */
const ASK_AGAIN_AFTER_MS = 10_000;

export interface WaitingLogger {
  warn(fields: object, message: string): void;
}

export interface ReadYourWritesOptions {
  readModels: Clients['readModels'];
  logger: WaitingLogger;
  timeoutMs?: number;
}

/**
 * Waits for the read models of those contexts that consume what was written. What a context consumes it says itself, so
 * that one which is away delays no write that does not concern it.
 */
export class ReadYourWrites {
  readonly #options: ReadYourWritesOptions;
  readonly #consumed = new Map<ReadModelContext, { types: ReadonlySet<string>; askedMs: number }>();
  readonly #gathering = new Map<ReadModelContext, { last: Map<string, string>; passed: Promise<void> }>();

  constructor(options: ReadYourWritesOptions) {
    this.#options = options;
  }

  /**
   * Returns when the read models of all contexts show what was written, after 5 s at the latest: what is in the log has
   * succeeded, so neither a slow nor a failing read model changes the answer.
   */
  async until(written: readonly WrittenPosition[], requestId: string): Promise<void> {
    if (written.length === 0) return;
    const { logger, timeoutMs = LONGEST_WAIT_MS } = this.#options;
    const deadlineMs = Date.now() + timeoutMs;
    const wait = async (context: ReadModelContext) => {
      try {
        await this.#gather(context, written, { requestId, deadlineMs });
      } catch (error) {
        logger.warn(
          { request_id: requestId, context, err: error },
          'read models did not show a write in time',
        );
      }
    };
    await Promise.all(readModelContexts.filter((context) => this.#mayConsume(context, written)).map(wait));
  }

  #mayConsume(context: ReadModelContext, written: readonly WrittenPosition[]): boolean {
    const consumed = this.#consumed.get(context);
    if (!consumed) return true;
    const nowMs = performance.now();
    if (nowMs - consumed.askedMs > ASK_AGAIN_AFTER_MS) {
      consumed.askedMs = nowMs;
      // Nobody waits for it: what is known serves until it answers.
      this.#ask(context, [], {}).catch(() => undefined);
    }
    return written.some(({ eventType }) => consumed.types.has(eventType));
  }

  /** The waits of one turn of the event loop become one: for the last position of each type. */
  #gather(
    context: ReadModelContext,
    written: readonly WrittenPosition[],
    options: { requestId: string; deadlineMs: number },
  ): Promise<void> {
    let gathered = this.#gathering.get(context);
    if (!gathered) {
      const last = new Map<string, string>();
      gathered = { last, passed: this.#passed(context, last, options) };
      this.#gathering.set(context, gathered);
    }
    for (const { eventType, position } of written) {
      if (position > (gathered.last.get(eventType) ?? '')) gathered.last.set(eventType, position);
    }
    return gathered.passed;
  }

  async #passed(
    context: ReadModelContext,
    last: ReadonlyMap<string, string>,
    options: { requestId: string; deadlineMs: number },
  ): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#gathering.delete(context);
    const positions = [...last].map(([eventType, position]) => ({ eventType, position }));
    await this.#ask(context, positions, options);
  }

  async #ask(
    context: ReadModelContext,
    positions: readonly WrittenPosition[],
    options: { requestId?: string; deadlineMs?: number },
  ): Promise<void> {
    const { message } = await this.#options.readModels[context].waitFor(
      { positions: [...positions] },
      options,
    );
    if (message.consumedTypes.length > 0)
      this.#consumed.set(context, { types: new Set(message.consumedTypes), askedMs: performance.now() });
  }
}
