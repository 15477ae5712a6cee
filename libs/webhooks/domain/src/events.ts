// These events are stored for ever: fields may be added, none may change its meaning.

export interface WebhookFields {
  readonly activity: number;
  readonly url: string;
  /** Undefined when its key has been destroyed. */
  readonly secretToken: string | undefined;
  readonly activityEvents: boolean;
  readonly timeFramesEvents: boolean;
}

export type WebhookEvent =
  | ({ readonly type: 'WebhookCreated'; readonly webhookId: number } & WebhookFields)
  /** Also ends that it is disabled. */
  | ({ readonly type: 'WebhookUpdated'; readonly webhookId: number } & WebhookFields)
  /** Its receiver said that it is gone. */
  | { readonly type: 'WebhookDisabled'; readonly webhookId: number }
  | { readonly type: 'WebhookDeleted'; readonly webhookId: number };
