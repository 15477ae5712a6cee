import type { WebhookFields } from './events.ts';

interface Issued {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Who asked: `user:12`, `service:webhooks`. */
  readonly by: string;
}

export type WebhookCommand = Issued &
  (
    | { readonly type: 'CreateWebhook'; readonly webhookId: number; readonly fields: WebhookFields }
    /** A masked token keeps the one that it masks. */
    | { readonly type: 'UpdateWebhook'; readonly fields: WebhookFields }
    | { readonly type: 'DisableWebhook' }
    | { readonly type: 'DeleteWebhook' }
  );
