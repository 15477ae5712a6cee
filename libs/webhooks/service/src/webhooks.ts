import {
  type CommandContext,
  type EventCodec,
  loadStream,
  runCommand,
  type StreamLog,
  type WrittenPosition,
} from '@touchline/event-log';
import {
  decideWebhook,
  evolveWebhook,
  initialWebhook,
  type WebhookCommand,
  type WebhookEvent,
  type WebhookState,
  webhookStream,
} from '@touchline/webhooks-domain';
import { rejectionStatus } from './rejection-status.ts';

const decider = { initial: initialWebhook, evolve: evolveWebhook, decide: decideWebhook };

export interface LoadedWebhook {
  readonly state: WebhookState;
  readonly revision: number;
}

/** Webhooks in the log. Each method throws EventLogUnavailable and EventLogError. */
export class Webhooks {
  readonly #log: StreamLog;
  readonly #codec: EventCodec<WebhookEvent>;

  constructor(log: StreamLog, codec: EventCodec<WebhookEvent>) {
    this.#log = log;
    this.#codec = codec;
  }

  load(id: number): Promise<LoadedWebhook> {
    return loadStream<WebhookState, WebhookEvent>(this.#log, webhookStream(id), this.#codec, decider);
  }

  /**
   * @param ifRevision the revision that the webhook must have for a change
   * @throws RpcError for a rejection
   */
  async run(
    id: number,
    command: WebhookCommand,
    context: CommandContext,
    ifRevision?: number,
  ): Promise<LoadedWebhook & { readonly written: readonly WrittenPosition[] }> {
    const result = await runCommand({
      log: this.#log,
      stream: webhookStream(id),
      codec: this.#codec,
      decider,
      command,
      context,
      beforeAppend: (_events, { revision }) =>
        Promise.resolve(
          ifRevision === undefined || revision === ifRevision + 1
            ? undefined
            : { rejected: { code: 'revision_passed' } as const },
        ),
    });
    if (result.rejected) throw rejectionStatus(result.rejected);
    return result;
  }
}
