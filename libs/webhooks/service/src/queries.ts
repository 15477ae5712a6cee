import type { ListOptions } from '@touchline/contracts/common/v1/common';
import type { KeySource } from '@touchline/event-log';
import { listPage, type ProjectionRunner } from '@touchline/read-models';
import { maskToken, webhookStream } from '@touchline/webhooks-domain';
import { webhookMessage } from './messages.ts';
import { type WebhookDocument, webhooksModel } from './projections/webhooks.ts';
import { openToken } from './secrets.ts';

/** Reads of this context's read models. Each method throws MongoError. */
export class Queries {
  readonly #projections: ProjectionRunner;
  readonly #keys: KeySource;

  constructor(projections: ProjectionRunner, keys: KeySource) {
    this.#projections = projections;
    this.#keys = keys;
  }

  /** A page of an activity's webhooks, their tokens masked. */
  async listWebhooks(activity: number, options: ListOptions | undefined) {
    const { count, rows } = await listPage(await this.#projections.collection(webhooksModel), {
      filter: { activity },
      page: options?.page || 1,
      limit: options?.limit || 150,
    });
    return { count, rows: await Promise.all(rows.map((document) => this.#shown(document))) };
  }

  async #shown(document: WebhookDocument) {
    const { secret } = document;
    const token = secret
      ? await openToken(
          {
            keyId: secret.keyId,
            nonce: Buffer.from(secret.nonce, 'base64'),
            ciphertext: Buffer.from(secret.ciphertext, 'base64'),
          },
          webhookStream(document._id),
          this.#keys,
        )
      : undefined;
    return webhookMessage(document._id, document, maskToken(token ?? ''), document.revision);
  }
}
